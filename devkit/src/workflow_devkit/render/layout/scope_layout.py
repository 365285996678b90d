"""A scope (a process, a sub-process) without layout gets one, inner scopes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from workflow_devkit.render.element_looks import is_gateway, is_sub_process
from workflow_devkit.render.labels import NARROWEST
from workflow_devkit.render.layout.blocks import EVENT, PADDING, TITLE, Block
from workflow_devkit.render.layout.columns import arrange
from workflow_devkit.render.layout.graph import Item, Key, Link
from workflow_devkit.render.layout.heights import heights_of
from workflow_devkit.render.layout.placed import Placed
from workflow_devkit.render.layout.routes import SLOT, Plan, name_place, route, spread
from workflow_devkit.render.text_size import OUTER_SIZE, text_height, text_width, wrap
from workflow_runtime.bpmn.model import Box, Edge, Element, Point, SequenceFlow, Shape

_ROW = 1000.0
"""How wide a row of what no flow reaches may become, at least."""
_FAN = 9.0
"""How far beside the corner of a gateway with a default flow its flows leave."""
_MOST_INSIDE = 20
"""Scopes inside scopes that are drawn open; deeper ones are drawn closed."""


def lay_out(elements: Iterable[Element], flows: Iterable[SequenceFlow], depth: int = 0) -> Placed:
    """Places elements of one scope, with all that they contain, from left to right.

    Boundary events stand on their hosts; what no flow reaches stands below; flows from or to
    anything else are left out.
    """
    blocks = {block.element.id: block for block in _blocks(list(elements), depth)}
    links = list(_links(flows, blocks))
    joined = {end for link in links for end in (link.source, link.target)}
    placed = _lay_out_joined([blocks[key] for key in blocks if key in joined], links)
    _lay_out_loose([block for key, block in blocks.items() if key not in joined], placed)
    return placed


def _lay_out_joined(blocks: list[Block], links: list[Link]) -> Placed:
    items = {block.element.id: block.item() for block in blocks}
    columns = arrange(list(items.values()), links)
    heights = {link.id: link.label_height for link in links}
    y = heights_of(columns, lambda key: _room(key, items, heights))
    plan = Plan(columns, items, y, spread(columns, items, links, y))
    placed = Placed()
    for block in blocks:
        _place(block, placed, plan.centre(block.element.id))
    for link in links:
        name = name_place(link, plan) if link.label_width else None
        placed.edges[link.id] = Edge(link.id, tuple(route(link, plan)), name)
    return _framed(placed, items, plan)


def _lay_out_loose(blocks: list[Block], placed: Placed) -> None:
    """Places what no flow reaches below the rest, in rows from left to right."""
    x, top, high, room = 0.0, placed.height, 0.0, max(placed.width, _ROW)
    for block in blocks:
        item = block.item()
        if x and x + 2 * item.beside > room:
            x, top, high = 0, top + high, 0
        _place(block, placed, Point(x + item.beside, top + item.above))
        placed.width = max(placed.width, x + 2 * item.beside)
        x, high = x + 2 * item.beside + PADDING, max(high, item.above + item.below)
    placed.height = top + high


def _blocks(elements: list[Element], depth: int) -> Iterator[Block]:
    known = {element.id for element in elements if element.attached_to is None}
    guests: dict[str, list[Element]] = {}
    for element in elements:
        if element.attached_to in known:
            guests.setdefault(element.attached_to or "", []).append(element)
    for element in elements:
        if element.attached_to not in known:
            inside = _inside(element, depth) if is_sub_process(element) else None
            yield Block(element, tuple(guests.get(element.id, ())), inside)


def _inside(element: Element, depth: int) -> Placed | None:
    # Files are made by machines too: nothing limits how deep they nest.
    if not element.children or depth >= _MOST_INSIDE:
        return None
    return lay_out(element.children.values(), element.flows.values(), depth + 1)


def _links(flows: Iterable[SequenceFlow], blocks: Mapping[str, Block]) -> Iterator[Link]:
    hosts = {
        guest.id: (block, place)
        for block in blocks.values()
        for place, guest in enumerate(block.guests)
    }
    for flow in flows:
        block, place = hosts.get(flow.source, (blocks.get(flow.source), None))
        if block is None or flow.target not in blocks:
            continue
        lines = wrap(flow.name or "", NARROWEST, OUTER_SIZE)
        wide = max((text_width(line, OUTER_SIZE) for line in lines), default=0)
        high = text_height(len(lines), OUTER_SIZE)
        marked = is_gateway(block.element) and block.element.default_flow
        fan, alone = _FAN if marked else 0, marked == flow.id
        link = Link(flow.id, block.element.id, flow.target, wide, high, fan=fan, alone=alone)
        if place is not None:
            centre = block.guest(place)
            start = Point(centre.x, centre.y + EVENT / 2)
            # Boundary events have an arrow of their own each, so it shares no line.
            link = replace(link, start=start, drop=block.drop(place), alone=True)
        yield link


def _room(key: Key, items: Mapping[str, Item], heights: Mapping[str, float]) -> tuple[float, float]:
    if isinstance(key, str):
        return items[key].above, items[key].below
    link = key[0] if isinstance(key, tuple) else ""
    return heights[link] + SLOT, SLOT


def _place(block: Block, placed: Placed, centre: Point) -> None:
    box = _around(centre, block.width, block.height)
    placed.shapes[block.element.id] = Shape(
        block.element.id, box, expanded=block.inside is not None, marker=True
    )
    if block.inside:
        across = (block.width - block.inside.width) / 2
        placed.add(block.inside, box.x + across, box.y + PADDING + TITLE)
    for place, guest in enumerate(block.guests):
        on = block.guest(place)
        bounds = _around(Point(centre.x + on.x, centre.y + on.y), EVENT, EVENT)
        # Left of the arrow, which leaves a boundary event downwards.
        label = Box(bounds.x + EVENT / 2 - NARROWEST - 6, bounds.y + EVENT, NARROWEST, 14)
        placed.shapes[guest.id] = Shape(guest.id, bounds, label)


def _around(centre: Point, width: float, height: float) -> Box:
    return Box(centre.x - width / 2, centre.y - height / 2, width, height)


def _framed(placed: Placed, items: Mapping[str, Item], plan: Plan) -> Placed:
    """Everything moved so that it begins at 0, 0."""
    tops = [plan.y[key] - item.above for key, item in items.items()]
    bottoms = [plan.y[key] + item.below for key, item in items.items()]
    lines = [point for edge in placed.edges.values() for point in edge.points]
    sides = [
        plan.centre(key).x + side * item.beside for key, item in items.items() for side in (-1, 1)
    ]
    left = min([*sides, *(point.x for point in lines)], default=0)
    right = max([*sides, *(point.x for point in lines)], default=0)
    top = min([*tops, *(point.y for point in lines)], default=0)
    bottom = max([*bottoms, *(point.y for point in lines)], default=0)
    framed = Placed(width=right - left, height=bottom - top)
    framed.add(placed, -left, -top)
    return framed
