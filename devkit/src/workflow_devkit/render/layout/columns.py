"""Which column each item stands in, and the order within the columns (after Sugiyama)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from workflow_devkit.render.layout.graph import Columns, Item, Key, Link

_SWEEPS: Final = 4
_MOST_PASSES: Final = 20_000
"""Places where links pass columns; with more, links are drawn without regard to items."""


def arrange(items: Sequence[Item], links: Sequence[Link]) -> Columns:
    """Columns in the direction of the links, ordered so that few links cross."""
    column = _columns(items, links)
    columns = Columns(dict(column.items()))
    columns.chains = _chains(links, column)
    for chain in columns.chains.values():
        # What is no item is a place where a link passes: the link and the column.
        columns.of.update((key, key[1]) for key in chain if isinstance(key, tuple))
    columns.rows = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for key in (*_discovered(items, links), *(k for k in columns.of if isinstance(k, tuple))):
        columns.rows[columns.of[key]].append(key)
    _reduce_crossings(columns)
    return columns


def _columns(items: Sequence[Item], links: Sequence[Link]) -> dict[str, int]:
    forward = _without_cycles(items, links)
    waiting = {item.id: 0 for item in items}
    for targets in forward.values():
        for target in targets:
            waiting[target] += 1
    column = dict.fromkeys(waiting, 0)
    ready = deque(key for key, count in waiting.items() if not count)
    while ready:
        key = ready.popleft()
        for target in forward[key]:
            # The longest way to an item decides, so that only links that lead back go left.
            column[target] = max(column[target], column[key] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return column


def _without_cycles(items: Sequence[Item], links: Sequence[Link]) -> Mapping[str, list[str]]:
    """The links that do not lead back to where a walk came from."""
    targets = _targets(links)
    forward: dict[str, list[str]] = defaultdict(list)
    # True while an item is on the stack: a link to it leads back. False when it is done.
    state: dict[str, bool] = {}
    for start in _starts(items, links):
        # With a stack of its own: a long process is deeper than Python may recurse.
        stack = [] if start in state else [(start, iter(targets[start]))]
        state.setdefault(start, True)
        while stack:
            key, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                state[key] = False
                stack.pop()
            elif not state.get(target):
                forward[key].append(target)
                if target not in state:
                    state[target] = True
                    stack.append((target, iter(targets[target])))
    return forward


def _targets(links: Sequence[Link]) -> Mapping[str, list[str]]:
    targets: dict[str, list[str]] = defaultdict(list)
    for link in links:
        targets[link.source].append(link.target)
    return targets


def _starts(items: Sequence[Item], links: Sequence[Link]) -> list[str]:
    reached = {link.target for link in links if link.target != link.source}
    # False comes before True: first those that no link leads to. A mere loop has none.
    return sorted((item.id for item in items), key=reached.__contains__)


def _discovered(items: Sequence[Item], links: Sequence[Link]) -> list[str]:
    """Items in the order of a walk along the links: what belongs together stands together."""
    targets, seen = _targets(links), dict[str, None]()
    for start in _starts(items, links):
        stack = [start]
        while stack:
            key = stack.pop()
            if key not in seen:
                seen[key] = None
                stack.extend(reversed(targets[key]))
    return list(seen)


def _chains(links: Sequence[Link], column: Mapping[str, int]) -> dict[str, Sequence[Key]]:
    # Every place where a link passes a column takes part in each sweep.
    passes = sum(len(_passed(link, column)) for link in links)
    through = passes <= _MOST_PASSES
    return {link.id: tuple(_chain(link, column, through=through)) for link in links}


def _chain(link: Link, column: Mapping[str, int], *, through: bool) -> Iterator[Key]:
    yield link.source
    if through:
        yield from ((link.id, each) for each in _passed(link, column))
    yield link.target


def _passed(link: Link, column: Mapping[str, int]) -> range:
    start, end = column[link.source], column[link.target]
    # A link that leads back leaves its source to the right and comes to its target from the left,
    # so it passes their columns too.
    return range(start + 1, end) if start < end else range(start, end - 1, -1)


def _reduce_crossings(columns: Columns) -> None:
    before, behind = columns.neighbours()
    for _ in range(_SWEEPS):
        for sides, rows in ((before, columns.rows[1:]), (behind, columns.rows[-2::-1])):
            place = {key: row for each in columns.rows for row, key in enumerate(each)}
            for row in rows:
                _sort(row, sides, place)


def _sort(row: list[Key], sides: Mapping[Key, list[Key]], place: dict[Key, int]) -> None:
    def wanted(key: Key) -> float:
        joined = sides.get(key)
        # The barycentre: the mean place of what a key is joined to in the neighbouring column.
        return sum(place[each] for each in joined) / len(joined) if joined else place[key]

    row.sort(key=wanted)
    place.update((key, at) for at, key in enumerate(row))
