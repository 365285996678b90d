"""Sequence flows of a scope: which are taken but not yet at their target.

Zeebe keeps two counts (``ProcessInstanceSequenceFlowTakenApplier``,
``ProcessInstanceElementActivatingApplier``): flows on their way, which keep a scope from its end,
and, for joins, how often each incoming flow was taken; see semantics#scope-ends and
semantics#parallel-gateway.
"""

from __future__ import annotations

from workflow_devkit.engine.executable import Flow, Node
from workflow_devkit.engine.state import State, Token
from workflow_runtime.bpmn.model import Kind

__all__ = ["admits", "arrive", "depart", "interrupt"]

# What an event begins, not a flow.
_WITHOUT_FLOW = frozenset({Kind.START_EVENT, Kind.BOUNDARY_EVENT, Kind.EVENT_SUB_PROCESS})


def depart(scope: Token, flow: Flow) -> None:
    """Counts a flow as taken: it is on its way until its target is activated."""
    scope.pending += 1
    target = flow.target
    if target.kind is Kind.PARALLEL_GATEWAY and len(target.incoming) > 1:
        if scope.joins is None:
            scope.joins = {}
        counts = scope.joins.setdefault(target.id, {})
        counts[flow.id] = counts.get(flow.id, 0) + 1


def admits(scope: Token, node: Node) -> bool:
    """Whether an element may be activated (``ProcessInstanceStateTransitionGuard``)."""
    return is_open(scope, node) and _joined(scope, node)


def is_open(scope: Token, node: Node) -> bool:
    """Whether anything may happen in a scope but what has interrupted it."""
    return scope.state is State.ACTIVATED and scope.interruptor in (None, node)


def _joined(scope: Token, node: Node) -> bool:
    if node.kind is not Kind.PARALLEL_GATEWAY or len(node.incoming) <= 1:
        return True
    # By flows, not by how often they were taken: one taken twice does not stand for another.
    return len((scope.joins or {}).get(node.id, ())) >= len(node.incoming)


def arrive(scope: Token, node: Node) -> None:
    """Counts the flows that have led to an activated element as arrived."""
    if node.kind is Kind.PARALLEL_GATEWAY:
        _use_up(scope, node)
    # Flows that were on their way when the scope was interrupted lead nowhere any more.
    if node is scope.interruptor:
        scope.pending = 0
    else:
        scope.pending = max(0, scope.pending - _arriving(scope, node))


def _use_up(scope: Token, node: Node) -> None:
    # One of each; what was taken more often is kept for the next time.
    taken = (scope.joins or {}).get(node.id, {})
    for flow_id in list(taken):
        taken[flow_id] -= 1
        if not taken[flow_id]:
            del taken[flow_id]


def _arriving(scope: Token, node: Node) -> int:
    if node.kind in _WITHOUT_FLOW or scope.node.kind is Kind.MULTI_INSTANCE_BODY:
        return 0
    if node.kind is Kind.PARALLEL_GATEWAY:
        return len(node.incoming)
    if node.kind is Kind.INTERMEDIATE_CATCH_EVENT:
        # An event-based gateway goes on to its event without taking a flow.
        behind = [f for f in node.incoming if f.source.kind is not Kind.EVENT_BASED_GATEWAY]
        return min(1, len(behind))
    return 1


def interrupt(scope: Token, by: Node) -> None:
    """Keeps all from a scope but ``by``: an event sub-process, or a terminate end event."""
    scope.interruptor = by
    if by.kind is Kind.END_EVENT:
        scope.pending = 0
