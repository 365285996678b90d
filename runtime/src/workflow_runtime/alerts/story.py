"""One story: the incidents of a kind from the first to the last, and what is still to be told.

Pure: time comes in, and what is open comes from whoever knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_runtime.alerts.grouping import Key
from workflow_runtime.alerts.model import Notice
from workflow_runtime.alerts.text import Wording
from workflow_runtime.observers import IncidentAlert

__all__ = ["GATHER", "SETTLE", "Story"]

GATHER = 20.0
"""Seconds in which those that come back are gathered: somebody has resolved many at once."""
SETTLE = 30.0
"""Seconds without a further end before it is told how many are left."""
_LINES, _MINUTE = 4, 60.0
"""Log lines that the incidents of a story get in so many seconds; the rest get one together."""


@dataclass(slots=True)
class Story:
    """Incidents of one group.

    Attributes:
        key: the group.
        last: the newest incident.
        told_at: when it was last told, in seconds that only grow.
        total: how many incidents there were.
        untold: how many more there were since it was told.
        follows: how many of this replica's own ones are open.
        beyond: whether there were more than can be followed.
        source: how many are open by the source, in a watcher.
        seen: whether the source has shown any.
        quiet: how often in a row the source has then shown none.
        asking: whether it is not known yet if another replica has told it.
        own: whether workers raise its incidents, and count them.
        unlogged: how many incidents the log has no line for yet.
    """

    key: Key
    last: IncidentAlert
    told_at: float
    total: int = 0
    untold: int = 0
    follows: int = 0
    beyond: bool = False
    source: int = 0
    seen: bool = False
    quiet: int = 0
    asking: bool = False
    own: bool = False
    unlogged: int = 0
    _lines: int = 0
    _lines_since: float = float("-inf")
    _back: int = 0
    _times: int = 0
    _back_since: float = 0.0
    _gather: float = GATHER
    _open: int = 0
    _fewer_since: float | None = None
    _fewer_at: float = 0.0
    _left_at: float | None = None

    @property
    def name(self) -> str:
        """How claims call it; without names and ids of anybody's, and not too long for an id."""
        return " ".join(part.replace(" ", "_")[:100] for part in self.key)

    def more(self, alert: IncidentAlert, times: int, now: float, *, told: bool = False) -> None:
        """Counts an incident.

        Args:
            alert: the incident.
            times: how often it is there by now; 2 has come back once.
            now: seconds that only grow.
            told: whether it was told by itself.
        """
        self.last = alert
        self.total += times == 1
        if told:
            return
        if times == 1:
            self.untold += 1
            return
        if not self._back:
            self._back_since = now
        self._back += 1
        self._times = max(self._times, times)

    def may_log(self, now: float) -> bool:
        """Whether one more incident gets a line of its own; it is counted otherwise."""
        if now - self._lines_since >= _MINUTE:
            self._lines, self._lines_since = 0, now
        self._lines += 1
        if self._lines <= _LINES:
            return True
        self.unlogged += 1
        return False

    def take_unlogged(self, now: float) -> int:
        """How many incidents of the last minute the log has no line for, if it is over."""
        if not self.unlogged or now - self._lines_since < _MINUTE:
            return 0
        count, self.unlogged = self.unlogged, 0
        return count

    def is_open(self, count: int, now: float) -> None:
        """Takes in how many are open."""
        if count < self._open:
            self._fewer_at = now
            if self._fewer_since is None:
                self._fewer_since = now
        if not count:
            self._fewer_since = None
        self._open = count

    def due(self, now: float, window: float, wording: Wording) -> Iterator[Notice]:
        """What is to be told by now; it counts as told then."""
        if self._back and now - self._back_since >= self._gather:
            yield wording.came_back(self.last, self._back, self._times)
            # One that goes on coming back is told less and less often.
            self._gather = min(2 * self._gather, window)
            self._back, self._fewer_since = 0, None
        if self.untold and now - self.told_at >= window:
            yield wording.repeated(self.last, self.untold)
            self.told_at, self.untold = now, 0
        if self._are_fewer(now, window):
            yield wording.left(self.last, self._open, by_source=self.seen)
            self._left_at, self._fewer_since = now, None

    def _are_fewer(self, now: float, window: float) -> bool:
        if self._fewer_since is None or self._back:
            return False
        if self._left_at is not None and now - self._left_at < window:
            return False
        return now - self._fewer_at >= SETTLE or now - self._fewer_since >= window

    def forget_untold(self) -> None:
        """Leaves what is untold to another replica, which tells it."""
        self.untold = self._back = 0
        self._fewer_since = None
