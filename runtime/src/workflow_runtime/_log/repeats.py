"""Lines that a fault repeats: the first of a kind at once, then one a minute that counts the rest.

The one mechanism for it. Whoever has such lines has a `Repeats`; the thread that watches a
service's event loop has all of them write what is due, blocked loop or not, and the end of a
service writes what is left.
"""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from weakref import WeakSet

from loguru import logger

__all__ = ["Again", "Repeats", "counted", "write_all", "write_due"]

_WINDOW = 60.0
"""Seconds between two lines of one kind."""
_MOST = 100
"""Kinds at a time; what is beyond is counted together."""
_LONGEST = 1_000
"""Characters of a line that is kept for its summary."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Again:
    """How the lines of a kind are summed up.

    Attributes:
        text: with ``{count}``, ``{span}`` (such as "in the last minute"), ``{last}``, which is the
            last line, and ``{now}``, which says so if it does not hold any more.
        what: is counted, in the singular.
        fields: of the summary: what all lines of the kind have in common.
        holds: whether what the last line says is still so, asked when the summary is written.
    """

    text: str = "{last} ({count} like this {span}{now})"
    what: str = "line"
    fields: Mapping[str, Any] = field(default_factory=dict)
    holds: Callable[[], bool] | None = None


_ALIKE: Final = Again()
_OTHERS: Final = Again("{last} ({count} of other kinds {span})")


def counted(number: int, what: str) -> str:
    """``1 line``, ``1,073 lines``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is about to be written: outside of the lock, since sinks are strangers' code."""

    level: str
    text: str
    fields: Mapping[str, Any]
    caller: Mapping[str, Any]

    def write(self) -> None:
        # A sink of the service's own may raise (loguru's ``catch=False``).
        with contextlib.suppress(Exception):
            logger.bind(**self.fields).patch(self._in_its_name).log(self.level, self.text)

    def _in_its_name(self, record: Any) -> None:
        record.update(self.caller)


@dataclass(slots=True)
class _Kind:
    """What is known of a kind in its window."""

    begun: float
    level: str
    caller: Mapping[str, Any]
    again: Again = _ALIKE
    last: str = ""
    at: float = 0.0
    count: int = 0
    untold: int = 0

    def add(self, text: str, again: Again, now: float, *, told: bool) -> None:
        self.last, self.again, self.at = text[:_LONGEST], again, now
        self.count += 1
        self.untold += not told

    def summary(self, now: float) -> _Line:
        """Ends a window."""
        seconds, again = now - self.begun, self.again
        holds = again.holds is None or again.holds()
        words = {
            "{count}": counted(self.count, again.what),
            "{span}": "in the last minute" if seconds >= _WINDOW else f"in {max(seconds, 1):.0f} s",
            "{now}": "" if holds else "; no longer so",
            # The last one: it may hold any of these.
            "{last}": self.last,
        }
        text = again.text
        for word, value in words.items():
            text = text.replace(word, value)
        fields = {**again.fields, "count": self.count}
        self.begun, self.count, self.untold = now, 0, 0
        return _Line(self.level, text, fields, self.caller)


class Repeats:
    """Lines by kind; safe in any thread, and nothing in here fails.

    Args:
        clock: gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kinds: dict[Hashable, _Kind] = {}
        self._lock = threading.RLock()
        with _LOCK:
            _ALL.add(self)

    def say(
        self,
        kind: Hashable,
        level: str,
        message: str,
        *arguments: object,
        again: Again = _ALIKE,
        fields: Mapping[str, Any] = _NOTHING,
        depth: int = 0,
    ) -> None:
        """Logs in the caller's name, or counts.

        Args:
            kind: what one line a minute is enough for; never a text that may hold values.
            level: of the log line, such as "WARNING".
            message: with ``{}`` for each of ``arguments``.
            arguments: what the message shows.
            again: how the lines are summed up that come after the first.
            fields: of the first line, besides those of the job that runs here.
            depth: how many callers above is the one whose line it is.
        """
        now, text = self._clock(), message.format(*arguments)
        with self._lock:
            due = self._end(kind, now)
            if kind not in self._kinds and len(self._kinds) >= _MOST:
                kind, again = "other kinds", _OTHERS
            first = kind not in self._kinds
            if first:
                self._kinds[kind] = _Kind(now, level, _caller(depth + 2))
            known = self._kinds[kind]
            known.add(text, again, now, told=first)
        if due is not None:
            _apart(due)
        if first:
            _Line(level, text, fields, known.caller).write()

    def write(self, *, everything: bool = False) -> None:
        """Writes summaries.

        Args:
            everything: also of what is not due yet.
        """
        now = self._clock()
        with self._lock:
            # What has happened last is told last.
            kinds = sorted(self._kinds, key=lambda kind: self._kinds[kind].at)
            lines = [self._end(kind, now, everything=everything) for kind in kinds]
        for each in lines:
            if each is not None:
                _apart(each)

    def forget(self) -> None:
        """Starts anew: for a child that is forked, which has none of its parent's lines."""
        self._lock = threading.RLock()
        self._kinds.clear()

    def _end(self, kind: Hashable, now: float, *, everything: bool = False) -> _Line | None:
        """Ends a window; what has not come again since the first is forgotten."""
        known = self._kinds.get(kind)
        if known is None or not (everything or now - known.begun >= _WINDOW):
            return None
        if known.untold:
            return known.summary(now)
        del self._kinds[kind]
        return None


def write_due() -> None:
    """Has every `Repeats` of this process write what is due."""
    for each in _all():
        each.write()


def write_all() -> None:
    """Has every `Repeats` of this process write what it has counted: something ends."""
    for each in _all():
        each.write(everything=True)


def _apart(line: _Line) -> None:
    # It is not of the job that may run here.
    contextvars.Context().run(line.write)


def _caller(depth: int) -> Mapping[str, Any]:
    frame = sys._getframe(depth)  # noqa: SLF001 - as loguru finds its callers
    name = frame.f_globals.get("__name__")
    return {"name": name, "function": frame.f_code.co_name, "line": frame.f_lineno}


_ALL = WeakSet[Repeats]()
_LOCK = threading.Lock()


def _all() -> list[Repeats]:
    with _LOCK:
        return list(_ALL)


def _forget() -> None:
    global _LOCK  # noqa: PLW0603 - the parent's may be held by a thread that is not here
    _LOCK = threading.Lock()
    for each in list(_ALL):
        each.forget()


atexit.register(write_all)
os.register_at_fork(after_in_child=_forget)
