"""Boxes around boxes, and a way between two of them."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_runtime.bpmn.model import Box, Point


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all."""
    found = list(boxes)
    if not found:
        return Box(0, 0, 0, 0)
    left, top = min(box.x for box in found), min(box.y for box in found)
    right = max(box.x + box.width for box in found)
    bottom = max(box.y + box.height for box in found)
    return Box(left, top, right - left, bottom - top)


def at(point: Point) -> Box:
    """A point as a box without extent."""
    return Box(point.x, point.y, 0, 0)


def contains(outer: Box, inner: Box) -> bool:
    """Whether the middle of one box lies in the other."""
    x, y = inner.x + inner.width / 2, inner.y + inner.height / 2
    return outer.x <= x <= outer.x + outer.width and outer.y <= y <= outer.y + outer.height


def connect(source: Box, target: Box) -> tuple[Point, ...]:
    """A way with right angles from one shape to another."""
    start = Point(source.x + source.width, source.y + source.height / 2)
    end = Point(target.x, target.y + target.height / 2)
    if end.x > start.x:
        turn = (start.x + end.x) / 2
        bends = (Point(turn, start.y), Point(turn, end.y)) if start.y != end.y else ()
        return (start, *bends, end)
    # Counts as 1 or 0: by the lower border to what stands below, else by the upper one.
    down = source.y + source.height <= target.y
    leave = Point(source.x + source.width / 2, source.y + source.height * down)
    arrive = Point(target.x + target.width / 2, target.y + target.height * (not down))
    level = (leave.y + arrive.y) / 2
    if leave.x == arrive.x:
        return (leave, arrive)
    return (leave, Point(leave.x, level), Point(arrive.x, level), arrive)
