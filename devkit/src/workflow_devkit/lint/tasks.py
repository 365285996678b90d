"""What activities need to be run: task types, called processes, loops, mappings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, IoMapping, Kind
from workflow_runtime.versions import EXTENSIONS, OLDEST

PATH: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*")
_RESERVED: Final = frozenset(
    {"null", "true", "false", "function", "if", "then", "else", "for", "between", "instance", "of"}
)
_ALTERNATIVES: Final = {
    Kind.SERVICE_TASK: ("taskDefinition",),
    Kind.SEND_TASK: ("taskDefinition",),
    Kind.SCRIPT_TASK: ("script", "taskDefinition"),
    Kind.BUSINESS_RULE_TASK: ("calledDecision", "taskDefinition"),
}
_THROWS: Final = frozenset({Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT})
_OWN_HEADERS = "io.camunda.zeebe:"
_VARIABLE = "use letters, digits and _, with dots between the parts, such as order.total"


def implementations(element: Element) -> tuple[str, ...]:
    """The extension elements of which it must have one; empty for what makes no job."""
    if element.kind in _THROWS:
        return ("taskDefinition",) if element.event_kind() is EventKind.MESSAGE else ()
    return _ALTERNATIVES.get(element.kind, ())


def _implementation(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        wanted = implementations(element)
        found = [tag for tag in wanted if tag in element.extensions]
        if wanted and (len(found) != 1 or found[0] in element.repeated_extensions):
            yield about(
                element,
                f"needs exactly one {_either(wanted)}, has {_count(found)}",
                "give the task a type in the properties panel of the modeler",
            )
        elif found:
            yield from _filled(element, found[0])


def _either(tags: Iterable[str]) -> str:
    return " or ".join(f"zeebe:{tag}" for tag in tags)


def _count(found: list[str]) -> str:
    return "more" if found else "none"


def _filled(element: Element, tag: str) -> Iterator[Problem]:
    task, script, decision = element.task, element.script, element.called_decision
    fields = {
        "taskDefinition": {"type": task.type if task else None},
        "script": {
            "expression": script.expression if script else None,
            "resultVariable": script.result_variable if script else None,
        },
        "calledDecision": {
            "decisionId": decision.decision_id if decision else None,
            "resultVariable": decision.result_variable if decision else None,
        },
    }[tag]
    for name, value in fields.items():
        if not (value or "").strip():
            yield about(
                element,
                f"has a zeebe:{tag} without {name}",
                _TYPE if name == "type" else f"fill in {name}",
                tolerated=bool(value),
            )


_TYPE = "give it a task type, such as orderProcess_sendEmail; handlers subscribe by it"


def _called(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.CALL_ACTIVITY):
        if element.called is None or not (element.called.process_id or "").strip():
            yield about(element, "calls no process", "fill in the process id of what it calls")


def _loop(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        loop = element.multi_instance
        if loop is None:
            continue
        if not loop.input_collection:
            yield about(
                element,
                "repeats, but has no inputCollection",
                "fill in the list that it repeats for, such as =items",
            )
        elif bool(loop.output_collection) != bool(loop.output_element):
            missing = "outputElement" if loop.output_collection else "outputCollection"
            yield about(
                element,
                f"collects results, but has no {missing}",
                "fill in outputCollection and outputElement, or neither",
            )


def _standard_loop(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if element.standard_loop:
            yield about(
                element,
                "has the standard loop marker, which Zeebe does not heed: it runs once",
                "make it multi-instance, or draw the loop with a gateway",
            )


def _mappings(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        for side, mapping in _sides(element):
            for name, value in (("source", mapping.source), ("target", mapping.target)):
                if not value.strip():
                    yield about(
                        element,
                        f"has an {side} mapping without {name}: {_shown(mapping)}",
                        f"fill in {name}, or remove the mapping",
                    )


def _sides(element: Element) -> Iterator[tuple[str, IoMapping]]:
    yield from (("input", mapping) for mapping in element.inputs)
    yield from (("output", mapping) for mapping in element.outputs)


def _shown(mapping: IoMapping) -> str:
    return f"{mapping.source or '?'} to {mapping.target or '?'}"


def _targets(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        for side, mapping in _sides(element):
            if mapping.target.strip() and not is_path(mapping.target):
                yield about(
                    element,
                    f"maps an {side} to {mapping.target!r}, which is no name of a variable",
                    _VARIABLE,
                )


def is_path(text: str) -> bool:
    """Whether the engine takes it as the name of a variable, or as a path into one."""
    return bool(PATH.fullmatch(text)) and text not in _RESERVED


def _results(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        for name, value in _written(element):
            if value and not PATH.fullmatch(value):
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
        if text is not None and not text.startswith("=") and not _is_count(text):
            yield about(
                element,
                f"has retries {text!r}: each of its jobs would be an incident",
                "expected a whole number from 1, or an expression that starts with =",
            )


def _is_count(text: str) -> bool:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 1


def _headers(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        for key in sorted(element.repeated_headers):
            yield about(element, f"has the task header {key!r} more than once", "keep one of them")
        for key in element.headers:
            if key.startswith(_OWN_HEADERS):
                yield about(
                    element,
                    f"has the task header {key!r}, which is the engine's own",
                    f"choose a key that does not begin with {_OWN_HEADERS}",
                )


def _candidates(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.USER_TASK):
        for name in ("candidateGroups", "candidateUsers"):
            text = element.user_task.get(name, "")
            if text and not text.startswith("=") and not all(map(str.strip, text.split(","))):
                yield about(
                    element,
                    f"has {name} {text!r}, which is no list",
                    "separate names by commas, as in sales,support, or write an expression",
                )


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
         "decision.", _implementation, refused=True),
    Rule("called-element", E, "Call activities name the process that they call.", _called,
         refused=True),
    Rule("loop-characteristics", E, "Multi-instance activities name the list that they repeat "
         "for.", _loop, refused=True),
    Rule("standard-loop", E, "Activities repeat by multi-instance, not by a standard loop.",
         _standard_loop),
    Rule("io-mapping", E, "Mappings have a source and a target.", _mappings, refused=True),
    Rule("variable-name", E, "Targets of mappings are names of variables.", _targets,
         refused=True),
    Rule("result-variable", E, "Results are put into variables with valid names.", _results),
    Rule("retries", E, "Retries are a whole number from 1.", _retries),
    Rule("duplicate-task-headers", E, "Task headers have keys of their own, not the engine's.",
         _headers, refused=True),
    Rule("candidates", E, "Candidates of user tasks are lists.", _candidates, refused=True),
    Rule("no-zeebe-user-task", E, f"User tasks are jobs, as in {OLDEST}.", _user_task),
)  # fmt: skip
