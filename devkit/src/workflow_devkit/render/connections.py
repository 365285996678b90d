"""Arrows: rounded lines, heads and tails of every kind of connection."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workflow_devkit.render.drawing_style import FILL, Style
from workflow_devkit.render.svg import Node, node, number, path, points
from workflow_runtime.bpmn.model import Point

_BEND = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """How a kind of connection is drawn; ``head`` and ``tail`` are ends' shapes."""

    width: float = 2
    dashes: str | None = None
    head: str | None = None
    tail: str | None = None


SEQUENCE: Final = Line(head="arrow")
CONDITIONAL: Final = Line(head="arrow", tail="diamond")
DEFAULT: Final = Line(head="arrow", tail="slash")
MESSAGE: Final = Line(1.5, "10 11", head="triangle", tail="circle")
ASSOCIATION: Final = Line(2, "0 5")
DIRECTED: Final = Line(2, "0 5", head="fork")
MUTUAL: Final = Line(2, "0 5", head="fork", tail="fork")

_Place = tuple[float, float]
# Along the line and across it, in pixels: 0, 0 is its end, and less than 0 lies on the line.
_OPEN: Final[Mapping[str, Sequence[_Place]]] = {
    "fork": ((-10, -5), (0, 0), (-10, 5)),
    "slash": ((-11, 6), (-15, -6)),
}
_CLOSED: Final[Mapping[str, Sequence[_Place]]] = {
    "arrow": ((-10, -5), (0, 0), (-10, 5)),
    "triangle": ((-10.5, -4.5), (0, 0), (-10.5, 4.5)),
    "diamond": ((0, 0), (-8, -4), (-16, 0), (-8, 4)),
}


def draw_line(line: Line, way: Sequence[Point], style: Style) -> Iterator[Node]:
    """Draws a connection along its points, of which there are two at least."""
    yield path(
        _rounded(way),
        fill="none",
        stroke=style.line,
        stroke_width=line.width,
        # What is dashed anyway keeps its dashes: they tell its kind.
        stroke_dasharray=line.dashes or ("5 3" if style.dashed else None),
        stroke_linecap="round",
        stroke_linejoin="round",
    )
    if line.tail:
        yield _end(line.tail, way[0], way[1], style)
    if line.head:
        yield _end(line.head, way[-1], way[-2], style)


def middle(way: Sequence[Point]) -> Point:
    """The middle of a connection's middle segment: where its name goes."""
    start, end = way[len(way) // 2 - 1], way[len(way) // 2]
    return Point((start.x + end.x) / 2, (start.y + end.y) / 2)


def _rounded(way: Sequence[Point]) -> str:
    parts = [f"M{_at(way[0])}"]
    for before, corner, after in zip(way, way[1:], way[2:], strict=False):
        # Two bends share a short segment.
        bend = min(_BEND, _apart(before, corner) / 2, _apart(corner, after) / 2)
        enter, leave = _toward(corner, before, bend), _toward(corner, after, bend)
        parts.append(f"L{_at(enter)}Q{_at(corner)} {_at(leave)}")
    return "".join([*parts, f"L{_at(way[-1])}"])


def _at(point: Point) -> str:
    return f"{number(point.x)} {number(point.y)}"


def _apart(one: Point, other: Point) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _toward(start: Point, goal: Point, distance: float) -> Point:
    apart = _apart(start, goal)
    share = distance / apart if apart else 0
    return Point(start.x + (goal.x - start.x) * share, start.y + (goal.y - start.y) * share)


def _end(kind: str, tip: Point, inner: Point, style: Style) -> Node:
    if kind == "circle":
        return node("circle", cx=tip.x, cy=tip.y, r=5.25, fill=FILL, stroke=style.line,
                    stroke_width=1.5)  # fmt: skip
    places = points(_turned(_OPEN.get(kind) or _CLOSED[kind], tip, inner))
    if kind in _OPEN:
        return node("polyline", points=places, fill="none", stroke=style.line, stroke_width=2,
                    stroke_linecap="round", stroke_linejoin="round")  # fmt: skip
    # BPMN: only the head of a sequence flow is filled.
    fill, width = (style.line, 1) if kind == "arrow" else (FILL, 1.5)
    return node("polygon", points=places, fill=fill, stroke=style.line, stroke_width=width,
                stroke_linejoin="round")  # fmt: skip


def _turned(shape: Sequence[_Place], tip: Point, inner: Point) -> Iterator[_Place]:
    # Two points of a file may be the same.
    apart = _apart(tip, inner) or 1
    across, along = (tip.x - inner.x) / apart, (tip.y - inner.y) / apart
    for x, y in shape:
        yield tip.x + x * across - y * along, tip.y + x * along + y * across
