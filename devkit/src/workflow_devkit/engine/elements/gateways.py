"""Exclusive, inclusive and event-based gateways; parallel is a plain element."""

from __future__ import annotations

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

    def activate(self, life: Lifecycle, token: Token) -> None:
        """Chooses and passes on at once."""
        token.chosen = self.choose(token)
        life.activated(token)
        life.complete(token)

    def leave(self, life: Lifecycle, token: Token) -> None:
        """Takes what was chosen."""
        for flow in token.chosen or ():
            life.take(token, flow)

    def choose(self, token: Token) -> list[Flow]:
        """The flows to take."""
        raise NotImplementedError


class Exclusive(_Choosing):
    """The first flow whose condition is true, else the default (semantics#exclusive-gateway)."""

    def choose(self, token: Token) -> list[Flow]:
        """One flow, or none where there is none."""
        outgoing = token.node.outgoing
        if not outgoing or (len(outgoing) == 1 and outgoing[0].condition is None):
            return list(outgoing)
        view = View(token)
        for flow in outgoing:
            if not flow.is_default and _true(flow, view):
                return [flow]
        return [_none_true(token)]


class Inclusive(_Choosing):
    """Every flow whose condition is true, else the default (semantics#inclusive-gateway)."""

    def choose(self, token: Token) -> list[Flow]:
        """All that are true."""
        outgoing = token.node.outgoing
        if not outgoing or (len(outgoing) == 1 and outgoing[0].condition is None):
            return list(outgoing)
        view = View(token)
        chosen = [flow for flow in outgoing if not flow.is_default and _true(flow, view)]
        return chosen or [_none_true(token)]


class Parallel(ElementBehaviour):
    """Takes every flow; it is activated once all flows into it are taken (`sequence_flows`)."""


class EventBased(ElementBehaviour):
    """Waits for the first of its events; the flow to it is not recorded as taken.

    See semantics#event-based-gateway.
    """

    def activate(self, life: Lifecycle, token: Token) -> None:
        """Opens the subscriptions of all events behind it."""
        self.context.catch_events.open(token, [flow.target for flow in token.node.outgoing])
        life.activated(token)

    def complete(self, life: Lifecycle, token: Token) -> None:
        """The variables belong to the event, not to the gateway."""

    def leave(self, life: Lifecycle, token: Token) -> None:
        """Goes on at the event that came first."""
        trigger = token.finishing
        if trigger is not None and token.parent is not None:
            life.activate_now(trigger.node, token.parent, trigger)


BEHAVIOURS = {
    Kind.EXCLUSIVE_GATEWAY: Exclusive,
    Kind.PARALLEL_GATEWAY: Parallel,
    Kind.INCLUSIVE_GATEWAY: Inclusive,
    Kind.EVENT_BASED_GATEWAY: EventBased,
}
