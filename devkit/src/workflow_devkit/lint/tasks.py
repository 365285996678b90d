"""What activities need to be run: task types, called processes, loops, mappings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from workflow_devkit.engine.deploy_rules import NAME_PATH
from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, IoMapping, Kind
from workflow_runtime.versions import EXTENSIONS, OLDEST

_ALTERNATIVES: Final = {
    Kind.SERVICE_TASK: ("taskDefinition",),
    Kind.SEND_TASK: ("taskDefinition",),
    Kind.SCRIPT_TASK: ("script", "taskDefinition"),
    Kind.BUSINESS_RULE_TASK: ("calledDecision", "taskDefinition"),
}
_THROWS: Final = frozenset({Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT})
_VARIABLE = "use letters, digits and _, with dots between the parts, such as order.total"


def implementations(element: Element) -> tuple[str, ...]:
    """The extension elements of which it must have one; empty for what makes no job."""
    if element.kind in _THROWS:
        return ("taskDefinition",) if element.event_kind() is EventKind.MESSAGE else ()
    return _ALTERNATIVES.get(element.kind, ())


_TYPE = "give it a task type, such as orderProcess_sendEmail; handlers subscribe by it"


def _implementation(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        # None or several are refused at deploy; one with a blank value is taken.
        found = [tag for tag in implementations(element) if tag in element.extensions]
        for tag, name, value in _filled(element) if len(found) == 1 else ():
            if tag in found and _is_blank(value):
                remedy = _TYPE if name == "type" else f"fill in {name}"
                yield about(element, f"has a zeebe:{tag} with a blank {name}", remedy)


def _is_blank(text: str | None) -> bool:
    """Whether there is a text of nothing but spaces, which a deployment takes."""
    return bool(text) and not str(text).strip()


def _filled(element: Element) -> Iterator[tuple[str, str, str | None]]:
    task, script, decision = element.task, element.script, element.called_decision
    if task:
        yield "taskDefinition", "type", task.type
    if script:
        yield "script", "expression", script.expression
        yield "script", "resultVariable", script.result_variable
    if decision:
        yield "calledDecision", "decisionId", decision.decision_id
        yield "calledDecision", "resultVariable", decision.result_variable


def _called(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.CALL_ACTIVITY):
        if element.called and _is_blank(element.called.process_id):
            yield about(element, "calls no process", "fill in the process id of what it calls")


def _mappings(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        for side, mapping in _sides(element):
            if _is_blank(mapping.source):
                yield about(
                    element,
                    f"has an {side} mapping with a blank source: to {mapping.target or '?'}",
                    "fill in source, or remove the mapping",
                )


def _standard_loop(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if element.standard_loop:
            yield about(
                element,
                "has the standard loop marker, which Zeebe does not heed: it runs once",
                "make it multi-instance, or draw the loop with a gateway",
            )


def _sides(element: Element) -> Iterator[tuple[str, IoMapping]]:
    yield from (("input", mapping) for mapping in element.inputs)
    yield from (("output", mapping) for mapping in element.outputs)


def _results(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        for name, value in _written(element):
            if value and not NAME_PATH.fullmatch(value):
                yield about(
                    element, f"has {name} {value!r}, which is no name of a variable", _VARIABLE
                )


def _written(element: Element) -> Iterator[tuple[str, str | None]]:
    loop, script, decision = element.multi_instance, element.script, element.called_decision
    if loop:
        yield "inputElement", loop.input_element
        yield "outputCollection", loop.output_collection
    if script and element.kind is Kind.SCRIPT_TASK:
        yield "resultVariable", script.result_variable
    if decision and element.kind is Kind.BUSINESS_RULE_TASK:
        yield "resultVariable", decision.result_variable


def _retries(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        text = element.task.retries if element.task and implementations(element) else None
        # A static number is read as one, any other text fails when the job is made
        # (semantics#static-values, semantics#job-created).
        if text is not None and not text.startswith("=") and not _is_count(text):
            yield about(
                element,
                f"has retries {text!r}: each of its jobs would be an incident",
                "expected a whole number from 1, or an expression that starts with =",
            )


def _is_count(text: str) -> bool:
    try:
        # As the engine reads it: `3.0` and `3e0` are numbers too.
        number = Decimal(text.strip())
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 1


def _user_task(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.USER_TASK):
        if "userTask" in element.extensions:
            yield about(
                element,
                f"is a Zeebe user task, which Zeebe {OLDEST} does not run "
                f"({EXTENSIONS['userTask']} does)",
                "choose 'job worker' as its implementation",
            )


E = Severity.ERROR
RULES: Final = (
    Rule("implementation", E, "Tasks and thrown messages have a task type, a script or a "
         "decision.", _implementation),
    Rule("called-element", E, "Call activities name the process that they call.", _called),
    Rule("form", E, "Forms of user tasks are named, by id or by key."),
    Rule("loop-characteristics", E, "Multi-instance activities name the list that they repeat "
         "for."),
    Rule("standard-loop", E, "Activities repeat by multi-instance, not by a standard loop.",
         _standard_loop),
    Rule("io-mapping", E, "Mappings have a source and a target.", _mappings),
    Rule("variable-name", E, "Targets of mappings are names of variables."),
    Rule("result-variable", E, "Results are put into variables with valid names.", _results),
    Rule("retries", E, "Retries are a whole number from 1.", _retries),
    Rule("duplicate-task-headers", E, "Task headers have keys of their own, not the engine's."),
    Rule("candidates", E, "Candidates of user tasks are lists."),
    Rule("no-zeebe-user-task", E, f"User tasks are jobs, as in {OLDEST}.", _user_task),
)  # fmt: skip
