"""Gateways and the conditions of what leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind, SequenceFlow
from workflow_runtime.versions import OLDEST

_DECIDES: Final = (Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY)
_AWAITED: Final = frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL})


def _conditions(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(*_DECIDES):
        leaving = context.written(gateway.written_outgoing)
        for flow in leaving if len(leaving) > 1 else ():
            if flow.condition is None and flow.id != gateway.default_flow:
                yield about(
                    flow,
                    f"leaves the gateway {gateway.id} without a condition",
                    "give it a condition such as =total > 100, or make it the default flow",
                )
    for element in context.elements:
        if element.kind not in _DECIDES:
            for flow in _leaving(context, element):
                if flow.condition is not None:
                    yield about(
                        flow,
                        f"has a condition, but leaves {element.id}, which is no "
                        "exclusive or inclusive gateway",
                        "put such a gateway before it, or remove the condition",
                    )


def _leaving(context: LintContext, element: Element) -> list[SequenceFlow]:
    return [context.flows[flow] for flow in element.outgoing]


def _default(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(*_DECIDES):
        leaving = _leaving(context, gateway)
        conditional = [flow for flow in leaving if flow.condition is not None]
        if conditional and len(leaving) > 1 and gateway.default_flow is None:
            yield about(
                gateway,
                "has no default flow: where no condition is true, the process "
                "instance stops in an incident",
                "make one of its flows the default flow",
            )


def _own_default(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(*_DECIDES):
        default = context.flows.get(gateway.default_flow or "")
        if default is not None and default.source != gateway.id:
            yield about(
                gateway,
                f"has the default flow {default.id}, which leaves {default.source}",
                "choose one of the gateway's own flows",
            )


def _unused_condition(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(*_DECIDES):
        default = context.flows.get(gateway.default_flow or "")
        if default is not None and default.condition is not None:
            yield about(
                default,
                "is the default flow, so its condition is never looked at",
                "remove the condition",
            )


def _event_based(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(Kind.EVENT_BASED_GATEWAY):
        leaving = context.written(gateway.written_outgoing)
        if len(leaving) < 2:  # noqa: PLR2004 - a choice needs two
            yield about(
                gateway,
                f"needs at least 2 events to wait for, has {len(leaving)}",
                "add events, a timer perhaps, or wait without a gateway",
            )


def _targets(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(Kind.EVENT_BASED_GATEWAY):
        for flow in context.written(gateway.written_outgoing):
            target = context.by_id.get(flow.target)
            if target is None:
                continue
            if not _can_be_awaited(target):
                yield about(
                    target,
                    f"stands behind the event-based gateway {gateway.id}, where "
                    "only message, timer and signal catch events may be",
                    "draw a catch event there",
                )
            elif len(target.written_incoming) > 1:
                yield about(
                    target,
                    f"is reached from elsewhere than from the event-based gateway {gateway.id}",
                    "give it no other incoming flows",
                )


def _can_be_awaited(target: Element) -> bool:
    return target.kind is Kind.INTERMEDIATE_CATCH_EVENT and target.event_kind() in _AWAITED


def _inclusive(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(Kind.INCLUSIVE_GATEWAY):
        if len(gateway.written_incoming) > 1:
            yield about(
                gateway,
                f"joins flows, which Zeebe {OLDEST} does not do with an inclusive gateway",
                "join with an exclusive or parallel gateway",
            )


E = Severity.ERROR
RULES: Final = (
    Rule("sequence-flow-condition", E, "Flows that leave a decision have a condition, others "
         "have none.", _conditions, refused=True),
    Rule("default-flow", Severity.WARNING, "Decisions have a default flow.", _default),
    Rule("own-default-flow", E, "A gateway's default flow is one of its own.", _own_default,
         refused=True),
    Rule("unused-condition", Severity.WARNING, "Default flows have no condition.",
         _unused_condition),
    Rule("event-based-gateway", E, "Event-based gateways wait for at least two events.",
         _event_based, refused=True),
    Rule("event-based-gateway-target", E, "Behind an event-based gateway stand message, timer and "
         "signal catch events that only it leads to.", _targets, refused=True),
    Rule("inclusive-gateway", E, "Inclusive gateways do not join.", _inclusive, refused=True),
)  # fmt: skip
