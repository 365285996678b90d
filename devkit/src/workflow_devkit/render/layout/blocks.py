"""An element with what hangs on it and what is in it, as one item of the layout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from workflow_devkit.render.element_looks import is_event, is_gateway
from workflow_devkit.render.labels import NARROWEST
from workflow_devkit.render.layout.graph import Item
from workflow_devkit.render.layout.placed import Placed
from workflow_devkit.render.layout.routes import SLOT
from workflow_devkit.render.text_size import OUTER_SIZE, text_height, wrap
from workflow_runtime.bpmn.model import Box, Element, Point, Shape

EVENT = 36.0
"""Width and height of an event, as in the modelers."""
TITLE = 20.0
PADDING = 30.0
_GATEWAY = 50.0
_TASK_WIDTH, _TASK_HEIGHT = 100.0, 80.0
_APART = 20.0
"""Half of what is at least between two neighbours in a column."""
_GUEST = 110.0
"""Room for a boundary event and its name, along the border of its host."""
_DROP = 12.0


@dataclass(frozen=True)
class Block:
    """An element, the boundary events on it, and the layout of what it contains."""

    element: Element
    guests: tuple[Element, ...] = ()
    inside: Placed | None = None

    @property
    def width(self) -> float:
        """In pixels, wide enough for its boundary events."""
        guests = _GUEST * len(self.guests) if len(self.guests) > 1 else 0
        return max(self._bare()[0], guests)

    @property
    def height(self) -> float:
        """In pixels, without what hangs on it."""
        return self._bare()[1]

    def _bare(self) -> tuple[float, float]:
        if is_event(self.element):
            return EVENT, EVENT
        if is_gateway(self.element):
            return _GATEWAY, _GATEWAY
        if self.inside:
            inside = self.inside
            return inside.width + 2 * PADDING, inside.height + 2 * PADDING + TITLE
        return _TASK_WIDTH, _TASK_HEIGHT

    def item(self) -> Item:
        """The room it needs, its name and its boundary events included."""
        named = is_event(self.element) or is_gateway(self.element)
        name = self.element.name if named else None
        below = self.height / 2 + self._guests_room() + name_height(name) + _APART
        beside = max(self.width, NARROWEST if name else 0) / 2
        return Item(self.element.id, self.width, self.height / 2 + _APART, below, beside)

    def guest(self, place: int) -> Point:
        """The centre of a boundary event, from the centre of its host."""
        # Right of the middle of its share: the name of a boundary event stands left of its arrow.
        share = (place + 0.75) / len(self.guests)
        return Point(self.width * (share - 0.5), self.height / 2)

    def drop(self, place: int) -> float:
        """How far an arrow goes down from a boundary event: those at the right turn first."""
        return self._names_room + _DROP + SLOT * (len(self.guests) - 1 - place)

    def _guests_room(self) -> float:
        if not self.guests:
            return 0
        return EVENT / 2 + self._names_room + _DROP + SLOT * len(self.guests)

    @cached_property
    def _names_room(self) -> float:
        return max((name_height(guest.name) for guest in self.guests), default=0)


class Borders:
    """Places boundary events that the file does not place: on the lower borders of their hosts.

    Args:
        shapes: what the page has already.
    """

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._taken = {(shape.bounds.x, shape.bounds.y) for shape in shapes}
        self._last: dict[str, float] = {}

    def place(self, element: Element, host: Shape) -> Shape:
        """The next free place on the border of ``host``, from the right to the left."""
        step = EVENT + 4
        y = host.bounds.y + host.bounds.height - EVENT / 2
        x = self._last.get(host.element, host.bounds.x + host.bounds.width - EVENT + step) - step
        while (x, y) in self._taken:
            x -= step
        self._taken.add((x, y))
        self._last[host.element] = x
        return Shape(element.id, Box(x, y, EVENT, EVENT))


# Asked for each guest of an element with thousands of them, and most names are short.
@lru_cache(maxsize=1024)
def name_height(name: str | None) -> float:
    """How high a name is that stands outside of its shape."""
    lines = wrap(name or "", NARROWEST, OUTER_SIZE)
    return text_height(len(lines), OUTER_SIZE) + 4 if lines else 0
