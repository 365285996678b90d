"""What replicas of a service share: the engine, and how long they keep their word at it."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_runtime.alerts.claims import Claims
from workflow_runtime.gateway.port import Gateway

__all__ = ["Pace", "Replicas"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds; a broker forgets claims up to a minute later.

    Attributes:
        follow: how long a replica's word holds that it has open incidents of a kind.
        watch: how long a watcher's does, until another has taken over.
        lease: how long a replica is the watcher after its last word.
        ending: within which all replicas notice that a story has ended; one of them says so.
        turn: between two turns of what is done in the background.
        known: how long it is remembered when incidents were watched, and whose they are.
    """

    follow: float = 40.0
    watch: float = 120.0
    lease: float = 40.0
    ending: float = 20.0
    turn: float = 5.0
    known: float = 24 * 3600.0


class Replicas:
    """What this replica shares with the others of its service.

    Args:
        gateway: the engine.
        service: the service's name.
        watched: whether one of them watches Operate.
        pace: how long claims hold; None is the usual.

    Attributes:
        gateway: as given.
        watched: as given.
        pace: how long claims hold.
        claims: among the replicas.
    """

    def __init__(
        self, gateway: Gateway, service: str, *, watched: bool = False, pace: Pace | None = None
    ) -> None:
        self.gateway = gateway
        self.watched = watched
        self.pace = pace or Pace()
        self.claims = Claims(gateway, service)
