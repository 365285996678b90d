"""How many jobs may run: of one type, and of all.

A poller is woken when enough slots are free for a worthwhile batch (the low-water mark), or a
moment after the first one is: never by a fixed sleep, and never while nothing is free.
"""

from __future__ import annotations

import asyncio

_LINGER = 0.01
"""Seconds that a few free slots wait for more before they are filled."""


class Total:
    """The slots of the whole service, shared fairly between its types."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self.types: list[Slots] = []
        self.gate = asyncio.Semaphore(limit)

    def share(self) -> int:
        """What one type may ask for now."""
        free = self.limit - self.taken
        return free if free <= 1 else max(1, free // len(self.types))

    def wake(self) -> None:
        """Lets waiting types look again; who was served last looks last."""
        for slots in self.types:
            slots.wake()

    def served(self, slots: Slots) -> None:
        """This type has taken one."""
        self.taken += 1
        if self.taken >= self.limit and self.types[-1] is not slots:
            self.types.remove(slots)
            self.types.append(slots)


class Slots:
    """The slots of one type."""

    def __init__(self, limit: int, total: Total) -> None:
        self.limit = limit
        self.taken = 0
        self._total = total
        self._mark = max(1, limit // 3)
        self._waiter: asyncio.Future[None] | None = None
        total.types.append(self)

    def free(self) -> int:
        """How many jobs may be fetched now."""
        return max(0, min(self.limit - self.taken, self._total.share()))

    def take(self) -> None:
        """A job has been started."""
        self.taken += 1
        self._total.served(self)

    def release(self) -> None:
        """A job has ended."""
        was_full = self._total.taken >= self._total.limit
        self.taken -= 1
        self._total.taken -= 1
        if was_full:
            self._total.wake()
        elif self._waiter is not None and (
            self.limit - self.taken >= self._mark or self.taken == self.limit - 1
        ):
            self.wake()

    def wake(self) -> None:
        """Lets whoever waits look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def batch(self) -> int:
        """Waits until a batch is worth fetching; returns its size, 0 when woken by a stop."""
        if self.free() == 0:
            await self._woken(None)
        if 0 < self.free() < self._mark:
            await self._woken(_LINGER)
        return self.free()

    async def one(self) -> None:
        """Waits until at least one slot is free, or until woken."""
        if self.free() == 0:
            await self._woken(None)

    async def _woken(self, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter
        if waiter is None or waiter.done():
            waiter = self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self.wake) if seconds is not None else None
        try:
            # Shielded: poller and stream may wait for the same wake-up.
            await asyncio.shield(waiter)
        finally:
            if timer is not None:
                timer.cancel()
