"""Notices a blocked event loop, says who blocks it, and when it turns again for how long it was."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from traceback import walk_stack
from typing import Any

from workflow_runtime._log.places import place_of
from workflow_runtime._log.repeats import Repeats, write_due

_TICK = 0.2
"""Seconds between two turns of the event loop that are noted: lengths are as exact."""
_LOOK = 0.5
"""Seconds between two looks at them."""
_BLOCKED = 1.0
"""Seconds without a turn after which the loop counts as blocked."""
_UNSEEN = 2.5
"""Seconds after which a thread that looks has surely had its turn, unless nothing has one."""
_ASYNCIO = ("_run_once", "_run", "run_forever", "run_until_complete", "run")
"""asyncio's own functions below which a callback or a task begins."""


class LoopWatch:
    """Ticks on the loop, watched by a thread of its own.

    Args:
        repeats: counts the lines of a block that comes again and again.
        name_of: gives the words for an asyncio task that blocks, or nothing.
    """

    def __init__(
        self, repeats: Repeats, name_of: Callable[[asyncio.Task[Any]], str] = lambda _: ""
    ) -> None:
        self.lag = 0.0
        self.blocked_by = ""
        """Who blocks the loop right now; empty while it turns."""
        self._place = ""
        self._repeats = repeats
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
                if self.lag >= _BLOCKED:
                    # It began somewhere between two ticks.
                    self._turns_again(self.lag + _TICK / 2)
        finally:
            self._ended.set()

    def stalled(self) -> float:
        """Seconds that the loop has not turned, now."""
        return max(0.0, time.monotonic() - self._last - _TICK)

    def _turns_again(self, seconds: float) -> None:
        culprit, self.blocked_by = self.blocked_by, ""
        if culprit:
            text = "the event loop was blocked for {:.1f} s by {}"
            self._repeats.say(("was blocked", self._place), "WARNING", text, seconds, culprit)
        elif seconds > _UNSEEN:
            text = "the event loop did not turn for {:.1f} s, nor did the thread that watches it: "
            text += "the process was stopped or had no CPU, or a C function kept the interpreter"
            self._repeats.say("stood still", "WARNING", text, seconds)

    def _watch(self) -> None:
        asked = time.monotonic()
        while not self._ended.wait(_LOOK):
            # Here, since it is due whether the loop is blocked or not.
            write_due()
            late = time.monotonic() - asked - _LOOK
            asked = time.monotonic()
            if self.stalled() < _BLOCKED:
                self.blocked_by = ""
            # If this thread had no turn either, what runs now need not be what kept the others.
            elif not self.blocked_by and late < _BLOCKED:
                self._accuse()

    def _accuse(self) -> None:
        turn = self._last
        task, place = asyncio.current_task(self._loop), self._where()
        name = self._name_of(task) if task is not None else ""
        # It may have turned meanwhile: then somebody else runs now.
        if turn != self._last:
            return
        self._place, self.blocked_by = place, f"{name}, in {place}" if name else place
        remedy = "a def handler, which runs in a thread" if name else "a thread (asyncio.to_thread)"
        text = (
            "the event loop is blocked by {}: no job moves meanwhile; blocking work belongs in {}"
        )
        self._repeats.say(("is blocked", place), "WARNING", text, self.blocked_by, remedy)

    def _where(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - no public way
        stack = [(each.f_code, line) for each, line in walk_stack(frame)][::-1]
        # What called the loop has nothing to do with what the loop has called.
        begins = [
            index
            for index, (code, _) in enumerate(stack, 1)
            if code.co_name in _ASYNCIO and "asyncio" in code.co_filename
        ]
        return str(place_of(stack[begins[-1] :] if begins else stack) or "an unknown call")
