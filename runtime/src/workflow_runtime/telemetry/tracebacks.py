"""Tracebacks of log lines: kinds, places and code; texts of exceptions only if that is wanted.

A text may hold values of a scope (docs/security.md), and each library makes its own.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

__all__ = ["traceback_of"]

_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
_DEEPEST = 5
"""Levels of groups within groups that are shown."""
_WIDEST = 10
"""Exceptions of one group, and of one chain, that are shown."""


def traceback_of(error: BaseException, *, texts: bool) -> str:
    """Writes a traceback with its causes and, of a group, its exceptions.

    Args:
        error: what was raised.
        texts: with the texts of exceptions, as Python does.
    """
    try:
        if texts:
            return "".join(traceback.format_exception(error))
        return "".join(_lines(error, 0))
    except Exception as failure:  # noqa: BLE001 - exceptions of strangers, broken source files
        return f"{_kind(error)}: no traceback ({type(failure).__name__})\n"


def _lines(error: BaseException, depth: int) -> Iterator[str]:
    for each, link in reversed(list(_chain(error))):
        frames = traceback.extract_tb(each.__traceback__)
        if frames:
            yield "Traceback (most recent call last):\n"
            yield from frames.format()
        # In place of the text, as of anything that is blotted out.
        yield f"{_kind(each)}: ***\n"
        if isinstance(each, BaseExceptionGroup):
            yield from _within(each, depth + 1)
        yield link


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """An exception and what led to it, each with the words that follow it."""
    known, each, link = set[int](), error, ""
    while id(each) not in known and len(known) < _WIDEST:
        known.add(id(each))
        yield each, link
        if each.__cause__ is not None:
            each, link = each.__cause__, _CAUSE
        elif each.__context__ is not None and not each.__suppress_context__:
            each, link = each.__context__, _CONTEXT


def _within(group: BaseExceptionGroup[BaseException], depth: int) -> Iterator[str]:
    inner = group.exceptions if depth <= _DEEPEST else ()
    for number, each in enumerate(inner[:_WIDEST], 1):
        yield f"  +---------------- {number} ----------------\n"
        lines = "".join(_lines(each, depth)).splitlines()
        yield from (f"  | {line}\n" for line in lines)
    if len(group.exceptions) > len(inner[:_WIDEST]):
        yield f"  | {len(group.exceptions) - len(inner[:_WIDEST])} more\n"


def _kind(error: BaseException) -> str:
    kind = type(error)
    plain = kind.__module__ in {"builtins", "__main__"}
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"
