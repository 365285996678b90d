"""Reading pictures in tests: what was drawn for which element, and diagrams with layouts."""

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from tests.support import cases
from tests.support import foreign as others

from workflow_devkit.render import Overlay, render_svg
from workflow_runtime.bpmn.model import Box
from workflow_runtime.bpmn.parser import parse

NO_DIAGRAMS = {"broken", "empty", "other", "text"}
OWN = [
    name
    for name in (*cases.names("broker/bpmn/*"), *cases.names("xml/*.bpmn"))
    if others.stem(name) not in NO_DIAGRAMS
]
"""Names of the models that recordings were made with."""
MODELS = others.names("bpmn/*.bpmn")
"""Names of other people's models."""
SVG = "{http://www.w3.org/2000/svg}"
_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_WAYPOINT = "http://www.omg.org/spec/DD/20100524/DI"


def picture(content: bytes, overlay: Overlay | None = None) -> ET.Element:
    """The drawn file, as a tree."""
    return ET.fromstring(render_svg(parse(content, "d.bpmn"), overlay))


def drawn(root: ET.Element, key: str) -> ET.Element:
    """What was drawn for one element or flow."""
    return next(each for each in root.iter(f"{SVG}g") if each.get("data-id") == key)


def tags(root: ET.Element, key: str) -> list[str]:
    """The kinds of the marks of one element, its tooltip left out."""
    found = [each.tag.removeprefix(SVG) for each in drawn(root, key).iter()]
    return [tag for tag in found if tag not in {"g", "title"}]


def tooltip(root: ET.Element, key: str) -> str:
    return drawn(root, key).findtext(f"{SVG}title")


def texts(root: ET.Element) -> list[str]:
    """Every label, its lines joined."""
    return [
        " ".join(span.text for span in text.iter(f"{SVG}tspan")) or text.text
        for text in root.iter(f"{SVG}text")
    ]


def with_layout(content: bytes, shapes: Mapping[str, str], edges: Mapping[str, str]) -> bytes:
    """The file with a layout: ``x y width height [attributes]`` and ``x,y x,y`` by id."""
    inner = "".join([*map(_shape, shapes.items()), *map(_edge, edges.items())])
    plane = f'<di:BPMNPlane bpmnElement="p">{inner}</di:BPMNPlane>'
    names = f'xmlns:di="{_DI}" xmlns:dc="{_DC}" xmlns:w="{_WAYPOINT}"'
    diagram = f"<di:BPMNDiagram {names}>{plane}</di:BPMNDiagram></definitions>"
    return content.decode().replace("</definitions>", diagram).encode()


def _shape(entry: tuple[str, str]) -> str:
    key, place = entry
    x, y, width, height, *attributes = place.split(maxsplit=4)
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    more = attributes[0] if attributes else ""
    return f'<di:BPMNShape bpmnElement="{key}" {more}>{bounds}</di:BPMNShape>'


def _edge(entry: tuple[str, str]) -> str:
    key, way = entry
    points = (place.split(",") for place in way.split())
    inner = "".join(f'<w:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<di:BPMNEdge bpmnElement="{key}">{inner}</di:BPMNEdge>'


def overlapping(boxes: Mapping[str, Box]) -> Iterator[tuple[str, str]]:
    """Pairs of boxes that lie on each other."""
    waiting = sorted(boxes.items(), key=lambda entry: entry[1].x)
    for place, (key, box) in enumerate(waiting):
        for other, after in waiting[place + 1 :]:
            if after.x >= box.x + box.width:
                break
            if box.y < after.y + after.height and after.y < box.y + box.height:
                yield key, other
