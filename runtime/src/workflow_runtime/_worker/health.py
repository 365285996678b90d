"""What the worker knows of its own state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TypeHealth:
    """One job type: seconds since its last answered poll, the last refusal, jobs in hand."""

    last_ok_age: float | None
    last_error: str
    running: int


@dataclass(frozen=True, slots=True)
class Health:
    """A snapshot.

    ``live``: the event loop turns; a broker that is away does not make it false, because a
    restart would not help. ``ready``: every type is polled with success and the processes are
    deployed. ``loop_lag`` is in seconds. ``problems`` says in words what is wrong.
    """

    live: bool
    ready: bool
    types: Mapping[str, TypeHealth] = field(default_factory=dict)
    deployment: str = "nothing to deploy"
    loop_lag: float = 0.0
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class PollState:
    """What a poller notes of its last answers, in monotonic seconds."""

    last_ok: float | None = None
    last_error: str = ""

    def health(self, now: float, running: int) -> TypeHealth:
        """The same as seen from outside."""
        age = None if self.last_ok is None else now - self.last_ok
        return TypeHealth(age, self.last_error, running)
