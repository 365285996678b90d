"""Gateways: exclusive, inclusive, parallel and event-based."""

from __future__ import annotations

from typing_extensions import override

from workflow_devkit.engine.elements.behaviour import ElementBehaviour
from workflow_devkit.engine.executable import Flow
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.state import Token
from workflow_devkit.engine.variable_scopes import View
from workflow_runtime.bpmn.model import Kind

NO_FLOW = "Expected at least one condition to evaluate to true, or to have a default flow"


def _true(flow: Flow, view: View) -> bool:
    return flow.condition is not None and flow.condition.boolean(view)


def _none_true(token: Token) -> Flow:
    if token.node.default is None:
        raise Failure("CONDITION_ERROR", NO_FLOW)
    return token.node.default


class _Choosing(ElementBehaviour):
    """Chooses while ACTIVATING: where it cannot, it stays (semantics#gateway-cannot-choose)."""

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        token.chosen = self.choose(token)
        life.activated(token)
        life.complete(token)

    @override
    def leave(self, life: Lifecycle, token: Token) -> None:
        for flow in token.chosen or ():
            life.take(token, flow)

    def choose(self, token: Token) -> list[Flow]:
        """Evaluates the conditions; returns the flows to take.

        Raises:
            Failure: none is true and there is no default, or one is no boolean.
        """
        raise NotImplementedError


class Exclusive(_Choosing):
    """The first flow whose condition is true, else the default (semantics#exclusive-gateway)."""

    @override
    def choose(self, token: Token) -> list[Flow]:
        # A single flow without a condition is taken as it is, and without any the path ends here.
        outgoing = token.node.outgoing
        if not outgoing or (len(outgoing) == 1 and outgoing[0].condition is None):
            return list(outgoing)
        view = View(token)
        # The last in the file is the first here (semantics#flows-last-first), and what comes after
        # the first that is true is not evaluated.
        for flow in outgoing:
            if not flow.is_default and _true(flow, view):
                return [flow]
        return [_none_true(token)]


class Inclusive(_Choosing):
    """Every flow whose condition is true, else the default (semantics#inclusive-gateway)."""

    @override
    def choose(self, token: Token) -> list[Flow]:
        # A single flow without a condition is taken as it is, and without any the path ends here.
        outgoing = token.node.outgoing
        if not outgoing or (len(outgoing) == 1 and outgoing[0].condition is None):
            return list(outgoing)
        view = View(token)
        chosen = [flow for flow in outgoing if not flow.is_default and _true(flow, view)]
        return chosen or [_none_true(token)]


class Parallel(ElementBehaviour):
    """Takes every flow once it is activated (semantics#parallel-gateway)."""

    # The join is not here: `sequence_flows.admits` keeps it from being activated too early.


class EventBased(ElementBehaviour):
    """Waits for the first of its events; the flow to it is not recorded as taken.

    See semantics#event-based-gateway.
    """

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        self.context.catch_events.open(token, [flow.target for flow in token.node.outgoing])
        life.activated(token)

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        # The variables belong to the event behind it, not to the gateway
        # (semantics#event-based-gateway).
        pass

    @override
    def leave(self, life: Lifecycle, token: Token) -> None:
        # The event that came first; the flow to it is not noted as taken.
        trigger = token.finishing
        if trigger is not None and token.parent is not None:
            life.activate_now(trigger.node, token.parent, trigger)


BEHAVIOURS = {
    Kind.EXCLUSIVE_GATEWAY: Exclusive,
    Kind.PARALLEL_GATEWAY: Parallel,
    Kind.INCLUSIVE_GATEWAY: Inclusive,
    Kind.EVENT_BASED_GATEWAY: EventBased,
}
