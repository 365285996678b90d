"""What a token waits for: messages, timers, signals. Closing one is forgetting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workflow_devkit.engine.executable import Node
from workflow_devkit.engine.instances import Token
from workflow_runtime.bpmn.model import Kind

if TYPE_CHECKING:
    from workflow_devkit.engine.store import Store

__all__ = ["MessageSubscription", "SignalSubscription", "Subscription", "TimerSubscription"]


class Subscription:
    """A token (or, for start events, nobody) waits for the event of a node."""

    __slots__ = ("interrupting", "key", "node", "open", "token")

    def __init__(self, key: int, node: Node, token: Token | None) -> None:
        self.key = key
        self.node = node
        self.token = token
        self.open = True
        self.interrupting = node.interrupting

    def value(self) -> dict[str, Any]:
        """The fields of its record."""
        raise NotImplementedError


class MessageSubscription(Subscription):
    """Waits for a message with this name and key."""

    __slots__ = ("correlating", "correlation_key", "name")

    def __init__(
        self, key: int, node: Node, token: Token | None, name: str, correlation_key: str
    ) -> None:
        super().__init__(key, node, token)
        self.name = name
        self.correlation_key = correlation_key
        self.correlating = False

    def value(self, message_key: int = -1) -> dict[str, Any]:
        """The fields of a PROCESS_MESSAGE_SUBSCRIPTION record."""
        return {
            "elementId": self.node.id,
            "messageName": self.name,
            "messageKey": message_key,
            "correlationKey": self.correlation_key,
            "interrupting": self.interrupting,
            **_owner(self.token),
        }


class SignalSubscription(Subscription):
    """Waits for a signal of this name."""

    __slots__ = ("name",)

    def __init__(self, key: int, node: Node, token: Token | None, name: str) -> None:
        super().__init__(key, node, token)
        self.name = name

    def value(self) -> dict[str, Any]:
        """The fields of a SIGNAL_SUBSCRIPTION record."""
        return {"catchEventId": self.node.id, "signalName": self.name, **_owner(self.token)}


class TimerSubscription(Subscription):
    """Waits for a moment; ``repetitions`` -1 is for ever."""

    __slots__ = ("due", "following", "instance_key", "repetitions")

    def __init__(
        self,
        key: int,
        node: Node,
        token: Token | None,
        due: int,
        repetitions: int = 1,
        following: Callable[[int], int | None] | None = None,
    ) -> None:
        super().__init__(key, node, token)
        self.due = due
        self.repetitions = repetitions
        self.following = following
        self.instance_key = token.instance.key if token else -1

    def value(self) -> dict[str, Any]:
        """The fields of a TIMER record."""
        return {
            "targetElementId": self.node.id,
            "dueDate": self.due,
            "repetitions": self.repetitions,
            "processDefinitionKey": self.node.process.key,
            **_owner(self.token),
            "processInstanceKey": self.instance_key,
        }


def _owner(token: Token | None) -> Mapping[str, Any]:
    if token is None:
        return {"processInstanceKey": -1, "elementInstanceKey": -1}
    return {
        "processInstanceKey": token.instance.key,
        "elementInstanceKey": token.key,
        "bpmnProcessId": token.instance.process.process_id,
    }


def attach(token: Token, subscription: Subscription) -> None:
    """Notes with a token what it waits for."""
    if token.subscriptions is None:
        token.subscriptions = []
    token.subscriptions.append(subscription)


def detach(token: Token, subscription: Subscription) -> None:
    """Its event has come for the last time."""
    subscription.open = False
    if token.subscriptions:
        token.subscriptions.remove(subscription)


RECORDS = {
    TimerSubscription: ("TIMER", "CANCELED"),
    MessageSubscription: ("PROCESS_MESSAGE_SUBSCRIPTION", "DELETED"),
    SignalSubscription: ("SIGNAL_SUBSCRIPTION", "DELETED"),
}


def closing(token: Token, *, of_event_sub_processes: bool) -> list[Subscription]:
    """Takes from a token what it waits for no longer, in the order of closing."""
    if not token.subscriptions:
        return []
    gone, kept = token.subscriptions, []
    if of_event_sub_processes:
        kept = [s for s in gone if s.node.kind is not Kind.START_EVENT]
        gone = [s for s in gone if s.node.kind is Kind.START_EVENT]
    token.subscriptions = kept or None
    return sorted(gone, key=_closing_order)


def _closing_order(subscription: Subscription) -> tuple[int, str, int]:
    """Timers, messages by their names, signals: the order of the broker's tables."""
    name = getattr(subscription, "name", "")
    return list(RECORDS).index(type(subscription)), name, subscription.key


def close(store: Store, subscription: Subscription) -> None:
    """Closes one; what is closed is skipped wherever it is still listed."""
    if not subscription.open:
        return
    subscription.open = False
    value_type, intent = RECORDS[type(subscription)]
    if store.records.wanted:
        value: Any = subscription.value()
        if value_type == "PROCESS_MESSAGE_SUBSCRIPTION":
            store.write(value_type, "DELETING", subscription.key, value)
        store.write(value_type, intent, subscription.key, value)
