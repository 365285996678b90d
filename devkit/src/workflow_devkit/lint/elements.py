"""Which elements may be in a diagram at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.options import Profile
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind
from workflow_runtime.versions import ELEMENTS, OLDEST

_E = EventKind
Events = Mapping[Kind, frozenset[EventKind]]

ZEEBE_EVENTS: Final[Events] = {
    Kind.START_EVENT: frozenset(
        {_E.NONE, _E.MESSAGE, _E.TIMER, _E.ERROR, _E.SIGNAL, _E.ESCALATION}
    ),
    Kind.INTERMEDIATE_CATCH_EVENT: frozenset({_E.MESSAGE, _E.TIMER, _E.SIGNAL, _E.LINK}),
    Kind.INTERMEDIATE_THROW_EVENT: frozenset(
        {_E.NONE, _E.MESSAGE, _E.SIGNAL, _E.LINK, _E.ESCALATION}
    ),
    Kind.BOUNDARY_EVENT: frozenset({_E.MESSAGE, _E.TIMER, _E.ERROR, _E.SIGNAL, _E.ESCALATION}),
    Kind.END_EVENT: frozenset(
        {_E.NONE, _E.MESSAGE, _E.ERROR, _E.SIGNAL, _E.ESCALATION, _E.TERMINATE}
    ),
}
"""What the oldest supported Zeebe runs."""

DESCRIBED_EVENTS: Final[Events] = {
    Kind.START_EVENT: frozenset({_E.NONE, _E.MESSAGE, _E.TIMER}),
    Kind.INTERMEDIATE_CATCH_EVENT: frozenset({_E.MESSAGE, _E.TIMER}),
    Kind.INTERMEDIATE_THROW_EVENT: frozenset({_E.MESSAGE}),
    Kind.BOUNDARY_EVENT: frozenset({_E.MESSAGE, _E.TIMER}),
    Kind.END_EVENT: frozenset({_E.NONE, _E.MESSAGE}),
}
"""Timers and message events."""

DESCRIBED: Final = frozenset({
    Kind.SERVICE_TASK, Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.EVENT_BASED_GATEWAY,
    *DESCRIBED_EVENTS,
})  # fmt: skip


def allowed_by_zeebe(element: Element) -> bool:
    """Whether the oldest supported Zeebe runs it."""
    events = ZEEBE_EVENTS.get(element.kind)
    return element.kind is not Kind.UNSUPPORTED and (
        events is None or element.event_kind() in events
    )


def _runs(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if not allowed_by_zeebe(element):
            yield about(
                element,
                f"is {_shown(element)}, which Zeebe {OLDEST} does not run{_since(element)}",
                _instead(element, ZEEBE_EVENTS),
            )


def _described(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        events = DESCRIBED_EVENTS.get(element.kind)
        known = element.kind in DESCRIBED and (events is None or element.event_kind() in events)
        if not known and allowed_by_zeebe(element):
            yield about(
                element,
                f"is {_shown(element)}; the profile 'description' has only service tasks, "
                "exclusive, parallel and event-based gateways, timers and message events",
                f"draw it with these, or set profile = {Profile.ZEEBE.value!r} "
                "in [tool.workflow.lint]",
            )


def _shown(element: Element) -> str:
    article = "an" if element.tag[0] in "aeio" else "a"
    if element.kind not in ZEEBE_EVENTS:
        return f"{article} {element.tag}"
    return f"{article} {element.tag} with {element.event.tag if element.event else 'no event'}"


def _since(element: Element) -> str:
    newer = ELEMENTS.get(element.event.tag if element.event else element.tag)
    return f" ({newer} does)" if newer else ""


def _instead(element: Element, events: Events) -> str:
    if element.kind not in events:
        return (
            "draw it with tasks, sub-processes, call activities, events and gateways that it runs"
        )
    kinds = sorted(kind.value.lower() for kind in events[element.kind])
    return f"expected one of: {', '.join(kinds)}"


RULES: Final = (
    Rule(
        "element-type",
        Severity.ERROR,
        f"Zeebe {OLDEST} runs every element.",
        _runs,
        refused=True,
    ),
    Rule(
        "profile",
        Severity.ERROR,
        "Only service tasks, exclusive, parallel and event-based gateways, timers, message events, "
        "start and end.",
        _described,
        profile=Profile.DESCRIPTION,
    ),
)
