"""Children that are forked: by `os.fork`, multiprocessing or a process pool, in a handler or not.

They are processes of their own. Our signal handlers stay with their parent, or a pool's worker
that is told to end would tell its parent's loop instead.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from loguru import logger

Handler = Callable[[int, FrameType | None], Any]

_ours: dict[int, tuple[Handler, Any]] = {}
"""By its number: the handler of a signal, and what was there before it."""
_masks = threading.local()


def keep_from_children(number: int, handler: Handler) -> None:
    """Sets a signal's handler in this process; a forked child has the one from before."""
    before = signal.signal(number, handler)
    # None: it was not set by Python, and Python cannot set it again.
    _ours.setdefault(number, (handler, signal.SIG_DFL if before is None else before))


def give_back() -> None:
    """Sets the handlers from before, where nobody has set others since."""
    for number, (ours, before) in _ours.items():
        if signal.getsignal(number) == ours:
            signal.signal(number, before)
    _ours.clear()


def leave(error: BaseException | None) -> None:
    """Ends this process, a forked child that has left its handler, as any process ends.

    It has a copy of its parent's loop and connections: a second service on them would answer for
    the same jobs.
    """
    code = 0 if error is None else 1
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    try:
        if error is not None and not isinstance(error, SystemExit):
            # Not as Python would: its text may hold values of a scope.
            logger.opt(exception=error).error("a forked child ends by an exception")
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        # Whatever a sink raises: the child must not go on as a second service.
        os._exit(code)


def _before() -> None:
    # A child that is told to end before it has its handlers back must hear it then.
    _masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, _ours)


def _in_parent() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _masks.before)


def _in_child() -> None:
    give_back()
    _in_parent()


os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
