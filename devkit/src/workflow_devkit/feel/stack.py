"""Room on Python's stack for the rare expression that nests deeply."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

# Measured: one level takes up to 7 frames of the parser, so 300 levels take 2,100.
_FRAMES: Final = 6_000
# The limit is the whole interpreter's, and several threads may need more at once.
_lock: Final = threading.Lock()
_limits: Final[list[int]] = []
_Given = TypeVar("_Given")
_Result = TypeVar("_Result")


@contextmanager
def _more_room() -> Iterator[None]:
    """Raise the interpreter's limit; the last one to leave puts the old one back."""
    with _lock:
        limit = _limits[0] if _limits else sys.getrecursionlimit()
        _limits.append(limit)
        sys.setrecursionlimit(limit + _FRAMES)
    try:
        yield
    finally:
        with _lock:
            _limits.pop()
            if not _limits:
                sys.setrecursionlimit(limit)


def with_room(function: Callable[[_Given], _Result], given: _Given) -> _Result:
    """Call a function; if it runs out of stack, call it once more with more room.

    Raises:
        RecursionError: the second call ran out of stack too.
    """
    try:
        return function(given)
    except RecursionError:
        with _more_room():
            return function(given)
