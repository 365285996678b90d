"""Start, catch, throw, boundary and end events."""

from __future__ import annotations

from typing_extensions import override

from workflow_devkit.engine.element_context import ElementContext
from workflow_devkit.engine.elements.behaviour import ElementBehaviour, PassThrough
from workflow_devkit.engine.elements.tasks import JobTask
from workflow_devkit.engine.error_events import can_happen, find_catcher, uncaught
from workflow_devkit.engine.executable import Node
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.lifecycle import IncidentEnds, Lifecycle
from workflow_devkit.engine.sequence_flows import interrupt
from workflow_devkit.engine.state import Token
from workflow_devkit.engine.variable_mappings import apply_outputs
from workflow_devkit.engine.variable_scopes import View, merge
from workflow_runtime.bpmn.model import EventKind, Kind


def merge_trigger(life: Lifecycle, token: Token) -> None:
    """Brings the variables of an event up from the element that has caught it.

    See semantics#event-variables, and semantics#error-variables for what errors do instead.
    """
    inside = token.parent.node.kind if token.parent is not None else None
    if token.node.kind is Kind.START_EVENT and inside is Kind.EVENT_SUB_PROCESS:
        apply_outputs(life.store, token, token.trigger.variables if token.trigger else None)
        return
    if token.node.outputs:
        apply_outputs(life.store, token, None)
    elif token.locals and token.parent is not None and token.node.event_kind is not EventKind.ERROR:
        merge(life.store, token.parent, token.locals)


def event_starts(node: Node) -> list[Node]:
    """The start events of the event sub-processes in a scope."""
    return [e.start for e in node.event_sub_processes if e.start is not None]


class Start(PassThrough):
    """Begins a scope: a process, a sub-process or an event sub-process."""

    incident_ends = IncidentEnds.LAST

    @override
    def keeps_trigger(self, token: Token) -> bool:
        # In an event sub-process they go through its output mappings instead (`merge_trigger`).
        return token.parent is None or token.parent.node.kind is not Kind.EVENT_SUB_PROCESS

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        merge_trigger(life, token)
        scope = token.parent
        assert scope is not None
        # Other activities open their boundary events themselves, when they are activated.
        boundaries = scope.node.boundaries if scope.node.kind is Kind.SUB_PROCESS else ()
        # Only now, and all in one call: together or not at all (semantics#subscriptions-together).
        waiting = [*event_starts(scope.node), *boundaries]
        if waiting:
            self.context.catch_events.open(scope, waiting)


class Boundary(PassThrough):
    """A boundary event, which only its event activates."""

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        merge_trigger(life, token)


class Catch(ElementBehaviour):
    """Waits for its event, unless an event-based gateway has waited for it."""

    @override
    def takes_inputs(self, token: Token) -> bool:
        # An event that has come to a gateway, and a link: semantics#mappings-left-out.
        return token.trigger is None and token.node.event_kind is not EventKind.LINK

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        # Where an event-based gateway has waited for it, and at a link, there is nothing to open.
        came_already = token.trigger is not None or token.node.event_kind is EventKind.LINK
        if not came_already:
            self.context.catch_events.open(token, [token.node])
        life.activated(token)
        if came_already:
            life.store.later(life.complete, token)

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        if token.trigger is not None:
            merge_trigger(life, token)
        else:
            super().complete(life, token)


_MAPPED = frozenset({EventKind.MESSAGE, EventKind.SIGNAL})
"""Throwing these runs input mappings in the broker, no others (semantics#mappings-left-out)."""


class Throw(JobTask):
    """Throws a message (a job, semantics#job-tasks), a signal, a link, an escalation or nothing."""

    incident_ends = IncidentEnds.LAST

    @override
    def takes_inputs(self, token: Token) -> bool:
        return token.node.event_kind in _MAPPED

    @override
    def ends_path(self, node: Node) -> bool:
        # A link goes on elsewhere, without a flow (semantics#link-event).
        return not node.outgoing and node.event_kind is not EventKind.LINK

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        kind = token.node.event_kind
        if kind is EventKind.MESSAGE:
            super().activate(life, token)
            return
        if kind is EventKind.SIGNAL:
            self._signal(token)
        life.activated(token)
        # Caught by what ends the thrower too: it is terminated, not completed.
        if kind is EventKind.ESCALATION and not escalate(self.context, life, token):
            return
        # A none end event completes in the same step, all others in one of their own.
        if token.node.kind is Kind.END_EVENT and kind is EventKind.NONE:
            life.complete(token)
        else:
            life.store.later(life.complete, token)

    @override
    def leave(self, life: Lifecycle, token: Token) -> None:
        # To its catch event in the same scope (semantics#link-event).
        if token.node.event_kind is EventKind.LINK:
            self._jump(life, token)
        else:
            life.take_all(token)

    def _signal(self, token: Token) -> None:
        # What was mapped into the event, and no more (semantics#signal-thrown).
        assert token.node.signal_name is not None
        name = token.node.signal_name.text_value(View(token))
        self.context.store.later(self.context.broadcast, name, dict(token.locals or {}))

    def _jump(self, life: Lifecycle, token: Token) -> None:
        siblings = token.node.parent.children.values() if token.node.parent else ()
        for node in siblings:
            is_target = node.kind is Kind.INTERMEDIATE_CATCH_EVENT
            if is_target and node.link_name == token.node.link_name and token.parent is not None:
                life.activate_later(node, token.parent)


class End(Throw):
    """Ends a token; an error, a terminate and an escalation end more.

    See semantics#error-end-event and semantics#terminate-end-event.
    """

    incident_ends = IncidentEnds.FIRST

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        match token.node.event_kind:
            case EventKind.ERROR:
                self._throw_error(life, token)
            case EventKind.TERMINATE:
                self._terminate(life, token)
            case _:
                super().activate(life, token)

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        super().complete(life, token)
        # Nothing else goes on in its scope (semantics#terminate-end-event).
        if token.node.event_kind is EventKind.TERMINATE and token.parent is not None:
            interrupt(token.parent, token.node)

    def _throw_error(self, life: Lifecycle, token: Token) -> None:
        assert token.parent is not None
        code = token.node.code.text_value(View(token)) if token.node.code else ""
        catcher = find_catcher(token.parent, EventKind.ERROR, code)
        # Before it is ACTIVATED: uncaught, it stays ACTIVATING with its incident.
        if catcher is None:
            raise Failure("UNHANDLED_ERROR_EVENT", uncaught(token.parent, code))
        life.activated(token)
        # What has been reached by another event already takes no second one; the throw is done.
        if can_happen(*catcher):
            self.context.catch_events.happen(catcher.token, catcher.node, {})

    def _terminate(self, life: Lifecycle, token: Token) -> None:
        scope = token.parent
        assert scope is not None
        life.activated(token)
        # Completed first, or it would be among the children that it terminates.
        life.complete(token)
        life.terminate_children(scope)


def escalate(context: ElementContext, life: Lifecycle, token: Token) -> bool:
    """Throws an escalation (semantics#escalation); false if what catches it ends the thrower."""
    assert token.parent is not None
    code = token.node.code.text_value(View(token)) if token.node.code else ""
    catcher = find_catcher(token.parent, EventKind.ESCALATION, code)
    key = life.store.next_key()
    caught = catcher is not None and can_happen(*catcher)
    if catcher is not None and caught:
        context.catch_events.happen(catcher.token, catcher.node, {})
    value = {
        "processInstanceKey": token.instance.key,
        "escalationCode": code,
        "throwElementId": token.node.id,
        "catchElementId": catcher.node.id if catcher is not None else "",
    }
    life.store.write("ESCALATION", "ESCALATED" if caught else "NOT_ESCALATED", key, value)
    return catcher is None or not catcher.node.interrupting


BEHAVIOURS = {
    Kind.START_EVENT: Start,
    Kind.INTERMEDIATE_CATCH_EVENT: Catch,
    Kind.INTERMEDIATE_THROW_EVENT: Throw,
    Kind.BOUNDARY_EVENT: Boundary,
    Kind.END_EVENT: End,
}
