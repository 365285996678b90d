"""BPMN errors: raised where they are caught, caught where they can be raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts, process_of
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, suggestion
from workflow_devkit.check.service_model import HandlerFacts, ServiceModel
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.bpmn.catching import catchers, catches, may_be_called
from workflow_runtime.bpmn.model import Element, EventKind, Kind

RULES: Final[Rules] = {
    "uncaught-error": ContractRule(
        Severity.ERROR, "a BPMN error that a handler raises and no event catches"
    ),
    "unraised-error": ContractRule(
        Severity.WARNING, "a BPMN error that an event catches and nobody raises"
    ),
}


def findings(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    """Finds raised BPMN errors that nobody catches, and caught ones that nobody raises."""
    called = {
        process.id
        for _, process in facts.processes
        if may_be_called(process.id, (each for _, each in facts.processes))
    }
    for file, element, handler in service.handled(facts.jobs):
        # An error that leaves a called process is caught, or not, by whoever calls it.
        if process_of(element).id not in called:
            yield from _uncaught(file, element, handler)
    yield from _unraised(facts, service)


def _uncaught(file: str, element: Element, handler: HandlerFacts) -> Iterator[Finding]:
    seen = list(catchers(element))
    codes = {each.event.code for each in seen if each.event and each.event.code}
    for code in sorted(handler.raises):
        if not any(catches(each, code) for each in seen):
            yield finding_at(
                RULES,
                (file, element),
                "uncaught-error",
                f"{handler.name} raises BpmnError {code!r}, which no event catches here"
                f"{suggestion(code, codes)}",
                f"attach an error boundary event with the code {code!r}; where no way on is "
                "drawn, raise WorkflowIncident instead",
            )


def _unraised(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    raised = service.raised
    # Code that computes an error's code may raise any.
    if raised is None:
        return
    for file, event in facts.error_catchers():
        code = event.event.code if event.event else None
        # An event without code catches every error (semantics#error-caught-by-code).
        if not code or code.startswith("=") or code in raised:
            continue
        if not any(_may_throw(each, code, service) for each in _covered(event).walk()):
            yield finding_at(
                RULES,
                (file, event),
                "unraised-error",
                f"catches the error {code!r}, which no handler raises{suggestion(code, raised)}",
                f"raise BpmnError({code!r}) in a handler, correct the code, or remove the event",
            )


def _covered(event: Element) -> Element:
    """What runs inside of the event's reach."""
    # A boundary event covers its host; the start event of an event sub-process covers the scope
    # around that, in which the errors are thrown.
    scope = event.parent or event
    if event.attached_to:
        return scope.children.get(event.attached_to, scope)
    return scope.parent or scope


def _may_throw(element: Element, code: str, service: ServiceModel) -> bool:
    """Whether something that is not in this code throws it: other services, other processes."""
    if element.kind is Kind.CALL_ACTIVITY:
        return True
    if element.task:
        # A type that is missing or computed may belong to another service.
        return (element.task.type or "=") not in service.handlers
    thrown = element.event if element.kind is Kind.END_EVENT else None
    if thrown is None or thrown.kind is not EventKind.ERROR:
        return False
    return thrown.code in {None, code} or str(thrown.code).startswith("=")
