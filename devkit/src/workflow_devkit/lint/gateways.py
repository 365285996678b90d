"""Gateways and the conditions of what leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, Kind, SequenceFlow

_DECIDES: Final = (Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY)


def _leaving(context: LintContext, element: Element) -> list[SequenceFlow]:
    return [context.flows[flow] for flow in element.outgoing]


def _conditions(context: LintContext) -> Iterator[Problem]:
    """Conditions of flows that their source does not name: a deployment overlooks these."""
    for element in context.elements:
        # A deployment reads the `bpmn:outgoing` children, the engine runs by the flows themselves.
        unnamed = set(element.outgoing) - set(element.written_outgoing)
        for flow in _leaving(context, element) if unnamed and element.kind not in _DECIDES else ():
            if flow.id in unnamed and flow.condition is not None:
                yield about(
                    flow,
                    f"has a condition, but leaves {element.id}, which is no exclusive or inclusive "
                    "gateway",
                    "put such a gateway before it, or remove the condition",
                )


def _default(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(*_DECIDES):
        leaving = _leaving(context, gateway)
        conditional = [flow for flow in leaving if flow.condition is not None]
        # A single flow without condition needs no default (semantics#exclusive-gateway); a choice
        # without a true one is an incident (semantics#gateway-cannot-choose).
        if conditional and len(leaving) > 1 and gateway.default_flow is None:
            yield about(
                gateway,
                "has no default flow: where no condition is true, the process "
                "instance stops in an incident",
                "make one of its flows the default flow",
            )


def _unused_condition(context: LintContext) -> Iterator[Problem]:
    for gateway in context.of(*_DECIDES):
        # It is taken when no other is, whatever its condition says (semantics#exclusive-gateway).
        default = context.flows.get(gateway.default_flow or "")
        if default is not None and default.condition is not None:
            yield about(
                default,
                "is the default flow, so its condition is never looked at",
                "remove the condition",
            )


E = Severity.ERROR
RULES: Final = (
    Rule("sequence-flow-condition", E, "Flows that leave a decision have a condition, others "
         "have none.", _conditions),
    Rule("default-flow", Severity.WARNING, "Decisions have a default flow.", _default),
    Rule("own-default-flow", E, "A gateway's default flow is one of its own."),
    Rule("unused-condition", Severity.WARNING, "Default flows have no condition.",
         _unused_condition),
    Rule("event-based-gateway", E, "Event-based gateways wait for at least two events."),
    Rule("event-based-gateway-target", E, "Behind an event-based gateway stand message, timer and "
         "signal catch events that only it leads to."),
    Rule("inclusive-gateway", E, "Inclusive gateways do not join."),
)  # fmt: skip
