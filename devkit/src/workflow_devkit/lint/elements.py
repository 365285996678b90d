"""Which elements may be in a diagram at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint import words
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.events import allowed_events
from workflow_devkit.lint.options import Profile
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind
from workflow_runtime.versions import OLDEST

DESCRIBED_EVENTS: Final[Mapping[Kind, frozenset[EventKind]]] = {
    Kind.START_EVENT: frozenset({EventKind.NONE, EventKind.MESSAGE, EventKind.TIMER}),
    Kind.INTERMEDIATE_CATCH_EVENT: frozenset({EventKind.MESSAGE, EventKind.TIMER}),
    Kind.INTERMEDIATE_THROW_EVENT: frozenset({EventKind.MESSAGE}),
    Kind.BOUNDARY_EVENT: frozenset({EventKind.MESSAGE, EventKind.TIMER}),
    Kind.END_EVENT: frozenset({EventKind.NONE, EventKind.MESSAGE}),
}
"""What events may be about in the profile ``description``."""
DESCRIBED: Final = frozenset({
    Kind.SERVICE_TASK, Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.EVENT_BASED_GATEWAY,
    *DESCRIBED_EVENTS,
})  # fmt: skip


def allowed_by_zeebe(element: Element) -> bool:
    """Whether the oldest supported Zeebe runs it."""
    events = allowed_events(element.tag)
    return element.kind is not Kind.UNSUPPORTED and (not events or element.event_kind() in events)


def _runs(context: LintContext) -> Iterator[Problem]:
    """What a deployment takes, though it cannot happen or is not heeded."""
    for event in context.of(Kind.START_EVENT, Kind.INTERMEDIATE_THROW_EVENT):
        inside = event.parent is not None and event.parent.kind is Kind.EVENT_SUB_PROCESS
        known = event.event_kind() is not EventKind.UNSUPPORTED
        # Inside an event sub-process, and of unknown events, the deploy rules say it.
        if event.event and known and not inside and not allowed_by_zeebe(event):
            message = words.not_run_here(event.tag, event.event.tag)
            yield about(event, message, words.alternatives(event.tag))


def _described(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        events = DESCRIBED_EVENTS.get(element.kind)
        known = element.kind in DESCRIBED and (events is None or element.event_kind() in events)
        # What Zeebe does not run either is a finding of `element-type`: one is enough.
        if not known and allowed_by_zeebe(element):
            yield about(
                element,
                f"is {_shown(element)}; the profile 'description' has only service tasks, "
                "exclusive, parallel and event-based gateways, timers and message events",
                f"draw it with these, or set profile = {Profile.ZEEBE.value!r} "
                "in [tool.workflow.lint]",
            )


def _shown(element: Element) -> str:
    if not allowed_events(element.tag):
        return words.shown(element.tag)
    return words.shown(element.tag, element.event.tag if element.event else "no event")


RULES: Final = (
    Rule("element-type", Severity.ERROR, f"Zeebe {OLDEST} runs every element.", _runs),
    Rule(
        "profile",
        Severity.ERROR,
        "Only service tasks, exclusive, parallel and event-based gateways, timers, message events, "
        "start and end.",
        _described,
        profile=Profile.DESCRIPTION,
    ),
)
