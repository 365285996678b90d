"""What the worker knows of its own state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TypeHealth:
    """One job type.

    Seconds since its last answered poll, the last refusal, jobs in hand, for how many seconds
    the oldest of them runs, and for how many the poll loop has not turned (0 while it rightly
    waits for room).
    """

    last_ok_age: float | None
    last_error: str
    running: int
    oldest_running: float = 0.0
    poll_loop_age: float = 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """A snapshot.

    ``live``: the event loop and all poll loops turn; a broker that is away does not make it
    false, because a restart would not help. ``ready``: every type is polled with success and
    the processes are deployed. ``loop_lag`` is in seconds. ``problems`` says in words what is
    wrong, ``stalled`` what does not move: a handler, a poll loop, the event loop.
    """

    live: bool
    ready: bool
    types: Mapping[str, TypeHealth] = field(default_factory=dict)
    deployment: str = "nothing to deploy"
    loop_lag: float = 0.0
    problems: tuple[str, ...] = ()
    stalled: tuple[str, ...] = ()
    events_waiting: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class PollState:
    """What a poller notes of its last answers, in monotonic seconds."""

    last_ok: float | None = None
    last_error: str = ""
    turned: float | None = None
    """When the poll in flight began; None while the loop waits for room, or before it starts."""

    def health(self, now: float, started: Iterable[float]) -> TypeHealth:
        """The same as seen from outside; ``started`` has the jobs in hand."""
        times = tuple(started)
        return TypeHealth(
            last_ok_age=None if self.last_ok is None else now - self.last_ok,
            last_error=self.last_error,
            running=len(times),
            oldest_running=now - min(times, default=now),
            poll_loop_age=0.0 if self.turned is None else now - self.turned,
        )
