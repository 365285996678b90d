"""Which one of several replicas watches: whoever has the lease, as long as it renews it."""

from __future__ import annotations

import asyncio
import time

from workflow_runtime.alerts.claims import Ring
from workflow_runtime.alerts.replicas import Replicas
from workflow_runtime.gateway.errors import TransientGatewayError

__all__ = ["Lease"]


class Lease:
    """A claim of one replica among all of its service, renewed until it ends.

    Args:
        replicas: what this one shares with others, who take the lease over some time after its
            last renewal; None where there are no others.
    """

    def __init__(self, replicas: Replicas | None) -> None:
        self._seconds = replicas.pace.lease if replicas else 0.0
        self._ring = Ring(replicas.claims, "watcher", self._seconds) if replicas else None
        self._until = 0.0
        self.known: bool | None = None
        """Whether the engine says who has it; None until it was asked."""
        self._had = False

    @property
    def held(self) -> bool:
        """Whether this replica has it."""
        return self._ring is None or time.monotonic() < self._until

    async def run(self) -> None:
        """Takes the lease when it is free, and renews it, until cancelled."""
        while self._ring is not None:
            await self._turn(self._ring)
            await asyncio.sleep(self._seconds * self._pause)

    @property
    def _pause(self) -> float:
        if self.known is False and not self._had:
            # After an outage the one that had it comes first: it knows what it has told.
            return 1.0
        # More often would use up the ring's ids; who has none only asks, and finds it free soon.
        return 3 / 8 if self.held else 3 / 16

    async def _turn(self, ring: Ring) -> None:
        began = time.monotonic()
        try:
            # What has run out may have been taken by another.
            mine = await (ring.renew() if self.held else ring.take())
        except TransientGatewayError:
            self.known = False
        else:
            self.known, self._had = True, mine
            self._until = began + self._seconds if mine else 0.0
