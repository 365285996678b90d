"""A whole file without layout: its processes below each other, in pools where it has pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_devkit.render.artifact_shapes import BAND
from workflow_devkit.render.geometry import connect
from workflow_devkit.render.layout.placed import Placed
from workflow_devkit.render.layout.scope_layout import lay_out
from workflow_runtime.bpmn.model import Artifact, Box, Definitions, Edge, Element, Shape

_APART = 60.0
_MARGIN = 30.0
_BLACK_BOX_HEIGHT = 60.0
_NOTE_WIDTH, _NOTE_HEIGHT, _NOTES_IN_ROW = 150.0, 60.0, 6
_DATA_WIDTH, _DATA_HEIGHT = 40.0, 50.0
_NOTES = frozenset({"textAnnotation"})
_DATA = frozenset({"dataObjectReference", "dataStoreReference"})


def lay_out_file(definitions: Definitions) -> Placed:
    """Places everything of a file; lanes are left out: their members need not be neighbours."""
    whole = Placed()
    bands = list(_bands(definitions))
    widest = max((placed.width for _, placed in bands), default=0)
    for pool, placed in bands:
        top = whole.height + (_APART if whole.height else 0)
        whole.add(placed, BAND + _MARGIN if pool else 0, top + (_MARGIN if pool else 0))
        high = placed.height + (2 * _MARGIN if placed.shapes and pool else 0)
        if pool:
            wide = widest + BAND + 2 * _MARGIN
            whole.shapes[pool.id] = Shape(pool.id, Box(0, top, wide, high))
        whole.height = top + high
    _notes([each for each in definitions.artifacts if each.tag in _NOTES | _DATA], whole)
    _join(definitions.artifacts, whole)
    return whole


def _bands(definitions: Definitions) -> Iterator[tuple[Artifact | None, Placed]]:
    pools = [each for each in definitions.artifacts if each.tag == "participant"]
    processes = {process.id: process for process in definitions.processes}
    for pool in pools:
        process = processes.pop(pool.refers_to or "", None)
        yield pool, _inside(process) if process else Placed(width=300, height=_BLACK_BOX_HEIGHT)
    # What is left has no pool.
    for process in processes.values():
        yield None, _inside(process)


def _inside(process: Element) -> Placed:
    return lay_out(process.children.values(), process.flows.values())


def _notes(artifacts: list[Artifact], whole: Placed) -> None:
    top = whole.height + _APART
    for place, artifact in enumerate(artifacts):
        row, column = divmod(place, _NOTES_IN_ROW)
        x, y = column * (_NOTE_WIDTH + _APART), top + row * (_NOTE_HEIGHT + _APART)
        size = (
            (_NOTE_WIDTH, _NOTE_HEIGHT) if artifact.tag in _NOTES else (_DATA_WIDTH, _DATA_HEIGHT)
        )
        whole.shapes[artifact.id] = Shape(artifact.id, Box(x, y, *size))


def _join(artifacts: Iterable[Artifact], whole: Placed) -> None:
    connections = [each for each in artifacts if each.tag in {"messageFlow", "association"}]
    for each in connections:
        ends = whole.shapes.get(each.source or ""), whole.shapes.get(each.target or "")
        if ends[0] and ends[1]:
            whole.edges[each.id] = Edge(each.id, connect(ends[0].bounds, ends[1].bounds))
