"""The way of each link: level through the columns, up and down only between them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, pairwise
from typing import Final

from workflow_devkit.render.layout.graph import Columns, Item, Key, Link
from workflow_runtime.bpmn.model import Box, Point

SLOT: Final = 12.0
"""The distance of two upright lines in one gap."""
_GAP: Final = 40.0


@dataclass(slots=True)
class Grid:
    """Where columns are, and where in the gaps behind them links go up and down.

    Gap ``n`` lies left of column ``n``; ``slot`` is the x of a link's upright line in it,
    ``names`` the middle of where it has room for names.
    """

    centre: list[float]
    names: list[float]
    slot: Mapping[tuple[str, int], float]


def spread(
    columns: Columns, items: Mapping[str, Item], links: Sequence[Link], y: Mapping[Key, float]
) -> Grid:
    """Gives every column and every upright line its x."""
    turns = _turns(columns, links, y)
    labels = [0.0] * (len(columns.rows) + 1)
    for link in links:
        gap = columns.of[link.source] + 1
        labels[gap] = max(labels[gap], link.label_width)
    x, centres, names = 0.0, list[float](), list[float]()
    slots: dict[tuple[str, int], float] = {}
    for gap in range(len(columns.rows) + 1):
        taken, used = _assign(turns.get(gap, {}))
        # Outside of the first and the last column only links that lead back need room.
        outside = gap in {0, len(columns.rows)}
        x += 0 if outside and not used else _GAP / 2
        slots.update({(link, gap): x + SLOT * place for link, place in taken.items()})
        x += SLOT * max(used - 1, 0) + labels[gap] + _GAP / 2
        names.append(x - (labels[gap] + _GAP / 2) / 2)
        if gap < len(columns.rows):
            half = max((_beside(key, items) for key in columns.rows[gap]), default=0)
            centres.append(x + half)
            x += 2 * half
    return Grid(centres, names, slots)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything of a scope stands."""

    columns: Columns
    items: Mapping[str, Item]
    y: Mapping[Key, float]
    grid: Grid

    def centre(self, item: str) -> Point:
        """The middle of an item, by its id."""
        return Point(self.grid.centre[self.columns.of[item]], self.y[item])


def route(link: Link, plan: Plan) -> list[Point]:
    """The points of a link, from the border of its source to the border of its target."""
    start, end = plan.centre(link.source), plan.centre(link.target)
    levels = _levels(link, plan.columns, plan.y)
    leave = levels[0][1][0]
    aside = plan.items[link.source].width / 2 - abs(leave - start.y)
    way = [Point(start.x + aside, leave)]
    if link.start:
        below = Point(start.x + link.start.x, start.y + link.start.y)
        way = [below, Point(below.x, leave)]
    for gap, (_, level) in levels:
        slot = plan.grid.slot.get((link.id, gap))
        if slot is not None:
            way += [Point(slot, way[-1].y), Point(slot, level)]
    way.append(Point(end.x - plan.items[link.target].width / 2, end.y))
    return _straight(way)


def name_place(link: Link, plan: Plan) -> Box:
    """Where a link's name stands: on its first level stretch behind its source."""
    gap, (_, level) = _levels(link, plan.columns, plan.y)[0]
    forward = plan.columns.of[link.source] < plan.columns.of[link.target]
    centre = plan.grid.names[gap] if forward else plan.centre(link.source).x
    wide, high = link.label_width, link.label_height
    return Box(centre - wide / 2, level - high - 4, wide, high)


def _beside(key: Key, items: Mapping[str, Item]) -> float:
    return items[key].beside if isinstance(key, str) else 0


def _levels(
    link: Link, columns: Columns, y: Mapping[Key, float]
) -> list[tuple[int, tuple[float, float]]]:
    """The gaps that a link goes through, with the heights where it enters and leaves them."""
    chain = columns.chains[link.id]
    heights = [y[key] for key in chain]
    heights[0] += link.level()
    start, end = columns.of[chain[0]], columns.of[chain[-1]]
    gaps = [columns.of[key] for key in chain[1:]]
    # It leads back, or to its own source: from the gap behind the source, past the columns of both
    # ends, into the gap before the target. Without places in them (`_MOST_PASSES`) it goes back at
    # the height of its source.
    if start >= end:
        heights = heights if len(chain) > 2 else [heights[0], *heights]  # noqa: PLR2004
        gaps = [start + 1, *(gaps[:-1] or [end])]
    # Only what goes up or down leaves beside the corner of its gateway.
    heights[0] += math.copysign(link.fan, heights[1] - heights[0]) * (heights[1] != heights[0])
    return list(zip(gaps, pairwise(heights), strict=True))


_Spans = dict[tuple[str, str], tuple[float, float, list[str]]]


def _turns(columns: Columns, links: Sequence[Link], y: Mapping[Key, float]) -> Mapping[int, _Spans]:
    """Upright lines by gap; links of one source share a line, as do links into one target."""
    fans = Counter(link.source for link in links if not link.start)
    turns: dict[int, _Spans] = defaultdict(dict)
    for link in links:
        levels = _levels(link, columns, y)
        for place, (gap, (start, end)) in enumerate(levels):
            if start == end:
                continue
            last = place == len(levels) - 1
            trunk = ("into", link.target) if last else ("link", link.id)
            # A link with a single turn is on the line of its source, not on that of its target.
            if place == 0 and fans[link.source] > 1 and not link.alone:
                side = link.fan * (1 if end > start else -1)
                trunk = ("from", f"{link.source} {side}")
            top, bottom, members = turns[gap].get(trunk, (start, start, []))
            members.append(link.id)
            turns[gap][trunk] = (min(top, start, end), max(bottom, start, end), members)
    return turns


def _assign(spans: _Spans) -> tuple[dict[str, int], int]:
    """A slot for each upright line, so that no two lie on each other."""
    taken: dict[str, int] = {}
    busy: list[tuple[float, int]] = []
    free: list[int] = []
    slots = count()
    for top, bottom, members in sorted(spans.values()):
        # Lines that are above each other may share a slot.
        while busy and busy[0][0] < top - SLOT:
            heappush(free, heappop(busy)[1])
        place = heappop(free) if free else next(slots)
        heappush(busy, (bottom, place))
        taken.update(dict.fromkeys(members, place))
    return taken, next(slots)


def _straight(way: Sequence[Point]) -> list[Point]:
    """A way without its points that are no corners."""
    kept = list(way[:1])
    for here, after in pairwise(way[1:]):
        same_x = kept[-1].x == here.x == after.x
        same_y = kept[-1].y == here.y == after.y
        if here != kept[-1] and not same_x and not same_y:
            kept.append(here)
    return [*kept, way[-1]]
