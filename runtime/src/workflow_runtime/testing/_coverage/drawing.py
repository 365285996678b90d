"""Draws a diagram from its own layout, coloured by what was passed and how often."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from workflow_runtime.bpmn.model import Box, Edge, Shape
from workflow_runtime.testing._coverage.measure import DiagramCoverage, Part

_GREEN, _RED, _GREY = "#17643a", "#a32218", "#8a94a0"
_FILLS = {_GREEN: "#e3f3e8", _RED: "#fbe5e2", _GREY: "#f7f8fa"}
_MARGIN = 30


def draw(diagram: DiagramCoverage) -> str:
    """An SVG picture; a note where the file has no layout."""
    layout = diagram.definitions.diagram
    if not layout.shapes:
        return "<p>This file has no layout to draw.</p>"
    parts = {part.id: part for part in diagram.parts}
    drawn = [
        *(_edge(edge, parts.get(edge.element)) for edge in layout.edges.values()),
        *(_shape(shape, parts.get(shape.element)) for shape in layout.shapes.values()),
    ]
    return f"{_opening([shape.bounds for shape in layout.shapes.values()])}{''.join(drawn)}</svg>"


def _opening(boxes: list[Box]) -> str:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    width = max(box.x + box.width for box in boxes) - left + 2 * _MARGIN
    height = max(box.y + box.height for box in boxes) - top + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="{left - _MARGIN:g} {top - _MARGIN:g} {width:g} {height:g}" '
        'font-family="system-ui, sans-serif" font-size="11">'
    )


def _colour(part: Part | None) -> str:
    if part is None:
        return _GREY
    return _GREEN if part.hits else _RED


def _edge(edge: Edge, part: Part | None) -> str:
    points = " ".join(f"{point.x:g},{point.y:g}" for point in edge.points)
    dashes = "" if part is None or part.hits else ' stroke-dasharray="5 3"'
    line = f'<polyline points="{points}" fill="none" stroke="{_colour(part)}" '
    return line + f'stroke-width="2"{dashes}>{_tip(part)}</polyline>'


def _shape(shape: Shape, part: Part | None) -> str:
    colour = _colour(part)
    style = f'fill="{_FILLS[colour]}" stroke="{colour}" stroke-width="2"'
    texts = "".join(_texts(shape.bounds, part)) if part else ""
    return f"<g>{_outline(shape.bounds, part, style)}{texts}</g>"


def _outline(box: Box, part: Part | None, style: str) -> str:
    tag = part.tag.lower() if part else ""
    x, y, width, height = box.x, box.y, box.width, box.height
    if tag.endswith("gateway"):
        points = [(x + width / 2, y), (x + width, y + height / 2), (x + width / 2, y + height)]
        corners = " ".join(f"{a:g},{b:g}" for a, b in [*points, (x, y + height / 2)])
        return f'<polygon points="{corners}" {style}>{_tip(part)}</polygon>'
    radius = min(width, height) / 2 if tag.endswith("event") else 8
    size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}"'
    return f"<rect {size} {style}>{_tip(part)}</rect>"


def _texts(box: Box, part: Part) -> Iterator[str]:
    right, bottom = box.x + box.width, box.y + box.height
    middle = (box.y + bottom) / 2 + 4
    inside = part.tag.lower().endswith("task")
    name = " ".join((part.name or part.id).split())
    yield _text((box.x + right) / 2, middle if inside else bottom + 14, name)
    if part.hits:
        yield f'<circle cx="{right:g}" cy="{box.y:g}" r="9" fill="{_GREEN}"/>'
        yield _text(right, box.y + 4, str(part.hits), "white")


def _text(x: float, y: float, text: str, colour: str = "#1d232b") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="middle"'
    return f'<text {place} fill="{colour}">{escape(text)}</text>'


def _tip(part: Part | None) -> str:
    if part is None:
        return ""
    passed = f"passed {part.hits} times" if part.hits else "never passed"
    return f"<title>{escape(part.name or part.id)} ({escape(part.id)}): {passed}</title>"
