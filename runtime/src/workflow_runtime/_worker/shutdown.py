"""The end of a process: asked for by a signal, and bounded whatever does not end.

Not by the loop's own signal handlers: a handler that blocks the loop would keep them waiting, and
a child that is forked would write into its parent's loop. The bound is faulthandler's thread, which
needs neither the loop nor the interpreter's lock, and shows what every thread was doing.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TextIO

from workflow_runtime._log.lines import write_line
from workflow_runtime._worker import forks

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

BEYOND_GRACE = 15.0
"""Seconds after the grace period for handing back and closing."""
_LAST = 10.0
"""Seconds for what is left then: threads that are joined, and exit hooks."""
_COMPUTING = 60.0
"""Seconds for the interpreter's own end: nothing waits there, but it looks at every object. Half a
second of computing beside FastAPI and SQLAlchemy takes fifty seconds at a hundredth of a core."""
ONE_INTENTION = 0.5
"""Seconds in which signals count as one: to a whole group, and passed on by whoever started us."""


class ShutdownSignal:
    """Hears SIGTERM, SIGINT and SIGHUP; a second one, later, ends the process at once.

    There is one for a process (`SHUTDOWN`), as there is one handler for a signal.
    """

    def __init__(self) -> None:
        self.asked = 0
        """How often this process was asked to end."""
        self.unasked = False
        """Whether one of these times was nobody's wish: a file has changed, or a neighbour died."""
        self.drained = False
        """Whether only the interpreter's own end is left."""
        self._last = -ONE_INTENTION
        self._begin: Callable[[int], None] | None = None

    def listen(self) -> None:
        """Lets this process end by these signals from now on.

        Only in the main thread: elsewhere Python sets no handlers, and the signals stay with
        whoever has them.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            # `nohup` means that a terminal may go.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                forks.keep_from_children(number, self._receive)

    def attach(self, grace: float, asked: asyncio.Event) -> None:
        """Lets a first signal drain from now on; until now it ended the process.

        Args:
            grace: seconds that running handlers have; the process ends some seconds later,
                whatever does not.
            asked: is set by it.
        """
        loop = asyncio.get_running_loop()
        # A signal comes while the code of any job may run: these lines are none of its.
        context = contextvars.copy_context()

        def drain(name: str) -> None:
            write_line("INFO", "{}: draining", name)
            asked.set()
            loop.call_later(ONE_INTENTION, say_what_a_second_does, name)

        def say_what_a_second_does(name: str) -> None:
            write_line("INFO", "a second {} ends it at once", name)

        def begin(number: int) -> None:
            end_within(grace + BEYOND_GRACE)
            loop.call_soon_threadsafe(drain, signal.Signals(number).name, context=context)

        self._begin = begin
        if self.asked:
            # Whatever ran then has kept the end from us.
            asked.set()

    def forget(self) -> None:
        """Starts anew: for a child that is forked, and may serve itself."""
        self.asked, self._last, self._begin = 0, -ONE_INTENTION, None
        self.unasked = self.drained = False

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        # A terminal that goes, and systemd's SendSIGHUP, say no more than was said.
        if now - self._last < ONE_INTENTION or (self.asked and number == signal.SIGHUP):
            return
        self._last = now
        self.asked += 1
        # Without cleaning up: whoever asks twice does not want to wait.
        if self.asked > 1 + self.unasked:
            os._exit(128 + number)
        if self._begin is None:
            # Nothing runs yet: drained.
            raise SystemExit(0)
        self._begin(number)


SHUTDOWN = ShutdownSignal()
os.register_at_fork(after_in_child=SHUTDOWN.forget)


def end_within(seconds: float) -> None:
    """Ends the process with exit code 1, if it has not ended by then; the last call counts."""
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)


def end_soon() -> None:
    """Bounds the end of a process that has drained: what waits, then what only computes."""
    end_within(_LAST)
    SHUTDOWN.drained = True


def _only_computing() -> None:
    if SHUTDOWN.drained:
        end_within(_COMPUTING)


# Those that are registered first are called last: behind it come few, and none that wait for long.
atexit.register(_only_computing)


def end_now(code: int) -> None:
    """Ends the process with this exit code; no thread and no exit hook is waited for."""
    flush()
    os._exit(code)


def flush() -> None:
    """Writes out what was printed; where nobody reads it any more, it is dropped.

    Else the interpreter would end with code 120 (``service | head``).
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            _drop(stream)


def _drop(stream: TextIO) -> None:
    # Python's documentation of SIGPIPE: what is buffered goes where it can be written.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
