"""Icons of event definitions, tasks, gateways and activity markers, drawn for this project.

An icon is a table of strokes on a grid: 36 x 36 for events, 50 x 50 for gateways, pixels from
the task's corner for tasks, 14 x 14 for markers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workflow_devkit.render.ink import Ink
from workflow_devkit.render.svg import Node, number, path

_NO, _FLAP, _PAPER, _INK = "no", "flap", "paper", "ink"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A path, its line's width, and whether it is filled: ``no``, ``paper`` or ``ink``.

    A ``flap`` is a line that stays to be seen on what is filled.
    """

    d: str
    width: float = 1
    filled: str = _PAPER


Icon = Sequence[Stroke]


def draw(icon: Icon, ink: Ink, *, negative: bool = False) -> Iterator[Node]:
    """The paths of an icon; ``negative`` fills its surfaces, as what throws is drawn."""
    fills = {_PAPER: ink.line if negative else ink.fill, _INK: ink.line}
    for stroke in icon:
        yield path(
            stroke.d,
            fill=fills.get(stroke.filled, "none"),
            stroke=ink.fill if negative and stroke.filled == _FLAP else ink.line,
            stroke_width=stroke.width,
            stroke_linecap="round",
            stroke_linejoin="round",
        )


def _circle(x: float, y: float, radius: float) -> str:
    left, r = number(x - radius), number(radius)
    turn = f"a{r} {r} 0 1 "
    return f"M{left} {number(y)}{turn}1 {number(2 * radius)} 0{turn}1 {number(-2 * radius)} 0z"


def _spokes(x: float, y: float, start: float, end: float, count: int) -> str:
    angles = [2 * math.pi * turn / count for turn in range(count)]
    return "".join(
        f"M{number(x + start * math.sin(a))} {number(y - start * math.cos(a))}"
        f"L{number(x + end * math.sin(a))} {number(y - end * math.cos(a))}"
        for a in angles
    )


def _ring(x: float, y: float, radii: Sequence[float], count: int) -> str:
    corners = [
        (radius, 2 * math.pi * (tooth + step / len(radii)) / count)
        for tooth in range(count)
        for step, radius in enumerate(radii)
    ]
    places = [f"{number(x + r * math.sin(a))} {number(y - r * math.cos(a))}" for r, a in corners]
    return f"M{'L'.join(places)}z"


def _envelope(x: float, y: float, width: float, height: float, flap: float) -> Icon:
    half = number(width / 2)
    return (
        Stroke(f"M{x} {y}h{width}v{height}h-{width}z"),
        Stroke(f"M{x} {y}l{half} {flap}l{half} -{flap}", 1, _FLAP),
    )


def _gear(x: float, y: float) -> Icon:
    teeth = _ring(x, y, (7, 7, 5.4, 5.4), 8)
    return (Stroke(teeth), Stroke(_circle(x, y, 2.8)))


_PLUS = "M22.5 10h5v12.5h12.5v5h-12.5v12.5h-5v-12.5h-12.5v-5h12.5z"
_PENTAGON: Final = _ring(18, 18.6, (9.6,), 5)

EVENTS: Final[Mapping[str, Icon]] = {
    "messageEventDefinition": _envelope(8.5, 11.5, 19, 13, 6),
    "timerEventDefinition": (
        Stroke(_circle(18, 18, 11), 2),
        Stroke(_spokes(18, 18, 8, 10, 12), 1, _NO),
        Stroke("M20.4 10.4L18 18l5.4 1.6", 2, _NO),
    ),
    "errorEventDefinition": (
        Stroke("M9.5 26.5L14.3 10.8l5.6 8.2 6.4-10.6-4.7 17-6.2-8.6z"),
    ),
    "escalationEventDefinition": (Stroke("M18 7.5l8 20-8-7-8 7z"),),
    "signalEventDefinition": (Stroke("M18 8l9.6 16.5h-19.2z"),),
    "linkEventDefinition": (Stroke("M8.5 14.6h11.5v-4.4l8.5 7.8-8.5 7.8v-4.4h-11.5z"),),
    "conditionalEventDefinition": (
        Stroke("M10.5 9h15v18h-15z"),
        Stroke("M13 12h10M13 15h10M13 18h10M13 21h10M13 24h10", 1, _NO),
    ),
    "compensateEventDefinition": (Stroke("M8 18l9-6.5v13zM17.5 18l9-6.5v13z"),),
    "cancelEventDefinition": (
        Stroke(
            "M9.5 12.5l3-3 5.5 5.5 5.5-5.5 3 3-5.5 5.5 5.5 5.5-3 3-5.5-5.5-5.5 5.5-3-3 5.5-5.5z"
        ),
    ),
    "terminateEventDefinition": (Stroke(_circle(18, 18, 10), 4, _INK),),
}  # fmt: skip
MULTIPLE: Final[Icon] = (Stroke(_PENTAGON),)
PARALLEL_MULTIPLE: Final[Icon] = (
    Stroke("M15.5 9h5v6.5h6.5v5h-6.5v6.5h-5v-6.5h-6.5v-5h6.5z"),
)  # fmt: skip

_INSTANTIATED: Final[Icon] = (Stroke(_circle(25, 25, 13)), Stroke(_ring(25, 25, (8,), 5), 1, _NO))

GATEWAYS: Final[Mapping[str, Icon]] = {
    "exclusiveGateway": (
        Stroke("M16 15h4.6l4.4 7 4.4-7h4.6l-6.7 10 6.7 10h-4.6l-4.4-7-4.4 7h-4.6l6.7-10z", 1, _INK),
    ),
    "parallelGateway": (Stroke(_PLUS, 1, _INK),),
    "inclusiveGateway": (Stroke(_circle(25, 25, 13), 2.5, _NO),),
    "complexGateway": (Stroke(_spokes(25, 25, 0, 13.5, 8), 4, _NO),),
    "eventBasedGateway": (
        Stroke(_circle(25, 25, 15)),
        Stroke(_circle(25, 25, 12)),
        Stroke(_ring(25, 25, (8.5,), 5), 2, _NO),
    ),
}  # fmt: skip
STARTING_GATEWAYS: Final[Mapping[str, Icon]] = {
    "exclusive": _INSTANTIATED,
    "parallel": (
        Stroke(_circle(25, 25, 15)),
        Stroke("M23.5 16h3v7.5h7.5v3h-7.5v7.5h-3v-7.5h-7.5v-3h7.5z"),
    ),
}

TASKS: Final[Mapping[str, Icon]] = {
    "serviceTask": (*_gear(11.5, 11.5), *_gear(17.2, 16)),
    "userTask": (
        Stroke("M4.5 23.5v-5c0-3 3.4-4.4 6-5h5c2.6 .6 6 2 6 5v5z"),
        Stroke("M8.7 23.5v-4.5M17.3 23.5v-4.5", 1, _NO),
        Stroke(_circle(13, 9, 4.6)),
        Stroke("M8.6 8.3c1.2-6 7.6-6 8.8 0-1.8 .8-3.2 .2-4.6-.8-1.2 .9-2.6 1.3-4.2 .8z", 1, _INK),
    ),
    "scriptTask": (
        Stroke("M10 5h9.5c-9.5 5.5 6 9.5-3.5 15h-9.5c9.5-5.5-6-9.5 3.5-15z"),
        Stroke("M8 8.5h5M8.5 11.5h5M10.5 14.5h5M9.5 17.5h5", 1, _NO),
    ),
    "sendTask": _envelope(6, 5, 21, 14, 6),
    "receiveTask": _envelope(6.5, 5.5, 19, 13, 6),
    "businessRuleTask": (
        Stroke("M7 7h20v13h-20z"),
        Stroke("M7 7h20v4h-20z", 1, _INK),
        Stroke("M7 15.5h20M13.5 11v9", 1, _NO),
    ),
    "manualTask": (
        Stroke(
            "M8 10.8l5.4-4.3c1.2-.9 2.7 .6 1.6 1.8l-1.9 2h8.7c1.6 0 1.6 2.3 0 2.3h-5"
            "h6.7c1.6 0 1.6 2.3 0 2.3h-6.7h5.7c1.6 0 1.6 2.3 0 2.3h-5.7h4.2"
            "c1.5 0 1.5 2.2 0 2.2h-10c-3.2 0-5-1.8-5-4.4c0-1.9 .6-3.1 2-4.2z"
        ),
    ),
}  # fmt: skip
FILLED_TASKS: Final = frozenset({"sendTask"})
INSTANTIATING: Final[Icon] = (
    Stroke(_circle(16, 14, 11)),
    *_envelope(9.5, 9.5, 13, 9, 4.5),
)

MARKERS: Final[Mapping[str, Icon]] = {
    "loop": (Stroke("M4.5 12.5a5.6 5.6 0 1 1 4 .3M4.7 8.6v4.2h-4", 1.5, _NO),),
    "parallel": (Stroke("M4 2v10M7 2v10M10 2v10", 2, _NO),),
    "sequential": (Stroke("M2 4h10M2 7h10M2 10h10", 2, _NO),),
    "compensation": (Stroke("M0 7l6.8-5v10zM7.2 7l6.8-5v10z"),),
    "adhoc": (Stroke("M1 9c1.5-4 4-4 6-2s4.5 2 6-2", 2.5, _NO),),
    "collapsed": (Stroke("M0 0h14v14h-14z"), Stroke("M7 2.5v9M2.5 7h9", 1.5, _NO)),
}
