"""Flow nodes as BPMN draws them, each in its own corner's coordinates."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_devkit.render.drawing_style import Style
from workflow_devkit.render.element_looks import (
    STARTING_PARALLEL,
    is_event,
    is_gateway,
    look_of,
)
from workflow_devkit.render.event_icons import EVENTS, MULTIPLE, PARALLEL_MULTIPLE
from workflow_devkit.render.markers import MARKERS
from workflow_devkit.render.strokes import Icon, draw_icon
from workflow_devkit.render.svg import Node, node, points
from workflow_runtime.bpmn.model import Box, Element, Kind

_ROUND = 10
_INNER = 3
_MARKER, _MARKER_GAP = 14, 4
# Sizes that modelers give to events and gateways; icons are scaled where a file has others.
_EVENT_GRID, _GATEWAY_GRID = 36, 50
_THROWING = frozenset({
    Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT, Kind.UNSUPPORTED,
})  # fmt: skip
"""Events whose icons are filled; of unsupported elements only the implicit throw event is one."""


def draw_element(
    element: Element, box: Box, style: Style, *, expanded: bool, marker: bool
) -> Iterator[Node]:
    """The outline and the icons of a flow node; ``marker`` shows the X of an exclusive gateway."""
    if is_event(element):
        yield from _event(element, box, style)
    elif is_gateway(element):
        yield from _gateway(element, box, style, marker=marker)
    else:
        yield from _activity(element, box, style, expanded=expanded)


def _event(element: Element, box: Box, style: Style) -> Iterator[Node]:
    radius = (box.width + box.height) / 4
    ends, starts = element.kind is Kind.END_EVENT, element.kind is Kind.START_EVENT
    # BPMN: a thin circle starts, a double one is in between, a thick one ends.
    thickness = 4 if ends else 2 if starts else 1.5
    radii = [radius] if ends or starts else [radius, radius - _INNER]
    for each in radii:
        yield node(
            "circle",
            cx=box.width / 2,
            cy=box.height / 2,
            # A shape may be too small for its inner circle, and SVG has no negative radius.
            r=max(each, 1),
            stroke=style.line,
            fill=style.fill,
            stroke_width=thickness,
            # BPMN: a broken line does not interrupt.
            stroke_dasharray=None if element.interrupting else "6",
        )
    if icon := _event_icon(element):
        drawn = draw_icon(icon, style, negative=element.kind in _THROWING)
        yield _scaled(drawn, box, _EVENT_GRID)


def _event_icon(element: Element) -> Icon:
    if len(element.events) > 1:
        return PARALLEL_MULTIPLE if "parallel" in element.markers else MULTIPLE
    return EVENTS.get(element.event.tag, ()) if element.event else ()


def _gateway(element: Element, box: Box, style: Style, *, marker: bool) -> Iterator[Node]:
    x, y = box.width / 2, box.height / 2
    corners = points([(x, 0), (box.width, y), (x, box.height), (0, y)])
    yield node(
        "polygon",
        points=corners,
        stroke=style.line,
        fill=style.fill,
        stroke_width=2,
        stroke_linejoin="round",
    )
    if icon := _gateway_icon(element, marker=marker):
        yield _scaled(draw_icon(icon, style), box, _GATEWAY_GRID)


def _gateway_icon(element: Element, *, marker: bool) -> Icon:
    # Its X may be left out; the file says whether it is shown.
    if element.tag == "exclusiveGateway" and not marker:
        return ()
    if {"instantiate", "parallel"} <= element.markers:
        return STARTING_PARALLEL
    return _icon(element)


def _icon(element: Element) -> Icon:
    look = look_of(element)
    return (look.starting_icon if "instantiate" in element.markers else None) or look.icon


def _scaled(drawn: Iterator[Node], box: Box, grid: float) -> Node:
    # An icon keeps its proportions in the middle of a shape that is not square.
    size = min(box.width, box.height)
    x, y = (box.width - size) / 2, (box.height - size) / 2
    moves = [f"translate({x:g} {y:g})"] * bool(x or y)
    scales = [f"scale({size / grid:g})"] * (size != grid)
    return node("g", *drawn, transform=" ".join(moves + scales) or None)


def _activity(element: Element, box: Box, style: Style, *, expanded: bool) -> Iterator[Node]:
    event_driven = element.kind is Kind.EVENT_SUB_PROCESS
    look = look_of(element)
    # BPMN: the border of an event sub-process is dotted; closed, it shows its start event.
    yield _rounded(box, style, 0, stroke_width=2.5 if event_driven else look.border,
                   stroke_dasharray="0 5.5" if event_driven else None)  # fmt: skip
    if look.inner_border:
        yield _rounded(box, style, _INNER, stroke_width=look.inner_border)
    yield from draw_icon(_icon(element), style, negative=look.negative)
    if event_driven and not expanded:
        yield from _small_start(element, style)
    yield from _markers(element, box, style, expanded=expanded)


def _rounded(box: Box, style: Style, inset: float, **attributes: float | str | None) -> Node:
    return node(
        "rect",
        x=inset,
        y=inset,
        width=max(box.width - 2 * inset, 1),
        height=max(box.height - 2 * inset, 1),
        rx=_ROUND - inset,
        stroke=style.line,
        fill=style.fill,
        stroke_linecap="round",
        **attributes,
    )


def _small_start(element: Element, style: Style) -> Iterator[Node]:
    starts = [each for each in element.children.values() if each.kind is Kind.START_EVENT]
    if len(starts) == 1:
        size = Box(0, 0, _EVENT_GRID, _EVENT_GRID)
        yield node("g", *_event(starts[0], size, style), transform="translate(4 4) scale(0.6)")


def _markers(element: Element, box: Box, style: Style, *, expanded: bool) -> Iterator[Node]:
    names = list(_marker_names(element, expanded=expanded))
    wide = len(names) * (_MARKER + _MARKER_GAP) - _MARKER_GAP
    for place, name in enumerate(names):
        x = (box.width - wide) / 2 + place * (_MARKER + _MARKER_GAP)
        drawn = draw_icon(MARKERS[name], style, negative=False)
        yield node("g", *drawn, transform=f"translate({x:g} {box.height - _MARKER - 5:g})")


def _marker_names(element: Element, *, expanded: bool) -> Iterator[str]:
    if element.multi_instance:
        yield "sequential" if element.multi_instance.sequential else "parallel"
    elif "loop" in element.markers:
        yield "loop"
    if "compensation" in element.markers:
        yield "compensation"
    look = look_of(element)
    if look.can_be_closed and not expanded:
        yield "collapsed"
    if look.marker:
        yield look.marker
