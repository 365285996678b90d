"""Events and what they wait for: messages, signals, errors, escalations, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Check, Rule
from workflow_runtime.bpmn.model import Element, EventDefinition, EventKind, Kind, Message

_CATCHES: Final = frozenset({Kind.START_EVENT, Kind.INTERMEDIATE_CATCH_EVENT, Kind.BOUNDARY_EVENT})
_THROWS: Final = frozenset({Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT})


def catching_messages(context: LintContext) -> Iterator[tuple[Element, Message | None]]:
    """All that wait for a message, with the message; None where it is missing."""
    for element in context.elements:
        waits = element.kind in _CATCHES and element.event_kind() is EventKind.MESSAGE
        if waits or element.kind is Kind.RECEIVE_TASK:
            yield element, element.message


def _events(context: LintContext, kind: EventKind) -> Iterator[tuple[Element, EventDefinition]]:
    for element in context.elements:
        if element.event is not None and element.event.kind is kind:
            yield element, element.event


def _coded(kind: EventKind) -> Check:
    word = kind.value.lower()

    def check(context: LintContext) -> Iterator[Problem]:
        for element, event in _events(context, kind):
            # Of what throws, a deployment asks for the code itself (semantics#error-code-constant).
            if event.ref and not event.code and element.kind in _CATCHES:
                what = f"is about the {word} {event.ref!r}, which has no code"
                yield about(element, what, f"give the {word} a code")

    return check


def _links(context: LintContext) -> Iterator[Problem]:
    links = list(_events(context, EventKind.LINK))
    # Links join only within a scope (semantics#link-event); the opposite case, a link that is
    # thrown and not caught, is refused. By `id`: elements compare by value and have no hash.
    thrown = {(id(each.parent), event.name) for each, event in links if each.kind in _THROWS}
    for element, event in links:
        caught = element.kind is Kind.INTERMEDIATE_CATCH_EVENT and event.name
        if caught and (id(element.parent), event.name) not in thrown:
            yield about(
                element,
                f"catches the link {event.name!r}, to which nothing in its scope jumps",
                "add a link throw event of this name, or remove it",
            )


E = Severity.ERROR
RULES: Final = (
    Rule("message-reference", E, "What waits for a message names one that has a name."),
    Rule("subscription", E, "Messages that are waited for have a correlation key."),
    Rule("signal-reference", E, "Signal events name a signal that has a name."),
    Rule("error-reference", E, "Error events name an error that has a code.",
         _coded(EventKind.ERROR)),
    Rule("escalation-reference", E, "Escalation events name an escalation that has a code.",
         _coded(EventKind.ESCALATION)),
    Rule("link-event", E, "Links are thrown and caught by name, once in a scope.", _links),
    Rule("start-name", E, "What starts a process has a name that needs no variables."),
    Rule("duplicate-catch", E, "The same event is caught once in one place."),
)  # fmt: skip
