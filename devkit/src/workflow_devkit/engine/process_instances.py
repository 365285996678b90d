"""How instances begin and end: by command, message, timer, signal, or another instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_devkit.engine.deployments import start_names
from workflow_devkit.engine.executable import Node, Process
from workflow_devkit.engine.instances import Instance, State, Token, Trigger
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.messages import Message, Messages
from workflow_devkit.engine.signal_subscriptions import Signals
from workflow_devkit.engine.store import Store
from workflow_devkit.engine.subscriptions import TimerSubscription, close
from workflow_devkit.engine.timers import Timers, schedule
from workflow_devkit.engine.variables import set_local
from workflow_runtime.bpmn.model import EventKind

__all__ = ["ProcessInstances"]


class ProcessInstances:
    """Begins instances, arms their start events, and tells others of their end."""

    def __init__(self, store: Store, life: Lifecycle, timers: Timers, signals: Signals) -> None:
        self._store = store
        self._life = life
        self._timers = timers
        self._signals = signals
        self._armed: dict[str, list[TimerSubscription]] = {}
        self.messages: Messages | None = None
        life.on_instance_ended = self._ended

    def begin(
        self,
        process: Process,
        scope: Mapping[str, Any],
        trigger: Trigger | None = None,
        caller: Token | None = None,
        key: int | None = None,
    ) -> Instance:
        """A new instance with its variables; its first element is activated in a later step.

        See semantics#instance-variables.
        """
        instance = Instance(key or self._store.next_key(), process, caller)
        self._store.instances[instance.key] = instance
        instance.trigger = trigger
        set_local(self._store, instance, scope)
        self._store.later(self._start, instance)
        return instance

    def _start(self, instance: Instance) -> None:
        caller = instance.caller
        if caller is not None and caller.state is not State.ACTIVATED:
            del self._store.instances[instance.key]
            return
        if caller is not None:
            caller.called = instance
        self._life.start(instance)

    def child(self, process: Process, scope: Mapping[str, Any], caller: Token) -> Instance:
        """The instance that a call activity waits for."""
        return self.begin(process, scope, caller=caller)

    def by_message(self, node: Node, message: Message) -> None:
        """An instance for a message start event; its key is locked until it ends.

        See semantics#message-start-locks.
        """
        instance = self.begin(node.process, {}, Trigger(node, message.variables))
        if message.correlation_key:
            instance.correlation = (node.process.process_id, message.correlation_key)

    def by_timer(self, timer: TimerSubscription) -> None:
        """An instance for a timer start event, which may come again."""
        timer.open = False
        timer.instance_key = self._store.next_key()
        self._store.write("TIMER", "TRIGGERED", timer.key, timer.value())
        armed = self._armed[timer.node.process.process_id]
        armed.remove(timer)
        if (following := self._timers.rearm(timer)) is not None:
            armed.append(following)
        self.begin(timer.node.process, {}, Trigger(timer.node, {}), key=timer.instance_key)

    def by_signal(self, node: Node, scope: Mapping[str, Any]) -> None:
        """An instance for a signal start event."""
        self.begin(node.process, {}, Trigger(node, scope))

    def arm(self, process: Process) -> None:
        """Only the latest version listens (semantics#deployment-latest-starts).

        Its timers see no variables (semantics#timer-start).
        """
        for timer in self._armed.pop(process.process_id, ()):
            self._timers.forget(timer)
            close(self._store, timer)
        self._armed[process.process_id] = [
            self._timers.arm(node, None, schedule(node, {}, self._store.now()))
            for node in process.start_events(EventKind.TIMER)
        ]
        assert self.messages is not None
        self.messages.set_starts(process, start_names(process, EventKind.MESSAGE))
        self._signals.set_starts(process, start_names(process, EventKind.SIGNAL))

    def _ended(self, instance: Instance, completed: bool) -> None:
        del self._store.instances[instance.key]
        scope = dict(instance.locals or {})
        if instance.correlation is not None and self.messages is not None:
            self.messages.instance_ended(*instance.correlation)
        if instance.result is not None:
            instance.result(scope if completed else None)
        if instance.caller is not None:
            self._life.instance_ended(instance.caller, scope, completed=completed)
