"""The end of a process: asked for by a signal, and bounded whatever does not end.

Not by the loop's own signal handlers: a handler that blocks the loop would keep them waiting.
The bound is faulthandler's thread, which needs neither the loop nor the interpreter's lock, and
shows what every thread was doing.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
from types import FrameType

from loguru import logger

SIGNALS = (signal.SIGTERM, signal.SIGINT)

BEYOND_GRACE = 15.0
"""Seconds after the grace period for handing back and closing."""
_LAST = 5.0
"""Seconds for what the interpreter itself waits for at its end: threads, exit hooks."""


class ShutdownSignal:
    """Sets ``asked`` at SIGTERM or SIGINT; a second one ends the process at once.

    ``grace`` are the seconds that running handlers have; the process ends some seconds later,
    whatever does not.
    """

    def __init__(self, grace: float, asked: asyncio.Event) -> None:
        self._bound = grace + BEYOND_GRACE
        self._loop = asyncio.get_running_loop()
        self._asked = asked
        self._first: int | None = None

    def listen(self) -> None:
        """Lets this process end by these signals from now on; called in the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._receive)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        # Without cleaning up: whoever asks twice does not want to wait.
        if self._first is not None:
            os._exit(128 + number)
        self._first = number
        end_within(self._bound)
        self._loop.call_soon_threadsafe(self._drain, number)

    def _drain(self, number: int) -> None:
        logger.info("{}: draining; once more ends at once", signal.Signals(number).name)
        self._asked.set()


def end_within(seconds: float = _LAST) -> None:
    """Ends the process with exit code 1, if it has not ended by then; the last call counts."""
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)


def end_now(code: int) -> None:
    """Ends the process with this exit code; no thread and no exit hook is waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
