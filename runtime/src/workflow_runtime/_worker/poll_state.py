"""What a poll loop notes of its last answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_runtime.health import TypeHealth


@dataclass(slots=True)
class PollState:
    """Written by a poll loop, read by health in any thread; times are monotonic seconds."""

    last_ok: float | None = None
    last_error: str = ""
    turned: float | None = None
    """When the poll in flight began; None while the loop waits for room, or before it starts."""

    def type_health(self, now: float, started: Iterable[float]) -> TypeHealth:
        """A snapshot at ``now``; ``started`` says when each job in hand began."""
        times = tuple(started)
        return TypeHealth(
            last_ok_age=None if self.last_ok is None else now - self.last_ok,
            last_error=self.last_error,
            running=len(times),
            oldest_running=now - min(times, default=now),
            poll_loop_age=0.0 if self.turned is None else now - self.turned,
        )
