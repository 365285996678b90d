"""What is drawn where: the file's own pages, and a layout for what has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflow_devkit.render.diagram_index import DiagramIndex
from workflow_devkit.render.element_looks import is_sub_process
from workflow_devkit.render.geometry import around, connect, contains
from workflow_devkit.render.layout.blocks import Borders
from workflow_devkit.render.layout.file_layout import lay_out_file
from workflow_devkit.render.layout.scope_layout import lay_out
from workflow_runtime.bpmn.model import Definitions, Edge, Element, Kind, Plane, Shape

_APART = 60.0
"""Between what the file places and what is placed below it."""


@dataclass(slots=True)
class Page:
    """One picture of a file; ``element`` is the process, collaboration or sub-process shown."""

    element: str
    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)

    def is_open(self, element: Element) -> bool:
        """Whether what a sub-process contains is drawn in it."""
        shape = self.shapes.get(element.id)
        if shape is None or shape.expanded is False or not is_sub_process(element):
            return False
        inner = [self.shapes[each] for each in element.children if each in self.shapes]
        if shape.expanded:
            return bool(inner) or not element.children
        # The file does not say: open where something of it stands in it.
        return any(contains(shape.bounds, each.bounds) for each in inner)


def pages_of(definitions: Definitions, index: DiagramIndex) -> list[Page]:
    """The pages of a file, with everything on them that should be drawn."""
    pages = [_page(plane, index) for plane in definitions.diagram.planes]
    pages = [page for page in pages if page.shapes]
    if not pages:
        placed = lay_out_file(definitions)
        pages = [Page("", placed.shapes, placed.edges)]
    # Some modelers draw the inside of a closed sub-process on the page that it is on.
    for page in tuple(pages):
        pages += _closed(page, index)
    # Reversed: what several pages show belongs to the first.
    homes = {key: page for page in reversed(pages) for key in page.shapes}
    for process in definitions.processes:
        for scope in process.walk():
            pages += _complete(scope, homes)
    _connect(index, pages, homes)
    return [page for page in pages if page.shapes]


def _page(plane: Plane, index: DiagramIndex) -> Page:
    known = index.elements.keys() | index.artifacts.keys()
    return Page(
        plane.element,
        {key: shape for key, shape in plane.shapes.items() if key in known},
        {key: edge for key, edge in plane.edges.items() if index.line(key)},
    )


def _closed(page: Page, index: DiagramIndex) -> Iterator[Page]:
    """What the file places inside of closed sub-processes: each gets a page of its own."""
    closed = [
        element
        for key in page.shapes
        if (element := index.elements.get(key))
        and is_sub_process(element)
        and element.id != page.element
        and not page.is_open(element)
    ]
    for element in closed:
        inner = [each for each in element.walk() if each is not element]
        flows = [flow for each in element.walk() for flow in each.flows]
        shapes = {each.id: page.shapes.pop(each.id) for each in inner if each.id in page.shapes}
        edges = {flow: page.edges.pop(flow) for flow in flows if flow in page.edges}
        if shapes:
            yield Page(element.id, shapes, edges)


def _complete(scope: Element, homes: dict[str, Page]) -> Iterator[Page]:
    """Places the elements of a scope that no page has; gives the page that this needs, if any."""
    missing = [each for each in scope.children.values() if each.id not in homes]
    if not missing or (scope.kind is not Kind.PROCESS and scope.id not in homes):
        return
    home = next((homes[each] for each in scope.children if each in homes), None)
    page = home or Page(scope.id)
    borders = Borders(page.shapes.values())
    rest = [each for each in missing if not _attach(each, page, borders)]
    placed = lay_out(rest, scope.flows.values())
    if home:
        below = around(shape.bounds for shape in page.shapes.values())
        placed = placed.moved(below.x, below.y + below.height + _APART)
    page.shapes |= placed.shapes
    # The edges of the file win (docs/decisions/own-layout.md).
    page.edges = placed.edges | page.edges
    homes.update((key, page) for key in (*placed.shapes, *(each.id for each in missing)))
    if home is None:
        yield page


def _attach(element: Element, page: Page, borders: Borders) -> bool:
    host = page.shapes.get(element.attached_to or "")
    if host:
        page.shapes[element.id] = borders.place(element, host)
    return host is not None


def _connect(index: DiagramIndex, pages: Iterable[Page], homes: Mapping[str, Page]) -> None:
    """Draws the sequence flows that no page has."""
    drawn = {key for page in pages for key in page.edges}
    for key, flow in index.flows.items():
        home = homes.get(flow.source)
        if home and key not in drawn and flow.source in home.shapes and flow.target in home.shapes:
            ends = home.shapes[flow.source].bounds, home.shapes[flow.target].bounds
            home.edges[key] = Edge(key, connect(*ends))
