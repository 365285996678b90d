"""Notices a blocked event loop, and says who blocks it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from loguru import logger

from workflow_runtime._log.repeats import write_due

_TICK = 0.5
"""Seconds between two looks at the event loop."""
_BLOCKED = 1.0
"""Seconds without a turn after which the loop counts as blocked."""


class LoopWatch:
    """Ticks on the loop, watched by a thread of its own.

    ``name_of`` gives the words for an asyncio task that blocks, or nothing.
    """

    def __init__(self, name_of: Callable[[asyncio.Task[Any]], str] = lambda _: "") -> None:
        self.lag = 0.0
        self.blocked_by = ""
        """Who blocks the loop right now; empty while it turns."""
        # Written by the loop, read by the thread: a float, hence without a lock.
        self._last = time.monotonic()
        self._name_of = name_of
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._ended = threading.Event()

    async def run(self) -> None:
        """Ticks on the event loop, and has a thread look at the ticks, until cancelled."""
        threading.Thread(target=self._watch, name="loop-watch", daemon=True).start()
        try:
            while True:
                begun = time.monotonic()
                self._last = begun
                await asyncio.sleep(_TICK)
                self.lag = max(0.0, time.monotonic() - begun - _TICK)
        finally:
            self._ended.set()

    def stalled(self) -> float:
        """Seconds that the loop has not turned, now."""
        return max(0.0, time.monotonic() - self._last - _TICK)

    def _watch(self) -> None:
        while not self._ended.wait(_TICK):
            # Here, since it is due whether the loop is blocked or not.
            write_due()
            stalled = self.stalled()
            if stalled < _BLOCKED:
                self.blocked_by = ""
            elif not self.blocked_by:
                self.blocked_by = self._culprit()
                logger.warning(
                    "the event loop is blocked for {:.1f} s by {}: use a def handler for "
                    "blocking work, it runs in a thread",
                    stalled,
                    self.blocked_by,
                )

    def _culprit(self) -> str:
        task = asyncio.current_task(self._loop)
        name = self._name_of(task) if task is not None else ""
        return f"{name}, in {self._place()}" if name else self._place()

    def _place(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - no public way
        if frame is None:
            return "an unknown call"
        stack = traceback.extract_stack(frame)
        # The innermost frame that is neither asyncio's nor ours is the one to be mended.
        own = [f for f in stack if "/asyncio/" not in f.filename and "_worker" not in f.filename]
        last = (own or stack)[-1]
        return f"{last.name} ({last.filename}:{last.lineno})"
