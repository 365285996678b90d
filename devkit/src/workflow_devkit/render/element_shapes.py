"""Flow nodes as BPMN draws them, each in its own corner's coordinates."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_devkit.render import icons
from workflow_devkit.render.ink import Ink
from workflow_devkit.render.svg import Node, node, points
from workflow_runtime.bpmn.model import Box, Element, Kind

_ROUND = 10
_INNER = 3
_MARKER, _MARKER_GAP = 14, 4
_EVENT_GRID, _GATEWAY_GRID = 36, 50
_THROWING = frozenset({
    Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT, Kind.UNSUPPORTED,
})  # fmt: skip
_SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


def is_event(element: Element) -> bool:
    """Whether it is drawn as a circle."""
    return element.tag.lower().endswith("event")


def is_gateway(element: Element) -> bool:
    """Whether it is drawn as a diamond."""
    return element.tag.endswith("Gateway")


def is_sub_process(element: Element) -> bool:
    """Whether it holds other elements, or hides them."""
    return element.tag in _SUB_PROCESSES


def draw_element(
    element: Element, box: Box, ink: Ink, *, expanded: bool, marker: bool
) -> Iterator[Node]:
    """The outline and the icons of a flow node; ``marker`` shows the X of an exclusive gateway."""
    if is_event(element):
        yield from _event(element, box, ink)
    elif is_gateway(element):
        yield from _gateway(element, box, ink, marker=marker)
    else:
        yield from _activity(element, box, ink, expanded=expanded)


def _event(element: Element, box: Box, ink: Ink) -> Iterator[Node]:
    radius = (box.width + box.height) / 4
    ends, starts = element.kind is Kind.END_EVENT, element.kind is Kind.START_EVENT
    thickness = 4 if ends else 2 if starts else 1.5
    radii = [radius] if ends or starts else [radius, radius - _INNER]
    for each in radii:
        yield node(
            "circle",
            cx=box.width / 2,
            cy=box.height / 2,
            r=max(each, 1),
            stroke=ink.line,
            fill=ink.fill,
            stroke_width=thickness,
            stroke_dasharray=None if element.interrupting else "6",
        )
    if icon := _event_icon(element):
        drawn = icons.draw(icon, ink, negative=element.kind in _THROWING)
        yield _scaled(drawn, box, _EVENT_GRID)


def _event_icon(element: Element) -> icons.Icon:
    if len(element.events) > 1:
        return icons.PARALLEL_MULTIPLE if "parallel" in element.markers else icons.MULTIPLE
    return icons.EVENTS.get(element.event.tag, ()) if element.event else ()


def _gateway(element: Element, box: Box, ink: Ink, *, marker: bool) -> Iterator[Node]:
    x, y = box.width / 2, box.height / 2
    corners = points([(x, 0), (box.width, y), (x, box.height), (0, y)])
    yield node(
        "polygon",
        points=corners,
        stroke=ink.line,
        fill=ink.fill,
        stroke_width=2,
        stroke_linejoin="round",
    )
    if icon := _gateway_icon(element, marker=marker):
        yield _scaled(icons.draw(icon, ink), box, _GATEWAY_GRID)


def _gateway_icon(element: Element, *, marker: bool) -> icons.Icon:
    if element.tag == "exclusiveGateway" and not marker:
        return ()
    if "instantiate" in element.markers:
        return icons.STARTING_GATEWAYS["parallel" if "parallel" in element.markers else "exclusive"]
    return icons.GATEWAYS.get(element.tag, ())


def _scaled(drawn: Iterator[Node], box: Box, grid: float) -> Node:
    size = min(box.width, box.height)
    x, y = (box.width - size) / 2, (box.height - size) / 2
    moves = [f"translate({x:g} {y:g})"] * bool(x or y)
    scales = [f"scale({size / grid:g})"] * (size != grid)
    return node("g", *drawn, transform=" ".join(moves + scales) or None)


def _activity(element: Element, box: Box, ink: Ink, *, expanded: bool) -> Iterator[Node]:
    event_driven = element.kind is Kind.EVENT_SUB_PROCESS
    thickness = {"callActivity": 5, "transaction": 1.5}.get(element.tag, 2)
    yield _rounded(box, ink, 0, stroke_width=2.5 if event_driven else thickness,
                   stroke_dasharray="0 5.5" if event_driven else None)  # fmt: skip
    if element.tag == "transaction":
        yield _rounded(box, ink, _INNER, stroke_width=1.5)
    icon = icons.TASKS.get(element.tag, ())
    if element.tag == "receiveTask" and "instantiate" in element.markers:
        icon = icons.INSTANTIATING
    yield from icons.draw(icon, ink, negative=element.tag in icons.FILLED_TASKS)
    if event_driven and not expanded:
        yield from _small_start(element, ink)
    yield from _markers(element, box, ink, expanded=expanded)


def _rounded(box: Box, ink: Ink, inset: float, **style: float | str | None) -> Node:
    return node(
        "rect",
        x=inset,
        y=inset,
        width=max(box.width - 2 * inset, 1),
        height=max(box.height - 2 * inset, 1),
        rx=_ROUND - inset,
        stroke=ink.line,
        fill=ink.fill,
        stroke_linecap="round",
        **style,
    )


def _small_start(element: Element, ink: Ink) -> Iterator[Node]:
    starts = [each for each in element.children.values() if each.kind is Kind.START_EVENT]
    if len(starts) == 1:
        size = Box(0, 0, _EVENT_GRID, _EVENT_GRID)
        yield node("g", *_event(starts[0], size, ink), transform="translate(4 4) scale(0.6)")


def _markers(element: Element, box: Box, ink: Ink, *, expanded: bool) -> Iterator[Node]:
    names = list(_marker_names(element, expanded=expanded))
    wide = len(names) * (_MARKER + _MARKER_GAP) - _MARKER_GAP
    for place, name in enumerate(names):
        x = (box.width - wide) / 2 + place * (_MARKER + _MARKER_GAP)
        drawn = icons.draw(icons.MARKERS[name], ink, negative=False)
        yield node("g", *drawn, transform=f"translate({x:g} {box.height - _MARKER - 5:g})")


def _marker_names(element: Element, *, expanded: bool) -> Iterator[str]:
    if element.multi_instance:
        yield "sequential" if element.multi_instance.sequential else "parallel"
    elif "loop" in element.markers:
        yield "loop"
    if "compensation" in element.markers:
        yield "compensation"
    if not expanded and (is_sub_process(element) or element.tag == "callActivity"):
        yield "collapsed"
    if element.tag == "adHocSubProcess":
        yield "adhoc"
