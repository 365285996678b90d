"""How element instances live: activate, complete, terminate, and what comes after.

Every step is one command of Zeebe's log: it runs to its end, and what follows is queued.
What an element does of its own is in ``elements``; here is what all have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, ClassVar

from workflow_devkit.engine.executable import Flow, Node
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.incidents import Incidents
from workflow_devkit.engine.jobs import Jobs
from workflow_devkit.engine.sequence_flows import admits, arrive, depart, is_open
from workflow_devkit.engine.state import ENDED, Instance, State, Token, Trigger
from workflow_devkit.engine.store import Store
from workflow_devkit.engine.subscriptions import Subscriptions
from workflow_devkit.engine.variable_mappings import apply_inputs, apply_outputs
from workflow_devkit.engine.variable_scopes import set_local
from workflow_runtime.bpmn.model import Kind

__all__ = ["Behaviour", "IncidentEnds", "Lifecycle"]

Step = Callable[[Token], None]


class IncidentEnds(Enum):
    """When the incident of an element that is terminated is closed: the broker's orders differ."""

    FIRST = auto()
    AFTER_CHILDREN = auto()
    LAST = auto()


class Behaviour:
    """What one kind of element does; each hook defaults to what a plain element does."""

    incident_ends: ClassVar[IncidentEnds] = IncidentEnds.FIRST

    def takes_inputs(self, token: Token) -> bool:
        """Whether the broker runs its input mappings (semantics#mappings-left-out)."""
        return True

    def keeps_trigger(self, token: Token) -> bool:
        """Whether the variables of the event that it begins with become its own."""
        return True

    def ends_path(self, node: Node) -> bool:
        """Whether nothing comes after it in its scope."""
        return not node.outgoing

    def activate(self, life: Lifecycle, token: Token) -> None:
        """Called while ACTIVATING; has to call `Lifecycle.activated`."""
        life.activated(token)
        life.complete(token)

    def complete(self, life: Lifecycle, token: Token) -> None:
        """Called while COMPLETING: brings variables up."""
        variables = token.finishing.variables if token.finishing else None
        token.finishing = None  # a second attempt works with what is set by then
        apply_outputs(life.store, token, variables)

    def leave(self, life: Lifecycle, token: Token) -> None:
        """Called when COMPLETED: goes on along the outgoing flows."""
        life.take_all(token)

    def terminate(self, life: Lifecycle, token: Token) -> bool:
        """Called while TERMINATING; true if it has to wait for what it started elsewhere."""
        return False

    def terminated(self, life: Lifecycle, instance: Instance) -> None:
        """Called when TERMINATED, of a process instance only."""

    # what a scope does about what happens inside it (``BpmnElementContainerProcessor``)

    def child_activating(self, life: Lifecycle, scope: Token, child: Token) -> None:
        """Called when an element inside it is ACTIVATING."""

    def child_completing(self, life: Lifecycle, scope: Token, child: Token) -> bool:
        """Called before a path inside it is at its end; true if that ends the whole scope."""
        return False

    def child_completed(self, life: Lifecycle, scope: Token, child: Token, *, done: bool) -> None:
        """Called when a path inside it is at its end (semantics#scope-ends)."""
        if not scope.children and not scope.pending:
            life.store.later(life.complete, scope)

    def children_terminated(self, life: Lifecycle, scope: Token) -> None:
        """Called when an event or a terminate end event has ended everything inside it."""
        by = scope.interruptor
        if by is not None and by.kind is Kind.END_EVENT:
            life.store.later(life.complete, scope)
        elif by is not None:
            trigger, scope.trigger = scope.trigger, None
            life.activate_later(by, scope, trigger)


class Lifecycle:
    """Moves tokens; knows no kind of element by itself."""

    behaviours: Mapping[Kind, Behaviour]

    def __init__(
        self, store: Store, jobs: Jobs, incidents: Incidents, subscriptions: Subscriptions
    ) -> None:
        self.store = store
        self.jobs = jobs
        self.incidents = incidents
        self.subscriptions = subscriptions

    def bind(self, behaviours: Mapping[Kind, Behaviour]) -> None:
        """Says what each kind of element does.

        Not in the constructor: what elements do (catch events, begin instances) moves tokens.
        """
        self.behaviours = behaviours

    # activation

    def activate_later(self, node: Node, scope: Token, trigger: Trigger | None = None) -> None:
        """Queues the activation of an element."""
        self.store.later(self._activate, node, scope, self.store.next_key(), trigger)

    def activate_now(self, node: Node, scope: Token, trigger: Trigger) -> None:
        """Activates the event that has come, which does not wait for its turn."""
        self._begin(node, scope, self.store.next_key(), trigger)

    def _activate(self, node: Node, scope: Token, key: int, trigger: Trigger | None) -> None:
        # Asked when its turn comes, not when it is queued: the scope may have ended meanwhile.
        if admits(scope, node):
            arrive(scope, node)
            self._begin(node, scope, key, trigger)

    def _begin(self, node: Node, scope: Token, key: int, trigger: Trigger | None) -> None:
        token = Token(key, node, scope)
        token.trigger = trigger
        scope.add_child(token)
        self.start(token)

    def start(self, token: Token) -> None:
        """Begins the life of an element instance."""
        self.store.tokens[token.key] = token
        self.store.write_element(token, "ELEMENT_ACTIVATING")
        self._attempt(token, self._activating)

    def _activating(self, token: Token) -> None:
        scope = token.parent
        if scope is not None and token.node.body is not None:
            self.behaviours[scope.node.kind].child_activating(self, scope, token)
        behaviour = self.behaviours[token.node.kind]
        if behaviour.takes_inputs(token):
            apply_inputs(self.store, token)
        behaviour.activate(self, token)

    def activated(self, token: Token) -> None:
        """Marks an element instance as ACTIVATED; the variables of its event become its own."""
        token.state = State.ACTIVATED
        self.store.write_element(token, "ELEMENT_ACTIVATED")
        trigger = token.trigger
        if trigger is not None and self.behaviours[token.node.kind].keeps_trigger(token):
            set_local(self.store, token, trigger.variables)

    # completion

    def complete(self, token: Token, finishing: Trigger | None = None) -> None:
        """Completes an element instance, with the variables of what made it complete."""
        scope = token.parent
        if token.state is not State.ACTIVATED or (scope and not is_open(scope, token.node)):
            return
        if token.children:
            return  # an event sub-process has begun since; the broker would leave it behind
        token.state = State.COMPLETING
        token.finishing = finishing
        self.store.write_element(token, "ELEMENT_COMPLETING")
        self._attempt(token, self._completing)

    def _completing(self, token: Token) -> None:
        behaviour = self.behaviours[token.node.kind]
        # Before anything is closed: a mapping that fails leaves the events open.
        behaviour.complete(self, token)
        self.subscriptions.close_all(token)
        scope = token.parent if behaviour.ends_path(token.node) else None
        around = self.behaviours[scope.node.kind] if scope else behaviour
        # What can fail in the scope comes before COMPLETED too, so that the element can try again.
        done = scope is not None and around.child_completing(self, scope, token)
        token.state = State.COMPLETED
        self.store.write_element(token, "ELEMENT_COMPLETED")
        self._remove(token)
        if scope is not None:
            around.child_completed(self, scope, token, done=done)
        behaviour.leave(self, token)

    def take_all(self, token: Token) -> None:
        """Takes every outgoing flow."""
        for flow in token.node.outgoing:
            self.take(token, flow)

    def take(self, token: Token, flow: Flow) -> None:
        """Takes one flow: its target is activated in a later step."""
        scope = token.parent
        assert scope is not None
        self.store.write_flow(scope, flow.id)
        depart(scope, flow)
        self.activate_later(flow.target, scope)

    # termination

    def terminate(self, token: Token) -> None:
        """Ends an element instance with everything in it."""
        # Queued twice, or ended by itself since it was queued.
        if token.state in ENDED or token.state is State.TERMINATING:
            return
        token.state = State.TERMINATING
        self.store.write_element(token, "ELEMENT_TERMINATING")
        self._drop_job(token)
        self.subscriptions.close_all(token)
        behaviour = self.behaviours[token.node.kind]
        if behaviour.incident_ends is IncidentEnds.FIRST:
            self._drop_incident(token)
        waits = behaviour.terminate(self, token)
        if not waits and self.terminate_children(token):
            self._terminated(token)

    def terminate_children(self, scope: Token) -> bool:
        """Ends everything in a scope, in later steps; true if there is nothing in it."""
        if scope.children:
            self.store.later(self.terminate_each, scope)
        return not scope.children

    def terminate_each(self, scope: Token) -> None:
        """Queues the end of each element in a scope."""
        # In the order of their begin, each in a step of its own, as in the broker's log.
        for key in tuple(scope.children or ()):
            self.store.later(self.terminate, self.store.tokens[key])

    def instance_ended(self, caller: Token, scope: Mapping[str, Any], *, completed: bool) -> None:
        """Goes on with a call activity whose called process has ended."""
        caller.called = None
        if caller.state is State.TERMINATING:
            self._terminated(caller)
        elif completed:
            self.store.later(self.complete, caller, Trigger(caller.node, scope))

    def _terminated(self, token: Token) -> None:
        behaviour = self.behaviours[token.node.kind]
        if behaviour.incident_ends is IncidentEnds.AFTER_CHILDREN:
            self._drop_incident(token)
        token.state = State.TERMINATED
        self.store.write_element(token, "ELEMENT_TERMINATED")
        self._remove(token)
        # Whatever is still there: a second close finds nothing.
        self._drop_incident(token)
        scope = token.parent
        if scope is None:
            behaviour.terminated(self, token.instance)
            return
        trigger = token.trigger
        # Only now that its activity is gone; it lives in the scope around, if that still goes on.
        if trigger and trigger.node.kind is Kind.BOUNDARY_EVENT and is_open(scope, trigger.node):
            self.activate_now(trigger.node, scope, trigger)
        if scope.loop is not None:
            scope.loop.terminated += 1
        self._child_terminated(scope)

    def _child_terminated(self, scope: Token) -> None:
        if scope.children:
            return
        if scope.state is State.TERMINATING:
            self._terminated(scope)
        elif scope.state is State.ACTIVATED:
            self.behaviours[scope.node.kind].children_terminated(self, scope)

    def _drop_job(self, token: Token) -> None:
        if token.job is not None:
            self.jobs.cancel(token.job)
            if token.incident is not None and token.incident.job is token.job:
                self.incidents.close(token.incident)
            token.job = None

    def _drop_incident(self, token: Token) -> None:
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
