"""How many jobs may run: of one type, and of all types.

A poller is woken when enough slots are free for a worthwhile batch (the low-water mark), or a
moment after the first one is: never by a fixed sleep, and never while nothing is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_LINGER = 0.01
"""Seconds that a few free slots wait for more before they are filled."""
_LINGER_IN_BACKLOG = 0.02
"""Seconds that free slots wait for more of them while more jobs wait than there is room for:
larger batches cost less."""

Begin = Callable[[], None]


class TotalSlots:
    """The slots of the whole service, shared fairly between its types.

    ``taken`` counts jobs that were fetched, ``begun`` those whose handlers may run.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self.begun = 0
        self.types: list[JobSlots] = []
        self.excess: list[tuple[JobSlots, Begin]] = []
        """What came beyond a limit: polls of several types, or a stream, may bring too many."""
        self.closed = False
        self.held = False
        """Whether a suspect job runs alone: nothing is fetched meanwhile."""

    def share(self) -> int:
        """What one type may ask for now."""
        if self.held:
            return 0
        free = self.limit - self.taken
        # At least one each: else many types would share a few slots by asking for none.
        return free if free <= 1 else max(1, free // len(self.types))

    def wake(self) -> None:
        """Lets waiting types look again; who was served last looks last."""
        for slots in self.types:
            slots.wake()

    def served(self, slots: JobSlots) -> None:
        """Counts a job of a type, which from now on looks last if nothing is free."""
        self.taken += 1
        # Only where there is competition: the order decides nothing while slots are free.
        if self.taken >= self.limit and self.types[-1] is not slots:
            self.types.remove(slots)
            self.types.append(slots)

    def begin_excess(self) -> None:
        """Begins with what waits, as far as there is room."""
        # Replaced first: what still finds no room is put into the new list.
        waiting, self.excess = self.excess, []
        for slots, begin in waiting:
            slots.admit(begin)

    def close(self) -> None:
        """From now on nothing waits: what comes is only handed back."""
        self.closed = True
        self.begin_excess()


class JobSlots:
    """How many jobs of one type may be fetched, and how many may run."""

    def __init__(self, limit: int, total: TotalSlots) -> None:
        self.limit = limit
        self.taken = 0
        self._begun = 0
        self._late = 0
        self._total = total
        # The low-water mark: so many free slots are a batch.
        self._mark = max(1, limit // 3)
        self._waiter: asyncio.Future[None] | None = None
        total.types.append(self)

    def free(self) -> int:
        """How many jobs may be fetched now."""
        return max(0, min(self.limit - self.taken, self._total.share()))

    def take(self, begin: Begin) -> None:
        """Takes in a job that has come: begins with it now, or as soon as there is room."""
        self.taken += 1
        self._total.served(self)
        self.admit(begin)

    def admit(self, begin: Begin) -> None:
        """Begins, if that keeps within both limits; else it waits for somebody's end."""
        total = self._total
        if total.closed or (self._begun < self.limit and total.begun < total.limit):
            self._begun += 1
            total.begun += 1
            begin()
        else:
            total.excess.append((self, begin))

    def release(self) -> None:
        """Frees the slot of a job that has ended."""
        total = self._total
        was_full = total.taken >= total.limit
        self.taken -= 1
        self._begun -= 1
        total.taken -= 1
        total.begun -= 1
        if total.excess:
            total.begin_excess()
        # While the service was full, types without a job of their own waited for this one too.
        if was_full:
            total.wake()
        elif self._waiter is not None and (
            self.limit - self.taken >= self._mark or self.taken == self.limit - 1
        ):
            self.wake()

    def release_early(self) -> bool:
        """Frees the slot of a job that only waits for the gateway; false if too many do."""
        if self._late >= self.limit:
            return False
        self._late += 1
        self.release()
        return True

    def end_late(self) -> None:
        """Forgets a job whose slot was freed before its end."""
        self._late -= 1

    def wake(self) -> None:
        """Lets whoever waits look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def batch(self, *, backlog: bool = False) -> int:
        """Waits until a batch is worth fetching; returns its size, 0 when woken by a stop."""
        if self.free() == 0:
            await self._woken(None)
        if 0 < self.free() < self._mark:
            await self._woken(_LINGER_IN_BACKLOG if backlog else _LINGER)
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
