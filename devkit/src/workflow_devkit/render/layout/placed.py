"""What a layout gives: shapes and edges with their places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from workflow_runtime.bpmn.model import Box, Edge, Point, Shape


@dataclass(slots=True)
class Placed:
    """Shapes and edges, and the size of all together; the top left corner is at 0, 0."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    width: float = 0
    height: float = 0

    def add(self, other: Placed, x: float, y: float) -> None:
        """Takes over shapes and edges of another, moved by x to the right and by y down."""
        for key, shape in other.shapes.items():
            self.shapes[key] = replace(
                shape,
                bounds=moved(shape.bounds, x, y),
                label=shape.label and moved(shape.label, x, y),
            )
        for key, edge in other.edges.items():
            points = tuple(Point(each.x + x, each.y + y) for each in edge.points)
            self.edges[key] = replace(
                edge, points=points, label=edge.label and moved(edge.label, x, y)
            )

    def moved(self, x: float, y: float) -> Placed:
        """A copy that is moved by x to the right and by y down."""
        other = Placed(width=self.width, height=self.height)
        other.add(self, x, y)
        return other


def moved(box: Box, x: float, y: float) -> Box:
    """A box of this size, moved by x to the right and by y down."""
    return Box(box.x + x, box.y + y, box.width, box.height)
