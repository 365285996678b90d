"""Messages: correlation, buffering, ids, message starts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from workflow_devkit.engine.due_queue import DueQueue
from workflow_devkit.engine.executable import Node, Process
from workflow_devkit.engine.record_values import message_subscription_value, message_value
from workflow_devkit.engine.state import Message, MessageSubscription, Token
from workflow_devkit.engine.store import Store
from workflow_runtime.gateway.errors import AlreadyExists

__all__ = ["Messages"]

Deliver = Callable[[MessageSubscription, Message], None]
Start = Callable[[Node, Message], None]
Name = tuple[str, str]


class Messages:
    """Subscriptions by name and key, and the messages that wait for one."""

    _deliver: Deliver
    _start: Start

    def __init__(self, store: Store) -> None:
        self._store = store
        self._subscriptions: dict[Name, dict[int, MessageSubscription]] = {}
        self._starts: dict[str, dict[str, Node]] = {}
        self._buffer: dict[Name, deque[Message]] = {}
        self._ids: dict[tuple[str, str, str], Message] = {}
        self._kept: dict[int, Message] = {}
        # Messages are not called off: each entry counts.
        self._expiring = DueQueue(lambda _, __: True)
        self._locks: dict[tuple[str, str], int] = {}

    def bind(self, deliver: Deliver, start: Start) -> None:
        """Says who takes a message: an element that waits, or a process that it starts.

        Not in the constructor: both of them open and close subscriptions here, so they come later.
        """
        self._deliver = deliver
        self._start = start

    def publish(
        self, name: str, correlation_key: str, time_to_live: int, message_id: str,
        variables: Mapping[str, Any],
    ) -> int:  # fmt: skip
        """Correlates once per process id, and waits in the buffer for the rest of its life.

        See semantics#message-correlates-once.

        Raises:
            AlreadyExists: a message with this name, key and id is still buffered
                (semantics#message-id).
        """
        self._check_id(name, correlation_key, message_id)
        now = self._store.now()
        message = Message(
            self._store.next_key(), name, correlation_key, now + time_to_live, message_id, variables
        )
        self._write(message, "PUBLISHED")
        self._correlate(message)
        # Kept even where it has come to somebody: it may go to other processes, and holds its id.
        if time_to_live > 0:
            self._keep(message)
        else:
            self._write(message, "EXPIRED")
        return message.key

    def subscribe(
        self, node: Node, token: Token, name: str, correlation_key: str
    ) -> MessageSubscription:
        """Opens a subscription; the oldest buffered message is correlated in a later step."""
        found = MessageSubscription(self._store.next_key(), node, token, name, correlation_key)
        self._subscriptions.setdefault((name, correlation_key), {})[found.key] = found
        if self._store.records.wanted:
            value = message_subscription_value(found)
            self._store.write("PROCESS_MESSAGE_SUBSCRIPTION", "CREATING", found.key, value)
        # For the broker messages are on another partition, which answers later.
        self._store.send(self._opened, found)
        return found

    def forget(self, subscription: MessageSubscription) -> None:
        """Takes a closed subscription out of the index."""
        name = (subscription.name, subscription.correlation_key)
        listed = self._subscriptions.get(name)
        if listed is not None:
            listed.pop(subscription.key, None)
            if not listed:
                del self._subscriptions[name]

    def set_starts(self, process: Process, starts: Mapping[str, Node]) -> None:
        """Replaces the message starts of the version before by these (semantics#message-start)."""
        # The version before may have listened to other names.
        for listed in self._starts.values():
            listed.pop(process.process_id, None)
        for name, node in starts.items():
            self._starts.setdefault(name, {})[process.process_id] = node

    def instance_ended(self, process_id: str, correlation_key: str) -> None:
        """Frees the key of an ended instance; a buffered message may start the next one.

        See semantics#message-start-locks.
        """
        self._locks.pop((process_id, correlation_key), None)
        for name, listed in self._starts.items():
            node = listed.get(process_id)
            for message in self._buffered((name, correlation_key)):
                if node is not None and self._start_one(message, process_id, node):
                    return

    def run_due(self) -> None:
        """Forgets messages whose time is over (semantics#message-expires)."""
        now = self._store.now()
        while (key := self._expiring.take(now)) is not None:
            self._expire(self._kept.pop(key))

    def next_due(self) -> int | None:
        """When the next message expires."""
        return self._expiring.next_due()

    def _check_id(self, name: str, correlation_key: str, message_id: str) -> None:
        known = self._ids.get((name, correlation_key, message_id)) if message_id else None
        if known is not None and known.deadline > self._store.now():
            text = (
                f"Expected to publish a new message with id '{message_id}', "
                "but a message with that id was already published"
            )
            raise AlreadyExists(f"Command 'PUBLISH' rejected with code 'ALREADY_EXISTS': {text}")

    def _correlate(self, message: Message) -> None:
        name = (message.name, message.correlation_key)
        for subscription in tuple(self._subscriptions.get(name, {}).values()):
            self._correlate_one(subscription, message)
        for process_id, node in tuple(self._starts.get(message.name, {}).items()):
            self._start_one(message, process_id, node)

    def _opened(self, subscription: MessageSubscription) -> None:
        if not subscription.open:
            return
        if self._store.records.wanted:
            value = message_subscription_value(subscription)
            self._store.write("PROCESS_MESSAGE_SUBSCRIPTION", "CREATED", subscription.key, value)
        self.offer_buffered(subscription)

    def offer_buffered(self, subscription: MessageSubscription) -> None:
        """Sends a subscription the oldest buffered message that its process has not yet had.

        See semantics#message-buffered.
        """
        name = (subscription.name, subscription.correlation_key)
        for message in self._buffered(name):
            if self._correlate_one(subscription, message):
                return

    def _buffered(self, name: Name) -> list[Message]:
        # Only here: while a message is published its time cannot end, though real time goes on.
        now = self._store.now()
        return [message for message in self._buffer.get(name, ()) if message.deadline >= now]

    def _correlate_one(self, subscription: MessageSubscription, message: Message) -> bool:
        assert subscription.token is not None
        process_id = subscription.token.instance.process.process_id
        reached = process_id in message.correlated
        if reached or subscription.correlating or not subscription.open:
            return False
        # Marked when it leaves, not when it arrives: meanwhile no other instance may get it.
        message.correlated.add(process_id)
        subscription.correlating = True
        self._store.send(self._arrive, subscription, message)
        return True

    def _arrive(self, subscription: MessageSubscription, message: Message) -> None:
        subscription.correlating = False
        if not subscription.open:
            self._offer_elsewhere(subscription, message)
            return
        if self._store.records.wanted:
            value = {
                **message_subscription_value(subscription, message.key),
                "variables": dict(message.variables),
            }
            self._store.write("PROCESS_MESSAGE_SUBSCRIPTION", "CORRELATED", subscription.key, value)
        self._deliver(subscription, message)

    def _offer_elsewhere(self, subscription: MessageSubscription, message: Message) -> None:
        """Offers a message, whose subscription has closed meanwhile, to others of that process."""
        assert subscription.token is not None
        message.correlated.discard(subscription.token.instance.process.process_id)
        name = (message.name, message.correlation_key)
        for other in tuple(self._subscriptions.get(name, {}).values()):
            if self._correlate_one(other, message):
                return

    def _start_one(self, message: Message, process_id: str, node: Node) -> bool:
        lock = (process_id, message.correlation_key)
        locked = bool(message.correlation_key) and lock in self._locks
        if locked or process_id in message.correlated:
            return False
        # Each process gets it once, by a start event or by a subscription.
        message.correlated.add(process_id)
        if message.correlation_key:
            self._locks[lock] = message.key
        self._start(node, message)
        return True

    def _keep(self, message: Message) -> None:
        name = (message.name, message.correlation_key)
        self._buffer.setdefault(name, deque()).append(message)
        self._kept[message.key] = message
        self._expiring.add(message.deadline, message.key)
        if message.id:
            self._ids[(*name, message.id)] = message

    def _expire(self, message: Message) -> None:
        name = (message.name, message.correlation_key)
        buffered = self._buffer[name]
        buffered.remove(message)
        if not buffered:
            del self._buffer[name]
        # Its id may have been taken again meanwhile, by a later message.
        if self._ids.get((*name, message.id)) is message:
            del self._ids[(*name, message.id)]
        self._write(message, "EXPIRED")

    def _write(self, message: Message, intent: str) -> None:
        if self._store.records.wanted:
            self._store.write("MESSAGE", intent, message.key, message_value(message))
