"""The one clock of an engine: timers, deadlines, backoff, TTL and FEEL's ``now()`` follow it.

See semantics#engine-clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["ControlledClock", "EngineClock", "SystemClock", "milliseconds"]


def milliseconds(duration: timedelta) -> int:
    """Converts a duration to whole milliseconds, in which the engine counts."""
    return round(duration.total_seconds() * 1000)


class EngineClock(Protocol):
    """Unix time in milliseconds."""

    def now_ms(self) -> int:
        """The time now."""
        ...


class SystemClock:
    """Real time."""

    def now_ms(self) -> int:
        """The time now."""
        return time.time_ns() // 1_000_000


class ControlledClock:
    """Time that stands still until it is moved."""

    def __init__(self, start: datetime | None = None) -> None:
        begin = start or datetime.now(UTC)
        self._now = int(begin.timestamp() * 1000)

    def now_ms(self) -> int:
        """The time now."""
        return self._now

    def advance(self, duration: timedelta) -> None:
        """Moves on; time never goes back.

        Raises:
            ValueError: the duration is negative.
        """
        self.move_to(self._now + milliseconds(duration))

    def move_to(self, moment: int) -> None:
        """Moves to a moment (Unix time in milliseconds)."""
        if moment < self._now:
            raise ValueError("a clock cannot go back")
        self._now = moment
