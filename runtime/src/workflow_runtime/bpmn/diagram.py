"""The diagram interchange part of a file: where things are drawn."""

from __future__ import annotations

import math
from typing import Any

from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.events import local_id
from workflow_runtime.bpmn.model import Box, Diagram, Edge, Point, Shape
from workflow_runtime.bpmn.xml import flag


def read_diagram(root: Any) -> Diagram:
    """All shapes and edges of all diagrams in a file, by the id of what they draw."""
    shapes = [_shape(node) for node in root.iter(f"{names.BPMNDI}BPMNShape")]
    edges = [_edge(node) for node in root.iter(f"{names.BPMNDI}BPMNEdge")]
    return Diagram(
        {shape.element: shape for shape in reversed(shapes) if shape},
        {edge.element: edge for edge in reversed(edges) if edge},
    )


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


def _box(node: Any | None) -> Box | None:
    if node is None:
        return None
    return Box(*(_number(node.get(name)) for name in ("x", "y", "width", "height")))


def _label(node: Any) -> Box | None:
    return _box(node.find(f"{names.BPMNDI}BPMNLabel/{names.DC}Bounds"))


def _shape(node: Any) -> Shape | None:
    bounds = _box(node.find(f"{names.DC}Bounds"))
    if bounds is None:
        return None
    return Shape(
        local_id(node.get("bpmnElement")),
        bounds,
        _label(node),
        expanded=flag(node.get("isExpanded"), default=True),
        horizontal=flag(node.get("isHorizontal"), default=True),
    )


def _edge(node: Any) -> Edge | None:
    points = tuple(
        Point(_number(point.get("x")), _number(point.get("y")))
        for point in node.findall(f"{names.DI}waypoint")
    )
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    return Edge(local_id(node.get("bpmnElement")), points, _label(node))
