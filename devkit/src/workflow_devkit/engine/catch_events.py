"""Opening what an element waits for, and what happens when it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from workflow_devkit.engine.error_events import can_happen
from workflow_devkit.engine.executable import Node
from workflow_devkit.engine.expressions import Expression, explain, zeebe_type
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.record_values import timer_value
from workflow_devkit.engine.sequence_flows import interrupt
from workflow_devkit.engine.state import (
    Message,
    MessageSubscription,
    Subscription,
    TimerSubscription,
    Token,
    Trigger,
)
from workflow_devkit.engine.subscriptions import Subscriptions, attach, detach
from workflow_devkit.engine.timers import schedule
from workflow_devkit.engine.variable_scopes import View
from workflow_devkit.feel import to_json
from workflow_runtime.bpmn.model import EventKind, Kind

__all__ = ["CatchEvents", "correlation_key"]

Opening = Callable[[], Subscription]


class CatchEvents:
    """Subscriptions of tokens: opened together or not at all (semantics#subscriptions-together)."""

    def __init__(self, life: Lifecycle, subscriptions: Subscriptions) -> None:
        self._life = life
        self._timers = subscriptions.timers
        self._messages = subscriptions.messages
        self._signals = subscriptions.signals
        self._subscriptions = subscriptions

    def open(self, token: Token, nodes: Iterable[Node]) -> None:
        """Opens the subscriptions for these events.

        Raises:
            Failure: an expression of one of them fails; then none is open.
        """
        # Every expression first: where one fails, nothing must be open.
        prepared = [(node, o) for node in nodes if (o := self._prepare(token, node)) is not None]
        for _, opening in sorted(prepared, key=lambda pair: _opening_order(pair[0])):
            attach(token, opening())

    def fire_timer(self, timer: TimerSubscription) -> None:
        """Lets the event of a due timer happen, if it still can, and arms the next of a cycle."""
        token = timer.token
        assert token is not None
        # It keeps its place among the token's subscriptions, and is closed with them.
        if not can_happen(token, timer.node):
            return
        store = self._life.store
        detach(token, timer)
        if store.records.wanted:
            store.write("TIMER", "TRIGGERED", timer.key, timer_value(timer))
        self.happen(token, timer.node, {})
        self._refresh(timer, token)
        if following := self._timers.rearm(timer):
            attach(token, following)

    def _refresh(self, timer: TimerSubscription, token: Token) -> None:
        """Computes the interval of a cycle anew (semantics#timer-cycle-reread)."""
        if timer.following is not None:
            # Where it cannot be computed now, the timer goes on with what it had.
            with suppress(Failure):
                timer.following = schedule(timer.node, View(token), timer.due).following

    def deliver(self, subscription: MessageSubscription, message: Message) -> None:
        """Lets the event of a subscription happen, with the variables of its message."""
        # The message uses it up: the end of its element writes no DELETED for it.
        if subscription.interrupting:
            subscription.open = False
            self._messages.forget(subscription)
        self._happen(subscription, message.variables)
        if not subscription.interrupting:
            # Behind all that is queued: for the broker, messages are on another partition.
            self._life.store.send(self._messages.offer_buffered, subscription)

    def broadcast(self, name: str, variables: Mapping[str, Any]) -> list[Node]:
        """Tells every token that listens; returns the start events that do."""
        waiting, starts = self._signals.listeners(name)
        for subscription in waiting:
            self._happen(subscription, variables)
        return starts

    def _prepare(self, token: Token, node: Node) -> Opening | None:
        view = View(token)
        # A receive task has its message at the element itself, without an event definition.
        match node.event_kind if node.kind is not Kind.RECEIVE_TASK else EventKind.MESSAGE:
            case EventKind.TIMER:
                plan = schedule(node, view, self._life.store.now())
                return lambda: self._timers.arm(node, token, plan)
            case EventKind.MESSAGE:
                assert node.message_name is not None
                name = node.message_name.text_value(view)
                key = correlation_key(node, _key_scope(token, node))
                return lambda: self._messages.subscribe(node, token, name, key)
            case EventKind.SIGNAL:
                assert node.signal_name is not None
                signal = node.signal_name.text_value(view)
                return lambda: self._signals.subscribe(node, token, signal)
        return None

    def _happen(self, subscription: Subscription, variables: Mapping[str, Any]) -> None:
        token, node = subscription.token, subscription.node
        if token is not None and can_happen(token, node):
            self.happen(token, node, variables)

    def happen(self, token: Token, node: Node, variables: Mapping[str, Any]) -> None:
        """Lets the event of a node happen to a token that takes it.

        As ``EventHandle.activateElement``; see semantics#boundary-interrupting and
        semantics#boundary-passive.
        """
        life = self._life
        trigger = Trigger(node, variables)
        # Noted at once, though what follows is queued: a second event must find it.
        if node.interrupting:
            token.reached = node
        if node is token.node or token.node.kind is Kind.EVENT_BASED_GATEWAY:
            # Its own event: an intermediate event, a receive task, an event-based gateway.
            life.store.later(life.complete, token, trigger)
        elif node.kind is Kind.START_EVENT:
            self._start_event_sub_process(token, node, variables)
        elif node.interrupting:
            # A boundary event: it is activated when its activity has ended.
            token.trigger = trigger
            life.store.later(life.terminate, token)
        elif token.parent is not None:
            # Beside its activity, which goes on.
            life.activate_now(node, token.parent, trigger)

    def _start_event_sub_process(
        self, scope: Token, start: Node, variables: Mapping[str, Any]
    ) -> None:
        """Ends the rest, or begins beside it (semantics#event-sub-process)."""
        assert start.parent is not None
        trigger = Trigger(start.parent, variables)
        if start.interrupting:
            interrupt(scope, start.parent)
            self._subscriptions.close_all(scope, of_event_sub_processes=True)
            # They end in later steps; the last of them begins the event sub-process.
            if scope.children:
                scope.trigger = trigger
                self._life.terminate_each(scope)
                return
        self._life.activate_later(start.parent, scope, trigger)


_OPENED_FIRST = (EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL)


def _opening_order(node: Node) -> int:
    """Messages, timers, signals (``CatchEventBehavior.subscribeToEvents``)."""
    kind = EventKind.MESSAGE if node.kind is Kind.RECEIVE_TASK else node.event_kind
    return _OPENED_FIRST.index(kind)


def _key_scope(token: Token, node: Node) -> Token | None:
    """Boundary events have it from the scope around (semantics#boundary-key-scope)."""
    return token.parent if node.kind is Kind.BOUNDARY_EVENT else token


def correlation_key(node: Node, scope: Token | None) -> str:
    """Text, or a number as a whole number's text (semantics#message-subscription).

    Raises:
        Failure: it is neither.
    """
    expression = node.correlation_key
    assert isinstance(expression, Expression)
    value, warnings = expression.explained(View(scope))
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        # The whole part: `12` and `1.9` are "12" and "1"; for Python True is a number too.
        return str(int(to_json(value)))
    text = (
        f"Failed to extract the correlation key for '{expression.text}': "
        f"The value must be either a string or a number, but was '{zeebe_type(value)}'."
    )
    text += explain(warnings)
    raise Failure("EXTRACT_VALUE_ERROR", text, scope.key if scope else None)
