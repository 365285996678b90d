"""Makes an SVG picture of a parsed file, page below page."""

from __future__ import annotations

from workflow_devkit.render.diagram_index import DiagramIndex, index_of
from workflow_devkit.render.drawing_style import FILL, LINE
from workflow_devkit.render.overlay import Overlay
from workflow_devkit.render.page_drawing import draw_page
from workflow_devkit.render.pages import Page, pages_of
from workflow_devkit.render.svg import Node, node, number, words, write
from workflow_devkit.render.text_size import FONT
from workflow_runtime.bpmn.model import Definitions

_MARGIN = 12.0
_TITLE = 24.0
_ROUND = 8


def render_svg(definitions: Definitions, overlay: Overlay | None = None) -> str:
    """Draws a file by its own layout; what has none gets one.

    A file with several pages (the inside of closed sub-processes) becomes one picture, page below
    page. The same input gives the same bytes; no text of the file can become markup.
    """
    index = index_of(definitions)
    drawn, width, height = list[Node](), 1.0, 0.0
    for place, page in enumerate(pages_of(definitions, index)):
        picture, box = draw_page(page, index, overlay or Overlay())
        if place:
            height += _TITLE
            drawn.append(_heading(_title(page, index), height))
        x, y = _MARGIN - box.x, height + _MARGIN - box.y
        drawn.append(node("g", *picture, transform=f"translate({number(x)} {number(y)})"))
        width, height = max(width, box.width + 2 * _MARGIN), height + box.height + 2 * _MARGIN
    # A picture without extent is refused by viewers.
    return write(_sheet(drawn, width, max(height, 1), _names(definitions)))


def _heading(title: str, y: float) -> Node:
    return words("text", title, x=_MARGIN, y=y, fill=LINE, font_size=14, font_weight="bold")


def _sheet(drawn: list[Node], width: float, height: float, title: str) -> Node:
    paper = node("rect", width=width, height=height, rx=_ROUND, fill=FILL)
    return node(
        "svg",
        # First in the picture, where screen readers look for its name.
        words("title", title),
        paper,
        *drawn,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family=FONT,
        role="img",
    )


def _names(definitions: Definitions) -> str:
    return ", ".join(process.name or process.id for process in definitions.processes)


def _title(page: Page, index: DiagramIndex) -> str:
    return " ".join((index.name(page.element) or page.element).split())
