"""Exceptions that are over let go of what a handler had in its variables.

An exception holds its frames, and a frame often its exception: such a circle stays until Python's
collector comes, which counts objects and not their size. Sixty failures with 20 MB each: 1.2 GB.
"""

from __future__ import annotations

import inspect
import sys
from contextlib import suppress
from traceback import walk_tb
from types import FrameType

from workflow_runtime._log.chains import members_of, raised_of, trace_of

# Before Python 3.13 clearing one that only waits would end it, and of exceptions that several tasks
# were given one of them may.
_MAY_WAIT = (
    0
    if sys.version_info >= (3, 13)
    else inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
)


def forget_frames(error: BaseException | None) -> None:
    """Takes the tracebacks from an exception and from all that it was raised of or contains."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        left += (*raised_of(each), *members_of(each))
        for frame, _ in walk_tb(trace_of(each)):
            _clear(frame)
        # Not by assignment: exceptions may be frozen dataclasses.
        BaseException.with_traceback(each, None)


def _clear(frame: FrameType) -> None:
    if not frame.f_code.co_flags & _MAY_WAIT:
        # It still runs: our own, or of somebody who caught it too.
        with suppress(RuntimeError):
            frame.clear()
