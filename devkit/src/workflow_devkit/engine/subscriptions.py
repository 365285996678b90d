"""What an element instance waits for: noted with it, and closed with it."""

from __future__ import annotations

from typing import Any

from workflow_devkit.engine.messages import Messages
from workflow_devkit.engine.record_values import (
    message_subscription_value,
    signal_subscription_value,
    timer_value,
)
from workflow_devkit.engine.signal_subscriptions import Signals
from workflow_devkit.engine.state import (
    MessageSubscription,
    SignalSubscription,
    Subscription,
    TimerSubscription,
    Token,
)
from workflow_devkit.engine.store import Store
from workflow_devkit.engine.timers import Timers
from workflow_runtime.bpmn.model import Kind

__all__ = ["Subscriptions", "attach", "detach"]


def attach(token: Token, subscription: Subscription) -> None:
    """Notes with a token what it waits for."""
    if token.subscriptions is None:
        token.subscriptions = []
    token.subscriptions.append(subscription)


def detach(token: Token, subscription: Subscription) -> None:
    """Takes a subscription whose event has come for the last time off its token."""
    subscription.open = False
    if token.subscriptions:
        token.subscriptions.remove(subscription)


class Subscriptions:
    """Closes subscriptions of any kind; each kind is opened by its own manager."""

    def __init__(self, store: Store, timers: Timers, messages: Messages, signals: Signals) -> None:
        self._store = store
        self.timers = timers
        self.messages = messages
        self.signals = signals

    def close_all(self, token: Token, *, of_event_sub_processes: bool = False) -> None:
        """Closes all that an element waits for, or what its event sub-processes wait for."""
        for subscription in _take(token, of_event_sub_processes=of_event_sub_processes):
            self.close(subscription)

    def close(self, subscription: Subscription) -> None:
        """Closes one; what is closed is skipped wherever it is still listed."""
        # Those that are closed too: what a message has used up is still in its index.
        match subscription:
            case TimerSubscription():
                self.timers.forget(subscription)
            case MessageSubscription():
                self.messages.forget(subscription)
            case SignalSubscription():
                self.signals.forget(subscription)
        if not subscription.open:
            return
        subscription.open = False
        if self._store.records.wanted:
            self._write_closed(subscription)

    def _write_closed(self, subscription: Subscription) -> None:
        write, key = self._store.write, subscription.key
        match subscription:
            case TimerSubscription():
                write("TIMER", "CANCELED", key, timer_value(subscription))
            case MessageSubscription():
                value: dict[str, Any] = message_subscription_value(subscription)
                # At once; a broker writes the second when the message's partition has answered.
                write("PROCESS_MESSAGE_SUBSCRIPTION", "DELETING", key, value)
                write("PROCESS_MESSAGE_SUBSCRIPTION", "DELETED", key, value)
            case SignalSubscription():
                value = signal_subscription_value(subscription)
                write("SIGNAL_SUBSCRIPTION", "DELETED", key, value)


def _take(token: Token, *, of_event_sub_processes: bool) -> list[Subscription]:
    """Takes from a token what it waits for no longer, in the order of closing."""
    if not token.subscriptions:
        return []
    gone, kept = token.subscriptions, []
    if of_event_sub_processes:
        # A token waits for a start event only on behalf of an event sub-process.
        kept = [s for s in gone if s.node.kind is not Kind.START_EVENT]
        gone = [s for s in gone if s.node.kind is Kind.START_EVENT]
    token.subscriptions = kept or None
    return sorted(gone, key=_closing_order)


_CLOSED_FIRST = (TimerSubscription, MessageSubscription, SignalSubscription)


def _closing_order(subscription: Subscription) -> tuple[int, str, int]:
    """Timers, messages by their names, signals: the order of the broker's tables."""
    name = getattr(subscription, "name", "")
    return _CLOSED_FIRST.index(type(subscription)), name, subscription.key
