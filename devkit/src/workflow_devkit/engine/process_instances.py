"""How instances begin and end: by command, message, timer, signal, or another instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_devkit.engine.deployments import start_names
from workflow_devkit.engine.executable import Node, Process
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.record_values import message_start_value, timer_value
from workflow_devkit.engine.state import (
    Instance,
    Message,
    State,
    TimerSubscription,
    Token,
    Trigger,
)
from workflow_devkit.engine.store import Store
from workflow_devkit.engine.subscriptions import Subscriptions
from workflow_devkit.engine.timers import schedule
from workflow_devkit.engine.variable_scopes import set_local
from workflow_runtime.bpmn.model import EventKind

__all__ = ["ProcessInstances"]


class ProcessInstances:
    """Begins instances, arms their start events, and tells others of their end."""

    def __init__(self, store: Store, life: Lifecycle, subscriptions: Subscriptions) -> None:
        self._store = store
        self._life = life
        self._subscriptions = subscriptions
        self._timers = subscriptions.timers
        self._messages = subscriptions.messages
        self._signals = subscriptions.signals
        self._armed: dict[str, list[TimerSubscription]] = {}

    def begin(
        self,
        process: Process,
        scope: Mapping[str, Any],
        trigger: Trigger | None = None,
        caller: Token | None = None,
        key: int | None = None,
    ) -> Instance:
        """Makes an instance with its variables; its first element is activated in a later step.

        See semantics#instance-variables.
        """
        instance = Instance(key or self._store.next_key(), process, caller)
        self._store.instances[instance.key] = instance
        instance.trigger = trigger
        # Before anything is activated (semantics#instance-variables).
        set_local(self._store, instance, scope)
        self._store.later(self._start, instance)
        return instance

    def _start(self, instance: Instance) -> None:
        caller = instance.caller
        if caller is not None and caller.state is not State.ACTIVATED:
            # Its caller has been terminated meanwhile: it never begins, and no record says so.
            del self._store.instances[instance.key]
            return
        if caller is not None:
            caller.called = instance
        self._life.start(instance)

    def by_message(self, node: Node, message: Message) -> None:
        """Begins an instance for a message start event; its key is locked until it ends.

        See semantics#message-start-locks.
        """
        instance = self.begin(node.process, {}, Trigger(node, message.variables))
        if message.correlation_key:
            instance.correlation = (node.process.process_id, message.correlation_key)
        if self._store.records.wanted:
            value = message_start_value(node, message, instance.key)
            key = self._store.next_key()
            self._store.write("MESSAGE_START_EVENT_SUBSCRIPTION", "CORRELATED", key, value)

    def by_timer(self, timer: TimerSubscription) -> None:
        """Begins an instance for a timer start event, and arms the next timer of a cycle."""
        timer.open = False
        # First, because the record names the instance that it starts.
        timer.instance_key = self._store.next_key()
        self._store.write("TIMER", "TRIGGERED", timer.key, timer_value(timer))
        armed = self._armed[timer.node.process.process_id]
        armed.remove(timer)
        if (following := self._timers.rearm(timer)) is not None:
            armed.append(following)
        self.begin(timer.node.process, {}, Trigger(timer.node, {}), key=timer.instance_key)

    def by_signal(self, node: Node, scope: Mapping[str, Any]) -> None:
        """Begins an instance for a signal start event."""
        self.begin(node.process, {}, Trigger(node, scope))

    def arm(self, process: Process) -> None:
        """Lets a new version listen instead of the one before (semantics#deployment-latest-starts).

        Its timers see no variables (semantics#timer-start).
        """
        for timer in self._armed.pop(process.process_id, ()):
            self._subscriptions.close(timer)
        self._armed[process.process_id] = [
            self._timers.arm(node, None, schedule(node, {}, self._store.now()))
            for node in process.start_events(EventKind.TIMER)
        ]
        # Also with none: what the version before waited for is given up.
        self._messages.set_starts(process, start_names(process, EventKind.MESSAGE))
        self._signals.set_starts(process, start_names(process, EventKind.SIGNAL))

    def ended(self, instance: Instance, *, completed: bool) -> None:
        """Tells of an end: the next message with its key, who waits for the result, the caller."""
        del self._store.instances[instance.key]
        scope = dict(instance.locals or {})
        # A message that has waited for the lock may start the next instance.
        if instance.correlation is not None:
            self._messages.instance_ended(*instance.correlation)
        if instance.result is not None:
            instance.result(scope if completed else None)
        if instance.caller is not None:
            self._life.instance_ended(instance.caller, scope, completed=completed)
