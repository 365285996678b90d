"""At which times Operate was watched, by whichever replica: remembered by claims."""

from __future__ import annotations

from datetime import datetime, timedelta

from workflow_runtime.alerts.claims import Ring
from workflow_runtime.alerts.replicas import Replicas

__all__ = ["WatchedTimes"]

_SPAN = 60.0
"""Seconds of one mark."""
_LATE = timedelta(minutes=2)
"""Operate shows an incident so late at most: what is younger may not have been seen."""
_MOST = 30
"""Marks of one look."""
_FIRST = timedelta(hours=1)
"""Where nobody has watched before, only incidents younger than this are news."""


class WatchedTimes:
    """Marks the times that were watched; a watcher that comes later tells nothing of them again.

    Every method but the constructor may raise a `GatewayError`.

    Args:
        replicas: what this one shares with others, and with those before it; None remembers
            nothing.
    """

    def __init__(self, replicas: Replicas | None) -> None:
        self._claims = replicas.claims if replicas else None
        self._seconds = replicas.pace.known if replicas else 0.0
        self._ever = Ring(replicas.claims, "watched", self._seconds) if replicas else None
        self._marked = 0
        self._renew_at: datetime | None = None

    async def mark(self, now: datetime) -> None:
        """Says that incidents are watched at this time."""
        span = _span(now - _LATE) - 1
        if self._claims is None or self._ever is None:
            return
        # All since the last look: what was raised between two looks is in the second.
        for each in range(max(self._marked, span - _MOST) + 1, span + 1):
            await self._claims.take(f"watched at {each}", self._seconds)
            self._marked = each
        if self._renew_at is None or now >= self._renew_at:
            await self._ever.renew()
            self._renew_at = now + timedelta(seconds=self._seconds / 3)

    async def horizon(self) -> timedelta:
        """The age beyond which incidents are no news, as a watch begins."""
        watched = self._ever is not None and await self._ever.holds()
        return timedelta(seconds=self._seconds) if watched else _FIRST

    async def had(self, moment: datetime) -> bool:
        """Whether somebody watched when an incident was raised at this moment."""
        return self._claims is not None and await self._claims.is_taken(
            f"watched at {_span(moment)}"
        )


def _span(moment: datetime) -> int:
    return int(moment.timestamp() // _SPAN)
