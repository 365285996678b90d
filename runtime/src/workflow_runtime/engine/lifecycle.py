"""How element instances live: activate, complete, terminate, and what comes after.

Every step is one command of Zeebe's log: it runs to its end, and what follows is queued.
What an element does of its own is in ``behaviours``; here is what all have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from workflow_runtime.bpmn.model import EventKind, Kind
from workflow_runtime.engine.executable import Flow, Node
from workflow_runtime.engine.failures import Failure
from workflow_runtime.engine.instances import ENDED, Instance, State, Token, Trigger
from workflow_runtime.engine.store import Store, element_value, flow_value
from workflow_runtime.engine.subscriptions import close_all
from workflow_runtime.engine.variables import apply_inputs, apply_outputs, set_local

if TYPE_CHECKING:
    from workflow_runtime.engine.incidents import Incidents
    from workflow_runtime.engine.jobs import Jobs

__all__ = ["Behaviour", "Lifecycle"]

Step = Callable[[Token], None]
_MAPPED = frozenset({EventKind.MESSAGE, EventKind.SIGNAL})
"""The events whose throwing has input mappings in the broker, whatever the diagram says."""
_THROWING = frozenset({Kind.END_EVENT, Kind.INTERMEDIATE_THROW_EVENT})


class Behaviour:
    """What one kind of element does; each hook defaults to what a plain element does."""

    def activate(self, life: Lifecycle, token: Token) -> None:
        """Called while ACTIVATING; has to call `Lifecycle.activated`."""
        life.activated(token)
        life.complete(token)

    def complete(self, life: Lifecycle, token: Token) -> None:
        """Called while COMPLETING: brings variables up."""
        apply_outputs(life.store, token, token.finishing.variables if token.finishing else None)

    def leave(self, life: Lifecycle, token: Token) -> None:
        """Called when COMPLETED: goes on along the outgoing flows."""
        life.take_all(token)

    def child_gone(self, life: Lifecycle, token: Token) -> None:
        """An element inside it has ended; nothing runs and nothing is pending in it any more."""
        life.store.later(life.complete, token)

    def terminate(self, life: Lifecycle, token: Token) -> bool:
        """Called while TERMINATING; true if it has to wait for what it started elsewhere."""
        return False


class Loops(Protocol):
    """What a multi-instance body does when an inner activity ends."""

    def inner_completed(self, life: Lifecycle, inner: Token) -> None:
        """Called while the inner activity is COMPLETING."""
        ...

    def after_inner(self, life: Lifecycle, body: Token) -> None:
        """Called when it is COMPLETED."""
        ...


class NoLoops:
    """For an engine that has no behaviours yet."""

    def inner_completed(self, life: Lifecycle, inner: Token) -> None:
        """Nothing to do."""

    def after_inner(self, life: Lifecycle, body: Token) -> None:
        """Nothing to do."""


class Lifecycle:
    """Moves tokens; knows no kind of element by itself."""

    def __init__(self, store: Store, jobs: Jobs, incidents: Incidents) -> None:
        self.store = store
        self.jobs = jobs
        self.incidents = incidents
        self.behaviours: Mapping[Kind, Behaviour] = {}
        self.loops: Loops = NoLoops()
        self.on_instance_ended: Callable[[Instance, bool], None] = lambda _, __: None
        self.on_closed: Callable[[Token], None] = lambda _: None

    # activation

    def activate_later(self, node: Node, scope: Token, trigger: Trigger | None = None) -> int:
        """Queues the activation of an element; the scope cannot end before it."""
        key = self.store.next_key()
        scope.pending += 1
        self.store.later(self._activate, node, scope, key, trigger)
        return key

    def activate_now(self, node: Node, scope: Token, trigger: Trigger) -> None:
        """Activates a boundary event, which does not wait for its turn."""
        token = Token(self.store.next_key(), node, scope.instance, scope)
        token.trigger = trigger
        scope.add_child(token)
        self.start(token)

    def _activate(self, node: Node, scope: Token, key: int, trigger: Trigger | None) -> None:
        scope.pending -= 1
        shut = scope.closing or (interrupted(scope) and trigger is None)
        if scope.state is not State.ACTIVATED or shut:
            self.check_scope(scope)
            return
        if not self._joined(node, scope):
            self.check_scope(scope)
            return
        token = Token(key, node, scope.instance, scope)
        token.trigger = trigger
        scope.add_child(token)
        self.start(token)

    def activate_inner(self, node: Node, body: Token, variables: Mapping[str, Any]) -> None:
        """Queues one inner activity of a multi-instance body, with variables of its own."""
        key = self.store.next_key()
        body.pending += 1
        self.store.later(self._activate_inner, node, body, key, variables)

    def _activate_inner(
        self, node: Node, body: Token, key: int, variables: Mapping[str, Any]
    ) -> None:
        body.pending -= 1
        if body.state is not State.ACTIVATED or body.closing:
            self.check_scope(body)
            return
        token = Token(key, node, body.instance, body)
        body.add_child(token)
        self.start(token, variables)

    def start(self, token: Token, variables: Mapping[str, Any] | None = None) -> None:
        """Begins the life of an element instance."""
        self.store.tokens[token.key] = token
        self.store.write_element(token, "ELEMENT_ACTIVATING")
        if variables:
            set_local(self.store, token, variables)
        self._attempt(token, self._activating)

    def _activating(self, token: Token) -> None:
        if token.node.kind not in _THROWING or token.node.event_kind in _MAPPED:
            apply_inputs(self.store, token)
        self.behaviours[token.node.kind].activate(self, token)

    def activated(self, token: Token) -> None:
        """The element instance is there."""
        token.state = State.ACTIVATED
        self.store.write_element(token, "ELEMENT_ACTIVATED")
        if token.trigger is not None and not _hands_on(token):
            set_local(self.store, token, token.trigger.variables)

    def _joined(self, node: Node, scope: Token) -> bool:
        """A parallel gateway waits until each incoming flow was taken once (rule 19)."""
        if node.kind is not Kind.PARALLEL_GATEWAY or len(node.incoming) <= 1:
            return True
        taken = (scope.joins or {}).get(node.id, {})
        if len(taken) < len(node.incoming):
            return False
        for flow_id in list(taken):
            taken[flow_id] -= 1
            if not taken[flow_id]:
                del taken[flow_id]
        return True

    # completion

    def complete(self, token: Token, finishing: Trigger | None = None) -> None:
        """Completes an element instance, with the variables of what made it complete."""
        if token.state is not State.ACTIVATED:
            return
        token.state = State.COMPLETING
        token.finishing = finishing
        self.store.write_element(token, "ELEMENT_COMPLETING")
        self._attempt(token, self._completing)

    def _completing(self, token: Token) -> None:
        behaviour = self.behaviours[token.node.kind]
        behaviour.complete(self, token)
        body = token.parent if token.node.body is not None else None
        if body is not None:
            self.loops.inner_completed(self, token)
        self.close_subscriptions(token)
        token.state = State.COMPLETED
        self.store.write_element(token, "ELEMENT_COMPLETED")
        self._remove(token)
        behaviour.leave(self, token)
        if body is not None:
            self.loops.after_inner(self, body)
        if token.parent is None:
            self.on_instance_ended(token.instance, True)
        else:
            self.check_scope(token.parent)

    def take_all(self, token: Token) -> None:
        """Takes every outgoing flow."""
        for flow in token.node.outgoing:
            self.take(token, flow)

    def take(self, token: Token, flow: Flow) -> None:
        """Takes one flow: its target is activated in a later step."""
        scope = token.parent
        assert scope is not None
        if self.store.records.wanted:
            key = self.store.next_key()
            value = flow_value(scope, flow.id)
            self.store.write("PROCESS_INSTANCE", "SEQUENCE_FLOW_TAKEN", key, value)
        target = flow.target
        if target.kind is Kind.PARALLEL_GATEWAY and len(target.incoming) > 1:
            if scope.joins is None:
                scope.joins = {}
            counts = scope.joins.setdefault(target.id, {})
            counts[flow.id] = counts.get(flow.id, 0) + 1
        self.activate_later(target, scope)

    def check_scope(self, scope: Token) -> None:
        """Ends a scope in which nothing runs and nothing is pending (rule 32)."""
        if scope.children or scope.pending:
            return
        if scope.state is State.TERMINATING:
            self._terminated(scope)
        elif scope.state is State.ACTIVATED and interrupted(scope):
            assert scope.trigger is not None
            self.activate_later(scope.trigger.node, scope, scope.trigger)
            scope.trigger = None
        elif scope.state is State.ACTIVATED and not _half_joined(scope):
            self.behaviours[scope.node.kind].child_gone(self, scope)

    # termination

    def terminate(self, token: Token) -> None:
        """Ends an element instance with everything in it."""
        if token.state in ENDED or token.state is State.TERMINATING:
            return
        token.state = State.TERMINATING
        self.store.write_element(token, "ELEMENT_TERMINATING")
        self.close_subscriptions(token)
        self._drop_work(token)
        waits = self.behaviours[token.node.kind].terminate(self, token)
        if token.children:
            self.terminate_children(token)
        elif not waits:
            self._terminated(token)

    def terminate_children(self, scope: Token) -> None:
        """Ends everything in a scope; what is still on its way to it comes no more."""
        scope.joins = None
        for child in tuple((scope.children or {}).values()):
            self.store.later(self.terminate, child)

    def child_instance_terminated(self, caller: Token) -> None:
        """The process that a call activity had called is gone."""
        if caller.state is State.TERMINATING:
            self._terminated(caller)

    def _terminated(self, token: Token) -> None:
        if token.state is not State.TERMINATING:
            return
        token.state = State.TERMINATED
        self.store.write_element(token, "ELEMENT_TERMINATED")
        self._remove(token)
        scope = token.parent
        if scope is None:
            self.on_instance_ended(token.instance, False)
            return
        if interrupted(token):
            assert token.trigger is not None
            if scope.state is State.ACTIVATED and not scope.closing:
                self.activate_now(token.trigger.node, scope, token.trigger)
        self.check_scope(scope)

    def close_subscriptions(self, token: Token) -> None:
        """The element waits for nothing any more."""
        if token.subscriptions:
            self.on_closed(token)
            close_all(self.store, token)

    def _drop_work(self, token: Token) -> None:
        if token.job is not None:
            self.jobs.cancel(token.job)
            token.job = None
        if token.incident is not None:
            self.incidents.close(token.incident)

    # common

    def _attempt(self, token: Token, step: Step) -> None:
        """Runs a step; where it fails, the element waits with an incident and the step is kept."""
        try:
            step(token)
        except Failure as failure:
            self.incidents.create(token, failure, lambda: self._again(token, step))

    def _again(self, token: Token, step: Step) -> None:
        if token.state not in ENDED and token.state is not State.TERMINATING:
            self._attempt(token, step)

    def _remove(self, token: Token) -> None:
        self.store.tokens.pop(token.key, None)
        if token.parent is not None:
            token.parent.remove_child(token)

    def value(self, token: Token) -> dict[str, Any]:
        """The record fields of an element instance."""
        return element_value(token)


def _hands_on(token: Token) -> bool:
    """Whether the variables of its trigger are not its own: those of event sub-processes."""
    if token.node.kind is Kind.START_EVENT:
        return token.parent is not None and token.parent.node.kind is Kind.EVENT_SUB_PROCESS
    return token.node.kind in {Kind.PROCESS, Kind.EVENT_SUB_PROCESS}


def _half_joined(scope: Token) -> bool:
    """Whether a parallel gateway still waits for a flow: such a scope never ends by itself."""
    return any((scope.joins or {}).values())


def interrupted(scope: Token) -> bool:
    """Whether an event has ended what runs in a scope, and waits to take its place."""
    return scope.trigger is not None and scope.trigger.node is not scope.node
