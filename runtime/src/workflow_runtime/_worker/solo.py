"""Suspect jobs, one after the other, each while nothing else of this process begins.

Whose death it was, nobody can tell of jobs that ran side by side. So a job that was in hand at too
many deaths of its process is given a time alone; what happens then, nobody else has done. It
costs its neighbours little: they wait for `QUIET` and the suspect's window at most, and then have
as much time to begin as they have waited.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from workflow_runtime._worker.job_slots import TotalSlots

QUIET = 5.0
"""Seconds that running handlers have for coming to an end; who takes longer has killed nobody."""
_GATHERED = 0.1
"""Seconds for suspects to come together: one batch, or the first polls of several types."""
_LOOK = 0.02
"""Seconds between two looks at what still runs: an event would cost every job's end something."""


class Turn:
    """A suspect's time alone; ``window`` is how many seconds it is at most."""

    def __init__(self, window: float, survived: Callable[[], Awaitable[None]]) -> None:
        self.window = window
        self.survived = survived
        self.begun, self.over = asyncio.Event(), asyncio.Event()
        self.told: asyncio.Task[None] | None = None


class Solo:
    """Gives turns to suspect jobs; jobs that are none look at ``held`` before they begin."""

    def __init__(self, total: TotalSlots) -> None:
        self.held = False
        """Whether nothing may begin but the suspect whose turn it is."""
        self._total = total
        self._queue: list[tuple[int, int, Turn]] = []
        self._numbers = itertools.count()
        self._serving: asyncio.Task[None] | None = None
        self._at_gate = 0
        self._open = asyncio.Event()
        self._closed = False

    async def passed(self) -> None:
        """Waits until others may begin again."""
        self._at_gate += 1
        try:
            while self.held:
                await self._open.wait()
        finally:
            self._at_gate -= 1

    @asynccontextmanager
    async def turn(
        self, order: int, window: float, survived: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Waits for a turn; it is over with the block, or after ``window`` seconds.

        Args:
            order: the smallest goes first.
            window: seconds for which nothing else begins.
            survived: called if the block is not left within the window.
        """
        turn = Turn(window, survived)
        entry = (order, next(self._numbers), turn)
        if self._closed:
            yield
            return
        heapq.heappush(self._queue, entry)
        if self._serving is None:
            # Now: its neighbours of the same batch are about to begin.
            self._hold()
            self._serving = asyncio.get_running_loop().create_task(self._serve())
        try:
            await turn.begun.wait()
            yield
        finally:
            turn.over.set()
            if entry in self._queue:
                self._queue.remove(entry)
                heapq.heapify(self._queue)
            if turn.told is not None:
                # What is sent next for this job comes after what was noted of it.
                await asyncio.wait([turn.told])

    def close(self) -> None:
        """The service stops: nobody waits any more."""
        self._closed = True
        if self._serving is not None:
            self._serving.cancel()
        for _, _, turn in self._queue:
            turn.begun.set()
        self._release()

    async def _serve(self) -> None:
        try:
            while self._queue:
                since = time.monotonic()
                self._hold()
                await self._quiet()
                if self._queue:
                    await self._give(heapq.heappop(self._queue)[2])
                others = self._at_gate > 0
                self._release()
                if others:
                    await asyncio.sleep(time.monotonic() - since)
        finally:
            self._serving = None
            self._release()

    async def _give(self, turn: Turn) -> None:
        turn.begun.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(turn.over.wait(), turn.window)
        if not turn.over.is_set():
            turn.told = asyncio.ensure_future(turn.survived())

    async def _quiet(self) -> None:
        await asyncio.sleep(_GATHERED)
        until = time.monotonic() + QUIET
        while self._running() and time.monotonic() < until:  # noqa: ASYNC110 - see `_LOOK`
            await asyncio.sleep(_LOOK)

    def _running(self) -> int:
        # Suspects that wait have given their slots away.
        return self._total.begun - self._at_gate

    def _hold(self) -> None:
        self.held = self._total.held = True
        self._open.clear()

    def _release(self) -> None:
        self.held = self._total.held = False
        self._open.set()
        self._total.wake()
