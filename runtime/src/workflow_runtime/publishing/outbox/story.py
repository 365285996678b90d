"""What does not work, from whichever side it is noticed: a line at its start, one at its end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workflow_runtime._log.lines import write_line
from workflow_runtime.health import Trouble

__all__ = ["PROBED_WRITER", "WRITER", "Story"]

WRITER, PROBED_WRITER = "writer", "writer, as a probe would see it"
"""Who notices: with the first, only a writer that succeeds shows that it is over."""

_SOON = 60.0
"""Seconds after the end of one story in which the next one is more of the same."""
_STEADY = 30.0
"""Seconds without trouble after which that one is over: no lines by the second."""


@dataclass(slots=True)
class _Source:
    what: str
    since: float
    last: float


class Story:
    """One story in the log, of whatever goes wrong together; may be told of it from any thread.

    Args:
        begun: the line at the start, with ``{}`` for what is wrong.
        ended: the line at the end, with ``{}`` for how long it was.
        clock: the time in seconds, monotonic.
    """

    def __init__(self, begun: str, ended: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._begun, self._ended = begun, ended
        self._clock = clock
        self._sources: dict[str, _Source] = {}
        self._told = False
        self._start = self._good = -math.inf
        self._steady = 0.0

    @property
    def going_on(self) -> bool:
        """Whether anything is wrong now."""
        return bool(self._sources)

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong now, each thing once."""
        now = self._clock()
        found = {each.what: each for each in list(self._sources.values())}
        for what, each in found.items():
            seconds = now - each.since
            since = datetime.now(UTC) - timedelta(seconds=seconds)
            yield Trouble(what, since.isoformat(timespec="seconds"), round(seconds, 1))

    def begin(self, source: str, what: str) -> None:
        """Notes that something is wrong, or still is.

        Args:
            source: who notices it.
            what: in words, without values of rows.
        """
        now = self._clock()
        if known := self._sources.get(source):
            known.what, known.last = what, now
            return
        self._sources[source] = _Source(what, now, now)
        if self._told:
            return
        self._told = True
        self._steady = _STEADY if now - self._good < _SOON else 0.0
        self._start = now
        write_line("WARNING", self._begun, what)

    def end(self, source: str) -> None:
        """Notes that nothing is wrong any more, as far as this side knows."""
        if self._sources.pop(source, None) is not None and not self._sources:
            self._good = self._clock()
        self.look()

    def expire(self, source: str, seconds: float) -> None:
        """Ends what was not noticed again for so many seconds."""
        known = self._sources.get(source)
        if known is not None and self._clock() - known.last > seconds:
            self.end(source)

    def look(self) -> None:
        """Tells the end, once it has come."""
        if self._told and not self._sources and self._clock() - self._good >= self._steady:
            self._told = False
            length = timedelta(seconds=round(self._good - self._start))
            write_line("INFO", self._ended, length)
