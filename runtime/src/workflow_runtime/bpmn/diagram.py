"""The diagram interchange part of a file: where things are drawn."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from workflow_runtime.bpmn import namespaces
from workflow_runtime.bpmn.events import local_id
from workflow_runtime.bpmn.model import Box, Diagram, Edge, Plane, Point, Shape
from workflow_runtime.bpmn.xml import flag

LARGEST: Final = 1_000_000
"""Coordinates farther out are no layout but a mistake or an attack."""
# Colours are written into pictures as they are: nothing but a colour may pass.
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20}|rgba?\([\d.,%\s]{5,40}\)")


def read_diagram(root: Any) -> Diagram:
    """All shapes and edges of a file, page by page, by the id of what they draw.

    A shape or edge with coordinates that are no numbers, or beyond `LARGEST`, counts as missing.
    """
    planes = tuple(_plane(node) for node in root.iter(f"{namespaces.BPMNDI}BPMNPlane"))
    # Backwards, so that of two with one id the first stays.
    return Diagram(
        {key: shape for plane in reversed(planes) for key, shape in plane.shapes.items()},
        {key: edge for plane in reversed(planes) for key, edge in plane.edges.items()},
        planes,
    )


def _plane(node: Any) -> Plane:
    shapes = [_shape(child) for child in node.findall(f"{namespaces.BPMNDI}BPMNShape")]
    edges = [_edge(child) for child in node.findall(f"{namespaces.BPMNDI}BPMNEdge")]
    return Plane(
        local_id(node.get("bpmnElement")),
        {shape.element: shape for shape in reversed(shapes) if shape},
        {edge.element: edge for edge in reversed(edges) if edge},
    )


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return math.nan
    return value if abs(value) <= LARGEST else math.nan


def _numbers(node: Any, *attributes: str) -> list[float] | None:
    found = [_number(node.get(name)) for name in attributes]
    return None if any(map(math.isnan, found)) else found


def _box(node: Any | None) -> Box | None:
    found = None if node is None else _numbers(node, "x", "y", "width", "height")
    return None if found is None else Box(*found)


def _label(node: Any) -> Box | None:
    label = node.find(f"{namespaces.BPMNDI}BPMNLabel")
    return None if label is None else _box(label.find(f"{namespaces.DC}Bounds"))


def _shape(node: Any) -> Shape | None:
    bounds = _box(node.find(f"{namespaces.DC}Bounds"))
    if bounds is None or min(bounds.width, bounds.height) <= 0:
        return None
    expanded = node.get("isExpanded")
    return Shape(
        local_id(node.get("bpmnElement")),
        bounds,
        _label(node),
        expanded=None if expanded is None else flag(expanded, default=False),
        horizontal=flag(node.get("isHorizontal"), default=True),
        marker=flag(node.get("isMarkerVisible"), default=False),
        fill=_colour(node, f"{namespaces.BIOC}fill", f"{namespaces.COLOR}background-color"),
        stroke=_colour(node, f"{namespaces.BIOC}stroke", f"{namespaces.COLOR}border-color"),
    )


def _edge(node: Any) -> Edge | None:
    places = [_numbers(point, "x", "y") for point in node.findall(f"{namespaces.DI}waypoint")]
    points = tuple(Point(*place) for place in places if place)
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    stroke = _colour(node, f"{namespaces.BIOC}stroke", f"{namespaces.COLOR}border-color")
    return Edge(local_id(node.get("bpmnElement")), points, _label(node), stroke)


def _colour(node: Any, *attributes: str) -> str | None:
    found: str = next((node.get(name) for name in attributes if node.get(name)), "").strip()
    return found if _COLOUR.fullmatch(found) else None
