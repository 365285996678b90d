"""Every expression of a diagram, and which functions it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from workflow_devkit.engine.deploy_rules import fault
from workflow_devkit.feel import BUILTINS
from workflow_devkit.findings import Severity
from workflow_devkit.lint.calls import called_functions
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.references import catching_messages
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind, SequenceFlow
from workflow_runtime.closest import did_you_mean
from workflow_runtime.versions import FUNCTIONS, OLDEST


class Site(NamedTuple):
    """Where a text stands that may be an expression."""

    owner: Element | SequenceFlow
    what: str
    text: str

    @property
    def is_feel(self) -> bool:
        """Whether the engine evaluates it."""
        return is_feel(self.text)

    def __str__(self) -> str:
        return f"{'an' if self.what[0] in 'aeiou' else 'a'} {self.what}"


def is_feel(text: str) -> bool:
    """Whether the engine evaluates a text; a lone ``=`` it takes as it stands."""
    return text.startswith("=") and len(text) > 1


def sites(context: LintContext) -> Iterator[Site]:
    """All texts of a file that may be expressions."""
    for element in context.elements:
        for what, text in _texts(element):
            if text:
                yield Site(element, what, text)
    for flow in context.flows.values():
        if flow.condition is not None:
            yield Site(flow, "condition", flow.condition)
    for element, message in catching_messages(context):
        if message is not None and message.correlation_key:
            yield Site(element, "correlation key", message.correlation_key)


def texts_of(element: Element) -> Iterator[str]:
    """Expressions of one element, without those of its flows; each begins with ``=``."""
    return (text for _, text in _texts(element) if text and is_feel(text))


def _texts(element: Element) -> Iterator[tuple[str, str | None]]:
    yield from _task_texts(element)
    yield from _event_texts(element)
    for mapping in element.inputs:
        yield f"input mapping to {mapping.target or '?'}", mapping.source
    for mapping in element.outputs:
        yield f"output mapping to {mapping.target or '?'}", mapping.source
    loop = element.multi_instance
    if loop is not None:
        yield "input collection", loop.input_collection
        yield "output element", loop.output_element
        yield "completion condition", loop.completion_condition


def _task_texts(element: Element) -> Iterator[tuple[str, str | None]]:
    if element.task is not None:
        yield "task type", element.task.type
        yield "retries", element.task.retries
    if element.called is not None:
        yield "called process", element.called.process_id
    if element.script is not None and element.kind is Kind.SCRIPT_TASK:
        yield "script", element.script.expression
    if element.called_decision is not None and element.kind is Kind.BUSINESS_RULE_TASK:
        yield "called decision", element.called_decision.decision_id
    yield from element.user_task.items()


def _event_texts(element: Element) -> Iterator[tuple[str, str | None]]:
    if element.message is not None:
        yield "message name", element.message.name
    event = element.event
    if event is None:
        return
    if event.timer is not None:
        yield "timer", event.timer.text
    if event.kind is EventKind.SIGNAL:
        yield "signal name", event.name
    if event.kind in {EventKind.ERROR, EventKind.ESCALATION}:
        yield f"{event.kind.lower()} code", event.code


def _static(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        text = element.multi_instance and element.multi_instance.completion_condition
        # A deployment takes a static one; at run time it is no boolean, which is an incident
        # (semantics#multi-instance-completion).
        if text and not is_feel(text):
            site = Site(element, "completion condition", text)
            what = f"has {site} that is no expression: {text!r}"
            yield _at(context, site, (1, 1), what, f"begin it with =, as in ={text.lstrip('=')}")


def _functions(context: LintContext) -> Iterator[tuple[Site, str]]:
    for site in sites(context):
        # What cannot be read is a refusal; there is nothing more to say about it.
        if site.is_feel and fault(site.text) is None:
            yield from ((site, name) for name in called_functions(site.text[1:]))


def _newer(context: LintContext) -> Iterator[Problem]:
    for site, name in _functions(context):
        if name in FUNCTIONS:
            yield _call(
                context,
                site,
                name,
                f"which came with Camunda {FUNCTIONS[name]}; in {OLDEST} it gives null",
                f"write it with functions of {OLDEST}",
            )


def _unknown(context: LintContext) -> Iterator[Problem]:
    for site, name in _functions(context):
        # A function of a later version is a finding of `feel-compatibility`.
        if name not in FUNCTIONS and name not in BUILTINS:
            hint = did_you_mean(name, BUILTINS) or "see docs/reference/feel.md"
            yield _call(context, site, name, "which does not exist: it gives null", hint)


def _call(context: LintContext, site: Site, name: str, why: str, remedy: str) -> Problem:
    # The parser keeps no positions of calls; the first of this name stands for all.
    found = re.search(rf"{re.escape(name)}\s*\(", site.text)
    before = site.text[: found.start() if found else 0]
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    return _at(context, site, place, f"has {site} that calls {name}(), {why}", remedy)


def _at(
    context: LintContext, site: Site, place: tuple[int, int], message: str, remedy: str
) -> Problem:
    problem = about(site.owner, message, remedy)
    # Column 0 means that it is not known: then the line is that of the element.
    line, column = context.locate(site.owner.id, site.text, place) or (problem.line, 0)
    return problem._replace(line=line, column=column)


E = Severity.ERROR
RULES: Final = (
    Rule("feel", E, "Every expression can be read: conditions, mappings, timers, keys, types, "
         "retries, loops."),
    Rule("static-expression", E, "Conditions, correlation keys, collections and scripts are "
         "expressions: they begin with =.", _static),
    Rule("feel-compatibility", E, f"Expressions call functions that {OLDEST} has.", _newer),
    Rule("feel-function", E, "Expressions call functions that exist.", _unknown),
)  # fmt: skip
