"""Ways through a diagram: what can never be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, Kind


def following(context: LintContext, element: Element) -> Iterator[str]:
    """Ids of what may run next: over flows, boundary events and links."""
    yield from (context.flows[flow].target for flow in element.outgoing)
    yield from (event.id for event in context.boundaries.get(element.id, ()))
    yield from (other.id for other in context.link_targets(element))


def _unreachable(context: LintContext) -> Iterator[Problem]:
    for scope in context.scopes:
        children = scope.children.values()
        # No flow leads to an event sub-process: its event starts it.
        starts = [c.id for c in children if c.kind in {Kind.START_EVENT, Kind.EVENT_SUB_PROCESS}]
        # Without a start `start-event-required` is the finding; the rest would follow from it.
        if not any(c.kind is Kind.START_EVENT for c in children):
            continue
        reached = _reached(context, starts)
        for element in children:
            if element.id not in reached:
                yield about(
                    element, "can never be reached from a start event", "connect it, or remove it"
                )


def _reached(context: LintContext, starts: list[str]) -> set[str]:
    reached, waiting = set(starts), list(starts)
    while waiting:
        element = context.by_id.get(waiting.pop())
        for target in following(context, element) if element else ():
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


RULES: Final = (
    Rule("unreachable", Severity.ERROR, "Every element can be reached from a start event.",
         _unreachable),
    Rule("no-loop", Severity.ERROR, "Loops wait for something."),
)  # fmt: skip
