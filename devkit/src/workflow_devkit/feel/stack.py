"""Room on Python's stack for the rare expression that nests deeply."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

_FRAMES: Final = 6_000
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
    """Call a function again, with more room, after it has run out of stack.

    Raises:
        RecursionError: that was not enough either.
    """
    try:
        return function(given)
    except RecursionError:
        with _more_room():
            return function(given)
