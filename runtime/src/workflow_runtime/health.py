"""The state of a service as probes, metrics and people see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Health", "OutboxHealth", "Trouble", "TypeHealth"]


@dataclass(frozen=True, slots=True)
class TypeHealth:
    """How the jobs of one task type are getting on.

    Attributes:
        last_ok_age: seconds since its last answered poll; None before the first one.
        last_error: the gRPC status of the last refusal, or why there is no token; empty after an
            answer.
        running: jobs in hand.
        oldest_running: for how many seconds the oldest of them runs.
        poll_loop_age: for how many seconds the poll loop has not turned; 0 while it rightly
            waits for room.
    """

    last_ok_age: float | None
    last_error: str
    running: int
    oldest_running: float = 0.0
    poll_loop_age: float = 0.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not work.

    Attributes:
        what: in words, without values of rows.
        since: when it began, or was first noticed: ISO 8601; empty if nobody knows.
        seconds: for how long.
    """

    what: str
    since: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """How an outbox is getting on, as the relay of this service sees it.

    Attributes:
        troubles: the database that cannot be written, writers or the relay that fail, events that
            wait too long; empty if all is well.
        waiting: how many events wait to be sent; None where nobody knows, as the database is away.
        parked: how many wait for a person; None likewise.
        oldest: the age of the oldest waiting event in seconds, by the database's clock; None
            likewise.
    """

    troubles: tuple[Trouble, ...] = ()
    waiting: int | None = None
    parked: int | None = None
    oldest: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a service at one moment.

    Attributes:
        live: the event loop and all poll loops turn; a broker that is away does not make it
            false, because a restart would not help.
        ready: every type is polled with success, the processes are deployed, and the event loop
            turns.
        types: each job type by its name.
        deployment: what has become of the diagrams, in words.
        loop_lag: how late the event loop is, in seconds.
        problems: what keeps the service from being ready, in words.
        stalled: what does not move: a handler, a poll loop, the event loop.
        events_waiting: events in the memory buffer.
        outbox: each outbox whose relay this service runs, by the name of its table.
    """

    live: bool
    ready: bool
    types: Mapping[str, TypeHealth] = field(default_factory=dict)
    deployment: str = "nothing to deploy"
    loop_lag: float = 0.0
    problems: tuple[str, ...] = ()
    stalled: tuple[str, ...] = ()
    events_waiting: int = 0
    outbox: Mapping[str, OutboxHealth] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Makes plain data of every field, for JSON.

        Returns:
            The fields by their names; durations are seconds.
        """
        return asdict(self)
