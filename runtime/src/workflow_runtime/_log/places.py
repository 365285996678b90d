"""Where in the code something happened: the frame that somebody can mend."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePath
from types import CodeType
from typing import NamedTuple

__all__ = ["Place", "place_of"]

_RUNTIME = f"{Path(__file__).parents[1]}{os.sep}"
_PYTHON = f"{Path(logging.__file__).parents[1]}{os.sep}"
_INSTALLED = ("site-packages", "dist-packages")


class Place(NamedTuple):
    """A function, and a line of its file."""

    function: str
    file: str
    line: int

    def __str__(self) -> str:
        """As ``charge (shop.py:12)``."""
        return f"{self.function} ({self.file}:{self.line})"


def place_of(frames: Iterable[tuple[CodeType, int]]) -> Place | None:
    """The innermost line of the service's own code; of a library where it has none there.

    Args:
        frames: each call's code and line, the outermost one first.
    """
    found = [(code, line) for code, line in frames if line is not None]
    # What calls a handler is the same every time.
    theirs = [each for each in found if not each[0].co_filename.startswith(_RUNTIME)]
    chosen = _own(theirs) or theirs or found
    if not chosen:
        return None
    code, line = chosen[-1]
    return Place(code.co_name, code.co_filename, line)


def _own(frames: Sequence[tuple[CodeType, int]]) -> Sequence[tuple[CodeType, int]]:
    own = [each for each in frames if not _home(each[0].co_filename)]
    if own or not frames:
        return own
    # In an image the service is installed as well: what the runtime calls first is its handler.
    home = _home(frames[0][0].co_filename)
    return [each for each in frames if _home(each[0].co_filename) == home]


@lru_cache(maxsize=1024)
def _home(file: str) -> str:
    """The package that an installed file belongs to; empty where it is the service's own."""
    parts = PurePath(file).parts
    for each in _INSTALLED:
        if each in parts:
            return parts[min(parts.index(each) + 1, len(parts) - 1)]
    return "python" if file.startswith((_PYTHON, "<frozen ")) else ""
