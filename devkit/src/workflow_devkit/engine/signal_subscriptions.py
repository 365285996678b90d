"""Signals: to everybody who listens now, without key or buffer (semantics#signal-broadcast)."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_devkit.engine.executable import Node, Process
from workflow_devkit.engine.record_values import signal_subscription_value
from workflow_devkit.engine.state import SignalSubscription, Token
from workflow_devkit.engine.store import Store

__all__ = ["Signals"]


class Signals:
    """Open signal subscriptions by name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, dict[int, SignalSubscription]] = {}
        self._starts: dict[str, dict[str, Node]] = {}

    def subscribe(self, node: Node, token: Token, name: str) -> SignalSubscription:
        """Opens the subscription of a token to signals of a name."""
        found = SignalSubscription(self._store.next_key(), node, token, name)
        self._open.setdefault(name, {})[found.key] = found
        if self._store.records.wanted:
            self._store.write(
                "SIGNAL_SUBSCRIPTION", "CREATED", found.key, signal_subscription_value(found)
            )
        return found

    def forget(self, subscription: SignalSubscription) -> None:
        """Takes a closed subscription out of the index."""
        listed = self._open.get(subscription.name)
        if listed is not None:
            listed.pop(subscription.key, None)
            if not listed:
                del self._open[subscription.name]

    def set_starts(self, process: Process, starts: Mapping[str, Node]) -> None:
        """Replaces the signal starts of the version before by these."""
        for listed in self._starts.values():
            listed.pop(process.process_id, None)
        for name, node in starts.items():
            self._starts.setdefault(name, {})[process.process_id] = node

    def listeners(self, name: str) -> tuple[list[SignalSubscription], list[Node]]:
        """Who hears a signal: tokens that wait, and processes that it starts."""
        # A list: an event sub-process that begins closes subscriptions at once, in this index.
        waiting = [s for s in self._open.get(name, {}).values() if s.open]
        return waiting, list(self._starts.get(name, {}).values())
