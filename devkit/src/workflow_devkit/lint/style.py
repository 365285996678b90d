"""What works, but says something else than it seems to: hints, as bpmnlint gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind

# Most rules here are bpmnlint's and read, as it does, the children that name the flows
# (tests/devkit/lint/test_lint_reference.py).
_GATEWAYS: Final = frozenset({
    Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY,
    Kind.EVENT_BASED_GATEWAY,
})  # fmt: skip


def _is_gateway(element: Element) -> bool:
    # No engine runs it, so it has no kind of its own.
    return element.kind in _GATEWAYS or element.tag == "complexGateway"


def _end(context: LintContext) -> Iterator[Problem]:
    for scope in context.scopes:
        if not any(child.kind is Kind.END_EVENT for child in scope.children.values()):
            yield about(scope, "has no end event", "draw where it ends")


def _fake_join(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if not _is_gateway(element) and len(element.written_incoming) > 1:
            yield about(
                element,
                f"has {len(element.written_incoming)} incoming flows that do not "
                "join: it runs once for each token",
                "draw an exclusive gateway before it if that is meant",
            )


def _split(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        flows = context.written(element.written_outgoing)
        # To bpmnlint a condition makes a split explicit; lint has `sequence-flow-condition` for it.
        leaving = [flow for flow in flows if flow.condition is None]
        if not _is_gateway(element) and len(leaving) > 1:
            yield about(
                element,
                f"has {len(leaving)} outgoing flows, all of which are taken",
                "draw a parallel gateway behind it",
            )


def _implicit_end(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if not element.written_outgoing and not _ends(element):
            yield about(element, "ends without an end event", "draw the end event")


def _ends(element: Element) -> bool:
    jumps = element.event_kind() is EventKind.LINK
    # No flow can leave an event sub-process.
    return element.kind in {Kind.END_EVENT, Kind.EVENT_SUB_PROCESS} or (
        jumps and element.kind is Kind.INTERMEDIATE_THROW_EVENT
    )


def _join_fork(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        both = min(len(element.written_incoming), len(element.written_outgoing))
        if _is_gateway(element) and both > 1:
            yield about(element, "joins and forks", "draw two gateways")


def _superfluous(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        single = len(element.written_incoming) == len(element.written_outgoing) == 1
        if _is_gateway(element) and single:
            yield about(element, "has one way in and one way out", "remove the gateway")


def _duplicate_flows(context: LintContext) -> Iterator[Problem]:
    seen: set[tuple[str, str, str]] = set()
    for flow in context.flows.values():
        key = (flow.source, flow.target, flow.condition or "")
        if key in seen:
            yield about(
                flow,
                f"leads from {flow.source} to {flow.target}, as another flow does",
                "remove one of them",
            )
        seen.add(key)


I = Severity.INFO  # noqa: E741 - a column of the table below
RULES: Final = (
    Rule("end-event-required", I, "Processes and sub-processes have an end event.", _end),
    Rule("fake-join", I, "Flows are joined by gateways.", _fake_join),
    Rule("no-implicit-split", I, "Flows are forked by gateways.", _split),
    Rule("no-implicit-end", I, "Ways end in end events.", _implicit_end),
    Rule("no-gateway-join-fork", I, "A gateway joins or forks.", _join_fork),
    Rule("superfluous-gateway", I, "A gateway has several ways in or out.", _superfluous),
    Rule("no-duplicate-sequence-flows", I, "Two elements are connected once.", _duplicate_flows),
)  # fmt: skip
