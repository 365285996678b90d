"""What opens and closes again and again is told as that, and nothing too often.

Pure: time comes in. It stands between what is news (`Grouping`) and what is sent (`Waiting`).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from workflow_runtime.alerts.grouping import group_of
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.summaries import flapped, flaps, many_times

__all__ = ["Flapping"]

_MINUTE = 60.0
_A_MINUTE = 2
"""Notices of one kind in a minute."""
_WINDOW = 600.0
"""Seconds in which openings are counted, and between two notices that it still flaps."""
_FLAPS = 3
"""Openings in this time from which on it flaps."""
_STAYS_OPEN = 60.0
"""Seconds after which people hear that it is open, if they were told that it is not."""
_STAYS_CLOSED = 300.0
"""Seconds after which it is over."""
_MOST_KINDS = 1000
_MOST_OPENINGS = 1000


@dataclass(slots=True)
class _Kind:
    """What has happened of late, and what of it was told."""

    told: deque[float] = field(default_factory=lambda: deque(maxlen=_A_MINUTE))
    openings: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_OPENINGS))
    last: Notice | None = None
    """The last opening: it shows what a summary is about."""
    held: Notice | None = None
    untold: int = 0
    changed_at: float = 0.0
    is_open: bool = False
    said_open: bool = False
    hears_ends: bool = True
    """Another replica may be the one that tells of ends."""
    summed_at: float = float("-inf")

    def note(self, notice: Notice, now: float) -> None:
        again = notice.kind is Kind.CAME_BACK and self.is_open
        if notice.alert is None or notice.kind is Kind.REPEATED or again:
            self.last = notice
            return
        opens = notice.kind is not Kind.RESOLVED
        if opens:
            self.hears_ends = not self.is_open
            self.openings.append(now)
            self.last = notice
        self.is_open, self.changed_at = opens, now

    def flaps(self, now: float) -> bool:
        while self.openings and now - self.openings[0] > _WINDOW:
            self.openings.popleft()
        return len(self.openings) >= _FLAPS

    def summed_lately(self, now: float) -> bool:
        return now - self.summed_at < _WINDOW

    def is_too_much(self, now: float) -> bool:
        return len(self.told) == _A_MINUTE and now - self.told[0] < _MINUTE

    def tell(self, notice: Notice, now: float) -> Notice:
        self.told.append(now)
        self.said_open = self.is_open
        self.held, self.untold = None, 0
        return notice

    def summary(self, now: float) -> Notice | None:
        """What stands for all that is not told; None if that is nothing."""
        if self.untold <= 1 and not self.flaps(now):
            return self.held
        if self.held is None or self.last is None:
            return None
        if self.held.alert and len(self.openings) <= 1:
            return self.held
        self.summed_at = now
        if self.held.alert is None:
            return many_times(self.held, self.untold)
        state = ("open" if self.is_open else "resolved") if self.hears_ends else ""
        return flaps(self.last, len(self.openings), now - self.openings[0], state)

    def is_quiet(self, now: float) -> bool:
        """Whether nothing of it is worth remembering."""
        lately = self.told and now - self.told[-1] < _WINDOW
        return self.held is None and not lately

    def is_over(self, now: float) -> bool:
        """Whether it flapped, and has been closed for long enough."""
        told_so = self.summed_lately(now) and self.openings
        return bool(told_so) and not self.is_open and now - self.changed_at >= _STAYS_CLOSED


class Flapping:
    """Lets the first notices of a kind through, and sums up what comes too often.

    A kind is a group of incidents; of what is about no incident, all that has one title.
    """

    def __init__(self) -> None:
        self._kinds: OrderedDict[Hashable, _Kind] = OrderedDict()

    def take(self, notice: Notice, now: float) -> Notice | None:
        """Gives the notice, or nothing if it comes too often: `due` then sums it up."""
        key = group_of(notice.alert) if notice.alert else notice.title
        kind = self._kinds.setdefault(key, _Kind())
        self._kinds.move_to_end(key)
        if len(self._kinds) > _MOST_KINDS:
            self._kinds.popitem(last=False)
        kind.note(notice, now)
        often = kind.flaps(now) or (notice.alert is None and kind.summed_lately(now))
        if kind.held is None and not often and not kind.is_too_much(now):
            return kind.tell(notice, now)
        kind.held = notice
        kind.untold += 1
        return None

    def due(self, now: float, *, forced: bool = False) -> list[Notice]:
        """Gives what stands for notices that came too often.

        Args:
            now: the time, in seconds.
            forced: all of it, because nothing will be told later.
        """
        found = []
        for key, kind in list(self._kinds.items()):
            if kind.is_over(now):
                del self._kinds[key]
                found += [flapped(kind.last, _STAYS_CLOSED)] if kind.last else []
            elif forced or _is_due(kind, now):
                notice = kind.summary(now)
                found += [kind.tell(notice, now)] if notice else []
            elif kind.is_quiet(now):
                del self._kinds[key]
        return found


def _is_due(kind: _Kind, now: float) -> bool:
    if kind.held is None or kind.is_too_much(now):
        return False
    if not kind.summed_lately(now):
        return True
    return kind.is_open and not kind.said_open and now - kind.changed_at >= _STAYS_OPEN
