"""How elements differ from others of their outline: one row for each tag of BPMN.

Icons of gateways are on a grid of 50 x 50, those of tasks are in pixels from the task's corner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workflow_devkit.render.strokes import Fill, Icon, Stroke, circle, envelope, ring, spokes
from workflow_runtime.bpmn.model import Element, Kind
from workflow_runtime.bpmn.names import CONTAINERS

__all__ = ["STARTING_PARALLEL", "Look", "is_event", "is_gateway", "is_sub_process", "look_of"]


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn besides the outline.

    Attributes:
        icon: in the middle of a gateway, in the corner of a task.
        starting_icon: instead of it where the element starts instances.
        negative: whether the icon's surfaces have the colour of lines, as what sends is drawn.
        border: the width of the outline, in pixels.
        inner_border: the width of a second outline inside of the first; 0 draws none.
        marker: the name of a marker that it always has.
        can_be_closed: whether what belongs to it may be drawn elsewhere; a plus says that it is.
    """

    icon: Icon = ()
    starting_icon: Icon | None = None
    negative: bool = False
    border: float = 2
    inner_border: float = 0
    marker: str | None = None
    can_be_closed: bool = False


def is_event(element: Element) -> bool:
    """Whether it is drawn as a circle."""
    # By the tag: what no engine runs has no kind of its own, but is drawn too.
    return element.tag.lower().endswith("event")


def is_gateway(element: Element) -> bool:
    """Whether it is drawn as a diamond."""
    return element.tag.endswith("Gateway")


def is_sub_process(element: Element) -> bool:
    """Whether it holds other elements, or hides them."""
    return element.tag in CONTAINERS and element.kind is not Kind.PROCESS


def look_of(element: Element) -> Look:
    """How an element is drawn; tags without a row have nothing but their outline."""
    return _LOOKS.get(element.tag, _PLAIN)


def _gear(x: float, y: float) -> Icon:
    teeth = ring(x, y, (7, 7, 5.4, 5.4), 8)
    return (Stroke(teeth), Stroke(circle(x, y, 2.8)))


_PLAIN: Final = Look()

_STARTING_GATEWAY: Final[Icon] = (
    Stroke(circle(25, 25, 13)),
    Stroke(ring(25, 25, (8,), 5), 1, Fill.NONE),
)
STARTING_PARALLEL: Final[Icon] = (
    Stroke(circle(25, 25, 15)),
    Stroke("M23.5 16h3v7.5h7.5v3h-7.5v7.5h-3v-7.5h-7.5v-3h7.5z"),
)
"""Of an event-based gateway that starts instances when all of its events have happened."""

_LOOKS: Final[Mapping[str, Look]] = {
    "exclusiveGateway": Look((
        Stroke("M16 15h4.6l4.4 7 4.4-7h4.6l-6.7 10 6.7 10h-4.6l-4.4-7-4.4 7h-4.6l6.7-10z",
               1, Fill.LINE),
    )),
    "parallelGateway": Look((
        Stroke("M22.5 10h5v12.5h12.5v5h-12.5v12.5h-5v-12.5h-12.5v-5h12.5z", 1, Fill.LINE),
    )),
    "inclusiveGateway": Look((Stroke(circle(25, 25, 13), 2.5, Fill.NONE),)),
    "complexGateway": Look((Stroke(spokes(25, 25, 0, 13.5, 8), 4, Fill.NONE),)),
    "eventBasedGateway": Look(
        (
            Stroke(circle(25, 25, 15)),
            Stroke(circle(25, 25, 12)),
            Stroke(ring(25, 25, (8.5,), 5), 2, Fill.NONE),
        ),
        starting_icon=_STARTING_GATEWAY,
    ),
    "serviceTask": Look((*_gear(11.5, 11.5), *_gear(17.2, 16))),
    "userTask": Look((
        Stroke("M4.5 23.5v-5c0-3 3.4-4.4 6-5h5c2.6 .6 6 2 6 5v5z"),
        Stroke("M8.7 23.5v-4.5M17.3 23.5v-4.5", 1, Fill.NONE),
        Stroke(circle(13, 9, 4.6)),
        Stroke("M8.6 8.3c1.2-6 7.6-6 8.8 0-1.8 .8-3.2 .2-4.6-.8-1.2 .9-2.6 1.3-4.2 .8z",
               1, Fill.LINE),
    )),
    "scriptTask": Look((
        Stroke("M10 5h9.5c-9.5 5.5 6 9.5-3.5 15h-9.5c9.5-5.5-6-9.5 3.5-15z"),
        Stroke("M8 8.5h5M8.5 11.5h5M10.5 14.5h5M9.5 17.5h5", 1, Fill.NONE),
    )),
    "sendTask": Look(envelope(6, 5, 21, 14, 6), negative=True),
    "receiveTask": Look(
        envelope(6.5, 5.5, 19, 13, 6),
        starting_icon=(Stroke(circle(16, 14, 11)), *envelope(9.5, 9.5, 13, 9, 4.5)),
    ),
    "businessRuleTask": Look((
        Stroke("M7 7h20v13h-20z"),
        Stroke("M7 7h20v4h-20z", 1, Fill.LINE),
        Stroke("M7 15.5h20M13.5 11v9", 1, Fill.NONE),
    )),
    "manualTask": Look((
        Stroke(
            "M8 10.8l5.4-4.3c1.2-.9 2.7 .6 1.6 1.8l-1.9 2h8.7c1.6 0 1.6 2.3 0 2.3h-5"
            "h6.7c1.6 0 1.6 2.3 0 2.3h-6.7h5.7c1.6 0 1.6 2.3 0 2.3h-5.7h4.2"
            "c1.5 0 1.5 2.2 0 2.2h-10c-3.2 0-5-1.8-5-4.4c0-1.9 .6-3.1 2-4.2z"
        ),
    )),
    "callActivity": Look(border=5, can_be_closed=True),
    "subProcess": Look(can_be_closed=True),
    "transaction": Look(border=1.5, inner_border=1.5, can_be_closed=True),
    "adHocSubProcess": Look(marker="adhoc", can_be_closed=True),
}  # fmt: skip
