"""How often an incident was there, under whatever keys."""

from __future__ import annotations

from collections import OrderedDict

from workflow_runtime.alerts.grouping import Identity

__all__ = ["Times"]

_REMEMBERED = 100_000
"""Incidents of which is known how often they were there."""


class Times:
    """How often each incident was there; the oldest are forgotten."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Identity, int] = OrderedDict()

    def again(self, identity: Identity) -> int:
        """Counts once more; 1 is the first time."""
        self._counts[identity] = self.times(identity) + 1
        self._counts.move_to_end(identity)
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return self._counts[identity]

    def times(self, identity: Identity) -> int:
        """How often until now."""
        return self._counts.get(identity, 0)
