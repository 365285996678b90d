"""What one channel has still to be told: the urgent first, nothing that is no longer so.

Pure: time comes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from workflow_runtime.alerts.grouping import group_of
from workflow_runtime.alerts.limits import RateLimit
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.summaries import MOST_TITLES, over_already, summed, told_late

__all__ = ["LATE", "Batch", "Entry", "Waiting"]

LATE = 60.0
"""Seconds after which a notice says that it comes late."""
_MOST = 100
"""Notices of one urgency that are kept whole; of what is beyond, the titles and the number."""
_MOMENT = 5.0
"""Seconds after which an incident that waits is told as one with its end, if that waits too."""
_IN_TURN = 3
"""Attempts in vain after which another notice has its turn: this one may be the reason."""
_LAST_IN_TURN = 30
"""Attempts in vain of which one is with the least urgent notice."""
_REFUSALS = 5
"""How often others may get through instead of a notice before it is given up."""

_URGENT, _COUNT, _GOOD = range(3)
"""In which order what waits is told; every kind that is not named here may wake somebody up."""
_RANKS = {Kind.REPEATED: _COUNT, Kind.RESOLVED: _GOOD}


@dataclass(slots=True, eq=False)
class Entry:
    """A notice that waits.

    Attributes:
        notice: what is to be told.
        since: when it was made.
        number: of the order in which they came.
        stands_for: how many notices have become this one.
        titles: theirs, the first ones.
        attempts: how often it was tried to send it.
        failures: the same, since the channel took anything.
        refused: how often the channel took another one after it had failed with this one.
    """

    notice: Notice
    since: float
    number: int
    stands_for: int = 1
    titles: tuple[str, ...] = ()
    attempts: int = 0
    failures: int = 0
    refused: int = 0

    @property
    def rank(self) -> int:
        """0 for what is urgent, 1 for counts, 2 for good news."""
        return _RANKS.get(self.notice.kind, _URGENT)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent as one notice."""

    notice: Notice
    entries: Sequence[Entry]


@dataclass(slots=True)
class Waiting:
    """The notices that wait for one channel.

    Attributes:
        service: its name, for notices that stand for many.
        limit: how many go in a minute.
    """

    service: str
    limit: RateLimit
    _entries: list[Entry] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _crowded: set[int] = field(default_factory=set)
    """Ranks of which something had to wait for the limit: what waits by then goes as one."""
    _sending: Sequence[Entry] = ()
    _in_vain: int = 0
    """Attempts since the channel took anything."""

    def put(self, notice: Notice, now: float) -> None:
        """Adds a notice; what it makes untrue is told no more."""
        self._entries.append(Entry(notice, now, next(self._numbers), titles=(notice.title,)))
        self._tidy(now)

    def take(self, now: float, *, forced: bool = False) -> Batch | None:
        """What is to be sent now; `taken` or `failed` says what has become of it.

        Args:
            now: the time, in seconds.
            forced: beyond the limit too, because nothing will be sent later.
        """
        if not self._entries:
            return None
        self._tidy(now)
        # Once in a while the least urgent: what is urgent may be what the channel refuses.
        order = -1 if self._in_vain % _LAST_IN_TURN == _LAST_IN_TURN - 1 else 1
        first = min(self._entries, key=lambda e: (e.rank * order, e.failures // _IN_TURN, e.number))
        allowed = self.limit.take(now, urgent=first.rank == _URGENT)
        if not allowed:
            self._crowded.add(first.rank)
            if not forced:
                return None
        together = [first]
        # A channel that fails is tried with one notice: a sum may be what it cannot take.
        if not self._in_vain and (first.rank in self._crowded or now - first.since > LATE):
            together = [entry for entry in self._entries if entry.rank == first.rank]
        if allowed:
            self._crowded.discard(first.rank)
        self._entries = [entry for entry in self._entries if entry not in together]
        self._sending = together
        notice, late = self._sum(together).notice, now - min(each.since for each in together)
        return Batch(told_late(notice, late) if late > LATE else notice, together)

    def taken(self) -> list[Entry]:
        """Notes that the channel has taken what `take` gave.

        Returns:
            What is given up, because the channel takes others but not this.
        """
        self._sending, self._in_vain = (), 0
        for entry in self._entries:
            entry.refused += bool(entry.failures)
            entry.failures = 0
        lost = [entry for entry in self._entries if entry.refused >= _REFUSALS]
        self._entries = [entry for entry in self._entries if entry not in lost]
        return lost

    def failed(self) -> None:
        """Notes that the channel has not taken what `take` gave: it waits again, in its parts."""
        sent, self._sending = self._sending, ()
        self._in_vain += 1
        self.limit.give_back()
        for entry in sent:
            entry.attempts += 1
            entry.failures += 1
        self._entries += sent

    def all(self) -> list[Entry]:
        """What has not been taken, what is being sent included."""
        return [*self._sending, *self._entries]

    def clear(self) -> None:
        """Forgets all of it."""
        self._entries, self._sending = [], ()

    def _tidy(self, now: float) -> None:
        stories: dict[object, list[Entry]] = {}
        for entry in self._entries:
            # Of what is about no incident each is told.
            alert = entry.notice.alert
            stories.setdefault(group_of(alert) if alert else entry, []).append(entry)
        left = [each for same in stories.values() for each in _still_so(same, now)]
        self._entries = sorted(left, key=lambda each: each.number)
        for rank in (_URGENT, _COUNT, _GOOD):
            self._bound(rank)

    def _bound(self, rank: int) -> None:
        of_rank = [entry for entry in self._entries if entry.rank == rank]
        if len(of_rank) > _MOST:
            beyond = of_rank[_MOST - 1 :]
            self._entries = [entry for entry in self._entries if entry not in beyond]
            self._entries.append(self._sum(beyond))

    def _sum(self, entries: Sequence[Entry]) -> Entry:
        if len(entries) == 1:
            return entries[0]
        titles = tuple(dict.fromkeys(title for e in entries for title in e.titles))[:MOST_TITLES]
        total = sum(entry.stands_for for entry in entries)
        return Entry(
            summed(self.service, entries[0].notice.kind, total, titles),
            since=min(entry.since for entry in entries),
            number=min(entry.number for entry in entries),
            stands_for=total,
            titles=titles,
            attempts=max(entry.attempts for entry in entries),
        )


def _still_so(entries: Sequence[Entry], now: float) -> list[Entry]:
    """What is left to be told of one group of incidents, of all that waits."""
    left: list[Entry] = []
    for entry in sorted(entries, key=lambda each: each.number):
        untold = next((each for each in left if each.rank == _URGENT), None)
        if entry.rank == _GOOD and untold is not None and _has_waited(untold, now):
            left = [_instead(left, entry, over_already(untold.notice, entry.notice))]
        elif entry.rank == _URGENT:
            left = [_instead(left, entry, entry.notice)]
        else:
            # What comes behind good news shows that it is good no more.
            good = [each for each in left if each.rank == _GOOD]
            left = [each for each in left if each.rank != _GOOD]
            left.append(_instead(good, entry, entry.notice))
    return left


def _has_waited(entry: Entry, now: float) -> bool:
    return entry.attempts > 0 or now - entry.since > _MOMENT


def _instead(before: Sequence[Entry], entry: Entry, notice: Notice) -> Entry:
    """An entry that stands for those before it as well."""
    return replace(
        entry,
        notice=notice,
        titles=entry.titles if notice is entry.notice else (notice.title,),
        since=min([entry.since, *(each.since for each in before)]),
        stands_for=entry.stands_for + sum(each.stands_for for each in before),
        attempts=max([entry.attempts, *(each.attempts for each in before)]),
    )
