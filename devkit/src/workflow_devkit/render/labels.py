"""Where names stand and how they break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from workflow_devkit.render.connections import middle
from workflow_devkit.render.svg import Node, node, words
from workflow_devkit.render.text_size import (
    INNER_SIZE,
    OUTER_SIZE,
    text_height,
    text_width,
    wrap,
)
from workflow_runtime.bpmn.model import Box, Point

NARROWEST: Final = 90.0
"""The room of names outside of their shapes where the file does not say, as in the modelers."""
_TOLERANCE = 3.0
"""Files come from machines with other fonts, and round."""
_CLEAR = 6.0
"""Pixels between an arrow and its name."""
_PADDING = 7.0
_MOST_OUTSIDE = 12


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text in a box; ``anchor`` is SVG's, ``upwards`` turns it by a quarter."""

    lines: tuple[str, ...]
    box: Box
    size: float = INNER_SIZE
    anchor: str = "middle"
    upwards: bool = False


def inside_label(name: str, box: Box, *, top: bool = False) -> Label:
    """A name in its shape: in the middle, or at the top of what holds other shapes."""
    room = box.width - 2 * _PADDING
    fitting = max(int((box.height - _PADDING) / text_height(1, INNER_SIZE)), 1)
    lines = wrap(name, room, INNER_SIZE, fitting)
    high = text_height(len(lines), INNER_SIZE)
    y = box.y + _PADDING if top else box.y + (box.height - high) / 2
    return Label(tuple(lines), Box(box.x, y, box.width, high))


def note_label(name: str, box: Box) -> Label:
    """The text of an annotation: from its bracket on."""
    lines = wrap(name, max(box.width - 10, 1), INNER_SIZE)
    high = text_height(len(lines), INNER_SIZE)
    return Label(tuple(lines), Box(box.x + 7, box.y + 5, box.width, high), anchor="start")


def band_label(name: str, box: Box, strip: float, *, horizontal: bool) -> Label:
    """The name of a pool or lane in its strip, along the left side or the top."""
    if not horizontal:
        return inside_label(name, Box(box.x, box.y, box.width, strip))
    # A strip of 30 pixels holds two lines of 14.4.
    lines = wrap(name, box.height - 10, INNER_SIZE, 2)
    return Label(tuple(lines), Box(box.x, box.y, strip, box.height), upwards=True)


def outside_label(name: str, given: Box | None, anchor: Point) -> Label:
    """A name beside its shape: where the file says, else centred under ``anchor``."""
    if given:
        anchor = Point(given.x + given.width / 2, given.y)
    # Wider than the file says where a word would have to be cut.
    room = max(given.width + _TOLERANCE, _longest_word(name)) if given else NARROWEST
    label = _free(name, room)
    return _at(label, anchor.x - label.box.width / 2, anchor.y)


def beside_label(name: str, given: Box | None, way: Sequence[Point]) -> Label:
    """A connection's name: where the file says, else above its middle, or right of it."""
    if given:
        return outside_label(name, given, way[0])
    label = _free(name, NARROWEST)
    start, end, centre = way[len(way) // 2 - 1], way[len(way) // 2], middle(way)
    if start.x == end.x:
        return _at(label, centre.x + _CLEAR, centre.y - label.box.height / 2)
    return _at(label, centre.x - label.box.width / 2, centre.y - label.box.height - _CLEAR)


def _longest_word(name: str) -> float:
    widest = max((text_width(word, OUTER_SIZE) for word in name.split()), default=0)
    return min(widest + _TOLERANCE, NARROWEST)


def _free(name: str, room: float) -> Label:
    lines = wrap(name, room, OUTER_SIZE, _MOST_OUTSIDE)
    wide = max((text_width(line, OUTER_SIZE) for line in lines), default=0)
    high = text_height(len(lines), OUTER_SIZE)
    return Label(tuple(lines), Box(0, 0, wide, high), OUTER_SIZE)


def _at(label: Label, x: float, y: float) -> Label:
    return replace(label, box=replace(label.box, x=x, y=y))


def draw_label(label: Label, colour: str) -> Node:
    """Draws a label, line by line."""
    x, y = label.box.x, label.box.y
    # SVG places text by its baseline, about three quarters down each line.
    step = text_height(1, label.size)
    if label.upwards:
        return _upwards(label, colour, step)
    across = x + label.box.width / 2 if label.anchor == "middle" else x
    spans = [
        words("tspan", line, x=across, y=y + step * (row + 0.75))
        for row, line in enumerate(label.lines)
    ]
    return node("text", *spans, fill=colour, font_size=label.size, text_anchor=label.anchor)


def _upwards(label: Label, colour: str, step: float) -> Node:
    box = label.box
    top = -len(label.lines) * step / 2
    spans = [
        words("tspan", line, x=0, y=top + step * (row + 0.75))
        for row, line in enumerate(label.lines)
    ]
    place = f"translate({box.x + box.width / 2:g} {box.y + box.height / 2:g}) rotate(-90)"
    return node("text", *spans, fill=colour, font_size=label.size, text_anchor="middle",
                transform=place)  # fmt: skip
