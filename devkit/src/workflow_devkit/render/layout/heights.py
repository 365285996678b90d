"""At which height each item is placed: near what it is joined to, never over its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from workflow_devkit.render.layout.graph import Columns, Key

_PULLS: Final = 2
"""Sweeps that pull each column after its neighbours at one side."""
_SWEEPS: Final = 8
"""Sweeps that pull each column to both sides."""
_STRAIGHT: Final = 8.0
"""How much stronger a link pulls that is the only one at both of its ends."""
_GRID: Final = 10.0

Room = Callable[[Key], tuple[float, float]]
"""The room a key needs above and below its centre, the gap to its neighbour included."""


def heights_of(columns: Columns, room: Room) -> dict[Key, float]:
    """The y of the centre of every item, and of every link where it passes a column."""
    y = _stacked(columns, room)
    before, behind = _pulls(columns)
    both = {key: (*before.get(key, ()), *behind.get(key, ())) for key in columns.of}
    down, up = columns.rows, columns.rows[::-1]
    _repeat(_PULLS, [(up, behind), (down, before)], y, room)
    _repeat(_SWEEPS, [(up, both), (down, both)], y, room)
    _repeat(_PULLS, [(down, _straight(before)), (up, _straight(behind))], y, room)
    # Rounded, so that what is nearly level is level, and its link has no bend (routes.py).
    return {key: round(each / _GRID) * _GRID for key, each in y.items()}


_Pulls = Mapping[Key, Sequence[tuple[Key, float]]]


def _pulls(columns: Columns) -> tuple[_Pulls, _Pulls]:
    """What pulls each key before and behind its column, and how strong."""
    before, behind = columns.neighbours()

    def strength(left: Key, right: Key) -> float:
        return _STRAIGHT if len(behind[left]) == 1 == len(before[right]) else 1

    return (
        {key: [(each, strength(each, key)) for each in joined] for key, joined in before.items()},
        {key: [(each, strength(key, each)) for each in joined] for key, joined in behind.items()},
    )


def _straight(pulls: _Pulls) -> _Pulls:
    """Only those that can make a straight line of several links."""
    return {key: joined for key, joined in pulls.items() if joined[0][1] == _STRAIGHT}


_Rows = Sequence[Sequence[Key]]


def _repeat(
    most: int, sweeps: Sequence[tuple[_Rows, _Pulls]], y: dict[Key, float], room: Room
) -> None:
    """Sweeps until nothing moves any more, so many times at most."""
    for _ in range(most):
        start = dict(y)
        for rows, pulls in sweeps:
            for row in rows:
                _settle(row, pulls, y, room)
        # A pixel more or less is not seen.
        if all(abs(y[key] - height) < 1 for key, height in start.items()):
            return


def _stacked(columns: Columns, room: Room) -> dict[Key, float]:
    y: dict[Key, float] = {}
    for row in columns.rows:
        bottom = 0.0
        for key in row:
            above, below = room(key)
            y[key] = bottom + above
            bottom = y[key] + below
    return y


def _settle(row: Sequence[Key], pulls: _Pulls, y: dict[Key, float], room: Room) -> None:
    """Moves a column's keys as near as possible to what they are joined to, in their order.

    The least squares under the distances are found by pooling neighbours that would collide.
    """
    offsets = _offsets(row, room)
    wanted = [_wanted(pulls.get(key, ()), y, y[key]) for key in row]
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        level, count = want - offset, 1
        # Neighbours that would collide move as one, to the mean of what they want.
        while pools and pools[-1][0] > level:
            higher, more = pools.pop()
            level = (level * count + higher * more) / (count + more)
            count += more
        pools.append((level, count))
    levels = [level for level, count in pools for _ in range(count)]
    y.update((key, level + offset) for key, level, offset in zip(row, levels, offsets, strict=True))


def _offsets(row: Sequence[Key], room: Room) -> list[float]:
    offsets, reached = [], 0.0
    for place, key in enumerate(row):
        above, below = room(key)
        reached += above if place else 0
        offsets.append(reached)
        reached += below
    return offsets


def _wanted(pulls: Sequence[tuple[Key, float]], y: Mapping[Key, float], otherwise: float) -> float:
    total = sum(strength for _, strength in pulls)
    return sum(y[key] * strength for key, strength in pulls) / total if total else otherwise
