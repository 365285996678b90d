"""How often flows behind event-based gateways were taken, which no record of the engine tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from workflow_runtime.bpmn.model import Element, Kind, SequenceFlow


def taken_behind_gateways(process: Element, passed: Mapping[str, int]) -> Counter[str]:
    """How often the flows of event-based gateways were taken, by how often elements were passed."""
    flows = [(scope, flow) for scope in process.walk() for flow in scope.flows.values()]
    return Counter(
        {flow.id: passed.get(flow.target, 0) for scope, flow in flows if _unrecorded(scope, flow)}
    )


def _unrecorded(scope: Element, flow: SequenceFlow) -> bool:
    """Whether no record tells that a flow is taken (``cases/broker/s05_eventgw.json``)."""
    source = scope.children.get(flow.source)
    return source is not None and source.kind is Kind.EVENT_BASED_GATEWAY
