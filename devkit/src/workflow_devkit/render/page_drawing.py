"""One page drawn: shapes, arrows, names, and what the overlay tells of them."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_devkit.render import labels
from workflow_devkit.render.artifacts import draw_artifact
from workflow_devkit.render.badges import draw_badges
from workflow_devkit.render.edges import draw_line
from workflow_devkit.render.geometry import around, at
from workflow_devkit.render.ink import Ink, Overlay
from workflow_devkit.render.naming import edge_label, shape_label
from workflow_devkit.render.pages import Page
from workflow_devkit.render.shapes import draw_element
from workflow_devkit.render.subjects import Subjects
from workflow_devkit.render.svg import Node, node, number, words
from workflow_runtime.bpmn.model import Box, Edge, Shape

_BEHIND = {"participant": -2, "lane": -1}


def draw_page(page: Page, subjects: Subjects, overlay: Overlay) -> tuple[list[Node], Box]:
    """All nodes of a page from back to front, and the box around them."""
    order = sorted(page.shapes.values(), key=lambda shape: _level(shape, subjects))
    named = [(shape, shape_label(shape, page, subjects)) for shape in order]
    joined = [(edge, edge_label(edge, subjects)) for edge in page.edges.values()]
    drawn = [
        *(_shape(shape, page, subjects, overlay) for shape in order),
        *(_edge(edge, subjects, overlay) for edge in page.edges.values()),
        *(labels.draw(label, _ink(shape, overlay).text) for shape, label in named if label),
        *(labels.draw(label, Ink().text) for _, label in joined if label),
        *(badge for shape in order for badge in draw_badges(shape.element, shape.bounds, overlay)),
    ]
    boxes = [shape.bounds for shape in order]
    boxes += [label.box for _, label in (*named, *joined) if label]
    boxes += [at(point) for edge in page.edges.values() for point in edge.points]
    return drawn, around(boxes)


def _level(shape: Shape, subjects: Subjects) -> float:
    """How far in front a shape is drawn: what holds others is behind them."""
    element = subjects.elements.get(shape.element)
    if element is None:
        return _BEHIND.get(subjects.artifacts[shape.element].tag, 1000)
    level, on_border = 0.0, element.attached_to is not None
    while element.parent:
        element, level = element.parent, level + 1
    return level + on_border / 2


def _ink(shape: Shape, overlay: Overlay) -> Ink:
    return overlay.ink(shape.element, line=shape.stroke, fill=shape.fill)


def _shape(shape: Shape, page: Page, subjects: Subjects, overlay: Overlay) -> Node:
    element = subjects.elements.get(shape.element)
    box, ink = shape.bounds, _ink(shape, overlay)
    if element:
        inner = draw_element(element, box, ink, expanded=page.is_open(element), marker=shape.marker)
    else:
        artifact = subjects.artifacts[shape.element]
        inner = draw_artifact(artifact, box, ink, horizontal=shape.horizontal)
    place = f"translate({number(box.x)} {number(box.y)})"
    return _group(shape.element, inner, subjects, overlay, place)


def _edge(edge: Edge, subjects: Subjects, overlay: Overlay) -> Node:
    line, ink = subjects.line(edge.element), overlay.ink(edge.element, line=edge.stroke)
    inner = draw_line(line, edge.points, ink) if line else iter(())
    return _group(edge.element, inner, subjects, overlay)


def _group(
    key: str, inner: Iterator[Node], subjects: Subjects, overlay: Overlay, place: str | None = None
) -> Node:
    name, story = " ".join(subjects.name(key).split()), overlay.story(key)
    tip = f"{name} ({key})" if name else key
    title = words("title", f"{tip}: {story}" if story else tip)
    return node("g", title, *inner, transform=place, data_id=key)
