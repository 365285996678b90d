"""One page drawn: shapes, arrows, names, and what the overlay tells of them."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_devkit.render.artifact_shapes import draw_artifact
from workflow_devkit.render.badges import draw_badges
from workflow_devkit.render.connections import draw_line
from workflow_devkit.render.diagram_index import DiagramIndex
from workflow_devkit.render.drawing_style import Style
from workflow_devkit.render.element_shapes import draw_element
from workflow_devkit.render.geometry import around, at
from workflow_devkit.render.label_places import edge_label, shape_label
from workflow_devkit.render.labels import draw_label
from workflow_devkit.render.overlay import Overlay
from workflow_devkit.render.pages import Page
from workflow_devkit.render.svg import Node, node, number, words
from workflow_runtime.bpmn.model import Box, Edge, Shape

_BEHIND = {"participant": -2, "lane": -1}


def draw_page(page: Page, index: DiagramIndex, overlay: Overlay) -> tuple[list[Node], Box]:
    """All nodes of a page from back to front, and the box around them."""
    order = sorted(page.shapes.values(), key=lambda shape: _level(shape, index))
    named = [(shape, shape_label(shape, page, index)) for shape in order]
    joined = [(edge, edge_label(edge, index)) for edge in page.edges.values()]
    # Names come last but for the badges: no line may cross them.
    drawn = [
        *(_shape(shape, page, index, overlay) for shape in order),
        *(_edge(edge, index, overlay) for edge in page.edges.values()),
        *(draw_label(label, _style(shape, overlay).text) for shape, label in named if label),
        *(draw_label(label, Style().text) for _, label in joined if label),
        *(badge for shape in order for badge in draw_badges(shape.element, shape.bounds, overlay)),
    ]
    boxes = [shape.bounds for shape in order]
    boxes += [label.box for _, label in (*named, *joined) if label]
    boxes += [at(point) for edge in page.edges.values() for point in edge.points]
    return drawn, around(boxes)


def _level(shape: Shape, index: DiagramIndex) -> float:
    """How far in front a shape is drawn: what holds others is behind them."""
    element = index.elements.get(shape.element)
    if element is None:
        # Data and annotations are in front of all, however deep scopes are.
        return _BEHIND.get(index.artifacts[shape.element].tag, 1000)
    level, on_border = 0.0, element.attached_to is not None
    while element.parent:
        element, level = element.parent, level + 1
    # A boundary event lies on its host, but behind what is one level deeper.
    return level + on_border / 2


def _style(shape: Shape, overlay: Overlay) -> Style:
    return overlay.style_of(shape.element, line=shape.stroke, fill=shape.fill)


def _shape(shape: Shape, page: Page, index: DiagramIndex, overlay: Overlay) -> Node:
    element = index.elements.get(shape.element)
    box, style = shape.bounds, _style(shape, overlay)
    if element:
        inner = draw_element(
            element, box, style, expanded=page.is_open(element), marker=shape.marker
        )
    else:
        artifact = index.artifacts[shape.element]
        inner = draw_artifact(artifact, box, style, horizontal=shape.horizontal)
    place = f"translate({number(box.x)} {number(box.y)})"
    return _group(shape.element, inner, index, overlay, place)


def _edge(edge: Edge, index: DiagramIndex, overlay: Overlay) -> Node:
    line, style = index.line(edge.element), overlay.style_of(edge.element, line=edge.stroke)
    inner = draw_line(line, edge.points, style) if line else iter(())
    return _group(edge.element, inner, index, overlay)


def _group(
    key: str, inner: Iterator[Node], index: DiagramIndex, overlay: Overlay, place: str | None = None
) -> Node:
    name, description = " ".join(index.name(key).split()), overlay.description(key)
    tip = f"{name} ({key})" if name else key
    title = words("title", f"{tip}: {description}" if description else tip)
    return node("g", title, *inner, transform=place, data_id=key)
