"""Which name stands where: in the shape, beside it, or along a strip."""

from __future__ import annotations

from workflow_devkit.render.artifact_shapes import BAND, is_black_box
from workflow_devkit.render.diagram_index import DiagramIndex
from workflow_devkit.render.element_looks import is_event, is_gateway
from workflow_devkit.render.labels import (
    Label,
    band_label,
    beside_label,
    inside_label,
    note_label,
    outside_label,
)
from workflow_devkit.render.pages import Page
from workflow_runtime.bpmn.model import Artifact, Box, Edge, Element, Point, Shape


def shape_label(shape: Shape, page: Page, index: DiagramIndex) -> Label | None:
    """The name of a shape, None where it has none."""
    name = index.name(shape.element)
    element = index.elements.get(shape.element)
    if not name:
        return None
    if element is None:
        return _artifact_label(index.artifacts[shape.element], name, shape)
    return _element_label(element, name, shape, top=page.is_open(element))


def edge_label(edge: Edge, index: DiagramIndex) -> Label | None:
    """The name of a connection, None where it has none."""
    name = index.name(edge.element)
    if not name:
        return None
    return beside_label(name, _given(edge.label), edge.points)


def _element_label(element: Element, name: str, shape: Shape, *, top: bool) -> Label:
    if is_event(element) or is_gateway(element):
        return outside_label(name, _given(shape.label), _under(shape.bounds))
    # At the top of an open sub-process, for its middle is taken.
    return inside_label(name, shape.bounds, top=top)


def _artifact_label(artifact: Artifact, name: str, shape: Shape) -> Label:
    box = shape.bounds
    match artifact.tag:
        case "participant" if is_black_box(artifact):
            return inside_label(name, box)
        case "participant" | "lane":
            return band_label(name, box, BAND, horizontal=shape.horizontal)
        case "textAnnotation":
            return note_label(name, box)
        case "group":
            return outside_label(name, _given(shape.label), Point(box.x + box.width / 2, box.y))
        case _:
            return outside_label(name, _given(shape.label), _under(box))


def _under(box: Box) -> Point:
    return Point(box.x + box.width / 2, box.y + box.height)


def _given(label: Box | None) -> Box | None:
    """The file's place for a name, if it is one: some modelers write boxes without size."""
    return label if label and label.width > 0 else None
