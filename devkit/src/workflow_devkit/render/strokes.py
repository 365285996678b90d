"""Icons as tables of strokes, drawn for this project, and the forms that several icons share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from workflow_devkit.render.drawing_style import Style
from workflow_devkit.render.svg import Node, number, path

__all__ = ["Fill", "Icon", "Stroke", "circle", "draw_icon", "envelope", "ring", "spokes"]


class Fill(Enum):
    """What is inside of a stroke."""

    NONE = auto()
    PAPER = auto()
    """The colour of the shape; that of lines where the icon is drawn negative."""
    LINE = auto()
    """The colour of lines."""
    FLAP = auto()
    """Nothing; the stroke itself has the colour of the shape where the icon is drawn negative."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A path of SVG, the width of its line, and what fills it."""

    d: str
    width: float = 1
    fill: Fill = Fill.PAPER


Icon = Sequence[Stroke]


def draw_icon(icon: Icon, style: Style, *, negative: bool = False) -> Iterator[Node]:
    """The paths of an icon; ``negative`` fills its surfaces, as what throws is drawn."""
    fills = {Fill.PAPER: style.line if negative else style.fill, Fill.LINE: style.line}
    for stroke in icon:
        yield path(
            stroke.d,
            fill=fills.get(stroke.fill, "none"),
            stroke=style.fill if negative and stroke.fill is Fill.FLAP else style.line,
            stroke_width=stroke.width,
            stroke_linecap="round",
            stroke_linejoin="round",
        )


def circle(x: float, y: float, radius: float) -> str:
    """The path of a circle around a centre."""
    left, r = number(x - radius), number(radius)
    # An arc of SVG cannot end where it begins, so a circle is two halves.
    turn = f"a{r} {r} 0 1 "
    return f"M{left} {number(y)}{turn}1 {number(2 * radius)} 0{turn}1 {number(-2 * radius)} 0z"


def spokes(x: float, y: float, start: float, end: float, count: int) -> str:
    """The path of lines away from a centre, from one distance to another."""
    angles = [2 * math.pi * turn / count for turn in range(count)]
    return "".join(
        f"M{number(x + start * math.sin(a))} {number(y - start * math.cos(a))}"
        f"L{number(x + end * math.sin(a))} {number(y - end * math.cos(a))}"
        for a in angles
    )


def ring(x: float, y: float, radii: Sequence[float], count: int) -> str:
    """The path of a star: ``count`` times, a corner at each of these distances from a centre."""
    corners = [
        (radius, 2 * math.pi * (tooth + step / len(radii)) / count)
        for tooth in range(count)
        for step, radius in enumerate(radii)
    ]
    places = [f"{number(x + r * math.sin(a))} {number(y - r * math.cos(a))}" for r, a in corners]
    return f"M{'L'.join(places)}z"


def envelope(x: float, y: float, width: float, height: float, flap: float) -> Icon:
    """An envelope with its corner at x, y, whose flap reaches ``flap`` down."""
    half = number(width / 2)
    return (
        Stroke(f"M{x} {y}h{width}v{height}h-{width}z"),
        Stroke(f"M{x} {y}l{half} {flap}l{half} -{flap}", 1, Fill.FLAP),
    )
