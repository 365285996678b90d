"""The icons of events, by their definition, on a grid of 36 x 36."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.render.strokes import Fill, Icon, Stroke, circle, envelope, ring, spokes

__all__ = ["EVENTS", "MULTIPLE", "PARALLEL_MULTIPLE"]

EVENTS: Final[Mapping[str, Icon]] = {
    "messageEventDefinition": envelope(8.5, 11.5, 19, 13, 6),
    "timerEventDefinition": (
        Stroke(circle(18, 18, 11), 2),
        Stroke(spokes(18, 18, 8, 10, 12), 1, Fill.NONE),
        Stroke("M20.4 10.4L18 18l5.4 1.6", 2, Fill.NONE),
    ),
    "errorEventDefinition": (
        Stroke("M9.5 26.5L14.3 10.8l5.6 8.2 6.4-10.6-4.7 17-6.2-8.6z"),
    ),
    "escalationEventDefinition": (Stroke("M18 7.5l8 20-8-7-8 7z"),),
    "signalEventDefinition": (Stroke("M18 8l9.6 16.5h-19.2z"),),
    "linkEventDefinition": (Stroke("M8.5 14.6h11.5v-4.4l8.5 7.8-8.5 7.8v-4.4h-11.5z"),),
    "conditionalEventDefinition": (
        Stroke("M10.5 9h15v18h-15z"),
        Stroke("M13 12h10M13 15h10M13 18h10M13 21h10M13 24h10", 1, Fill.NONE),
    ),
    "compensateEventDefinition": (Stroke("M8 18l9-6.5v13zM17.5 18l9-6.5v13z"),),
    "cancelEventDefinition": (
        Stroke(
            "M9.5 12.5l3-3 5.5 5.5 5.5-5.5 3 3-5.5 5.5 5.5 5.5-3 3-5.5-5.5-5.5 5.5-3-3 5.5-5.5z"
        ),
    ),
    "terminateEventDefinition": (Stroke(circle(18, 18, 10), 4, Fill.LINE),),
}  # fmt: skip
MULTIPLE: Final[Icon] = (Stroke(ring(18, 18.6, (9.6,), 5)),)
PARALLEL_MULTIPLE: Final[Icon] = (
    Stroke("M15.5 9h5v6.5h6.5v5h-6.5v6.5h-5v-6.5h-6.5v-5h6.5z"),
)  # fmt: skip
