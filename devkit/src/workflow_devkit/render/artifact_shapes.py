"""Pools, lanes, groups, annotations and data, each in its own corner's coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workflow_devkit.render.drawing_style import Style
from workflow_devkit.render.markers import MARKERS
from workflow_devkit.render.strokes import draw_icon
from workflow_devkit.render.svg import Node, node, number, path
from workflow_runtime.bpmn.model import Artifact, Box

BAND: Final = 30
"""Width of the strip in which a pool or lane has its name."""
_FOLD = 10
# The grid of markers (markers.py), so they are drawn at their own size.
_MARKER = 14

_Draw = Callable[[Artifact, Box, Style], Iterator[Node]]


def draw_artifact(
    artifact: Artifact, box: Box, style: Style, *, horizontal: bool
) -> Iterator[Node]:
    """The outline of an artifact; nothing for what has no shape of its own."""
    if artifact.tag == "participant":
        yield from _pool(artifact, box, style, horizontal=horizontal)
    elif draw := _SHAPES.get(artifact.tag):
        yield from draw(artifact, box, style)


def is_black_box(artifact: Artifact) -> bool:
    """Whether it is a pool whose process is not shown."""
    return artifact.tag == "participant" and artifact.refers_to is None


def _pool(artifact: Artifact, box: Box, style: Style, *, horizontal: bool) -> Iterator[Node]:
    yield _frame(box, style)
    if not is_black_box(artifact):
        d = f"M{BAND} 0v{number(box.height)}" if horizontal else f"M0 {BAND}h{number(box.width)}"
        yield path(d, stroke=style.line, stroke_width=1.5)
    # BPMN: a pool that stands for several participants has the marker of parallel activities.
    if "multiple" in artifact.markers:
        drawn = draw_icon(MARKERS["parallel"], style)
        place = f"translate({(box.width - _MARKER) / 2:g} {box.height - _MARKER - 2:g})"
        yield node("g", *drawn, transform=place)


def _lane(_: Artifact, box: Box, style: Style) -> Iterator[Node]:
    yield _frame(box, style)


def _frame(box: Box, style: Style) -> Node:
    return node("rect", width=box.width, height=box.height, stroke=style.line, fill=style.fill,
                stroke_width=1.5)  # fmt: skip


def _group(_: Artifact, box: Box, style: Style) -> Iterator[Node]:
    # Dash, dot, dash: with round ends a dash of no length is a dot.
    yield node("rect", width=box.width, height=box.height, rx=10, stroke=style.line, fill="none",
               stroke_width=1.5, stroke_dasharray="10 6 0 6", stroke_linecap="round")  # fmt: skip


def _annotation(_: Artifact, box: Box, style: Style) -> Iterator[Node]:
    yield path(f"M10 0h-10v{number(box.height)}h10", fill="none", stroke=style.line, stroke_width=2)


def _data(artifact: Artifact, box: Box, style: Style) -> Iterator[Node]:
    wide, high = number(box.width - _FOLD), number(box.height)
    corner = f"M{wide} 0v{_FOLD}h{_FOLD}"
    yield path(f"M0 0h{wide}l{_FOLD} {_FOLD}V{high}H0z{corner}", fill=style.fill, stroke=style.line,
               stroke_width=2, stroke_linejoin="round")  # fmt: skip
    if artifact.tag in _ARROWS:
        # BPMN: the arrow of an output is filled, that of an input is not.
        fill = style.line if artifact.tag == "dataOutput" else "none"
        yield path(_ARROWS[artifact.tag], fill=fill, stroke=style.line)
    if "collection" in artifact.markers:
        drawn = draw_icon(MARKERS["parallel"], style)
        place = f"translate({(box.width - _MARKER) / 2:g} {box.height - _MARKER - 2:g})"
        yield node("g", *drawn, transform=place)


_ARROWS: Final = dict.fromkeys(("dataInput", "dataOutput"), "M5 9h9v-3l5 5l-5 5v-3h-9z")


def _store(_: Artifact, box: Box, style: Style) -> Iterator[Node]:
    wide, high, lid = number(box.width), number(box.height * 0.74), number(box.height * 0.16)
    ring = f"c{number(box.width * 0.03)} {lid} {number(box.width * 0.97)} {lid} {wide} 0"
    top, gap = number(box.height * 0.13), number(box.height * 0.11)
    back = f"c-{number(box.width * 0.03)} -{lid} -{number(box.width * 0.97)} -{lid} -{wide} 0"
    body = f"M0 {top}v{high}{ring}v-{high}{back}{ring}m-{wide} {gap}{ring}m-{wide} {gap}{ring}"
    yield path(body, fill=style.fill, stroke=style.line, stroke_width=2)


_SHAPES: Final[Mapping[str, _Draw]] = {
    "lane": _lane,
    "group": _group,
    "textAnnotation": _annotation,
    "dataObject": _data,
    "dataObjectReference": _data,
    "dataInput": _data,
    "dataOutput": _data,
    "dataStoreReference": _store,
}
