"""BPMN errors: raised where they are caught, caught where they can be raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts, Place, process_of
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, suggestion
from workflow_devkit.check.service_model import HandlerFacts, Names, ServiceModel
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.bpmn.catching import Catchers, called_among, catches
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
    processes = [process for _, process in facts.processes]
    called, catchers = called_among(processes), Catchers(processes)
    for file, element, handler in service.handled(facts.jobs):
        # An error that leaves a called process is caught, or not, by whoever calls it.
        if handler.raises and process_of(element).id not in called:
            yield from _uncaught((file, element), handler, list(catchers.of(element)))
    yield from _unraised(facts, service)


def _uncaught(place: Place, handler: HandlerFacts, seen: list[Element]) -> Iterator[Finding]:
    codes = {each.event.code for each in seen if each.event and each.event.code}
    for code in sorted(handler.raises):
        if not any(catches(each, code) for each in seen):
            yield finding_at(
                RULES,
                place,
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
    thrown = _ThrownElsewhere(service)
    for file, event in facts.error_catchers():
        code = event.event.code if event.event else None
        # An event without code catches every error (semantics#error-caught-by-code).
        if not code or code.startswith("=") or code in raised:
            continue
        codes = thrown.within(_covered(event))
        if codes is not None and code not in codes:
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


class _ThrownElsewhere:
    """Codes that are thrown by what is not in this code: other services, other processes."""

    def __init__(self, service: ServiceModel) -> None:
        self._service = service
        self._known: dict[int, Names | None] = {}

    def within(self, scope: Element) -> Names | None:
        """The codes thrown in a scope; None where they may be any."""
        # A scope may have thousands of events that catch. By `id`: elements have no hash.
        if id(scope) not in self._known:
            found = [self._thrown(each) for each in scope.walk()]
            sure = [codes for codes in found if codes is not None]
            self._known[id(scope)] = (
                frozenset[str]().union(*sure) if len(sure) == len(found) else None
            )
        return self._known[id(scope)]

    def _thrown(self, element: Element) -> Names | None:
        if element.kind is Kind.CALL_ACTIVITY:
            return None
        job_type = element.job_type()
        if job_type is not None:
            # A type that is missing or computed may belong to another service.
            ours = job_type in self._service.handlers
            return frozenset() if ours else None
        thrown = element.event if element.kind is Kind.END_EVENT else None
        if thrown is None or thrown.kind is not EventKind.ERROR:
            return frozenset()
        # An expression, or a missing code, may turn out to be any.
        return frozenset({thrown.code}) if thrown.code and thrown.code[0] != "=" else None
