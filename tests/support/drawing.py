"""BPMN files for tests: one header, elements as XML, flows as ``a -> b``.

Most tests want the short form of ``diagrams.py``, which is written by this. What it cannot say
(wrong attributes, elements where none may be) is said in XML here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from lxml import etree

_MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_NAMESPACES = (
    f'xmlns="{_MODEL}" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:modeler="http://camunda.org/schema/modeler/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_BPMN = f"{{{_MODEL}}}"
_HEAD = (f"{_BPMN}documentation", f"{_BPMN}extensionElements", f"{_BPMN}incoming")
_FLOW = re.compile(
    r"(?:(?P<id>\w+): )?(?P<chain>\w+(?: -?> \w+)+)(?P<default> default)?(?: if (?P<condition>.+))?"
)


class Flow(NamedTuple):
    """A sequence flow as written."""

    id: str
    source: str
    target: str
    condition: str | None
    default: bool


def flows_in(line: str) -> Iterator[Flow]:
    """The flows of one line: ``a -> b -> c``, ``id: a -> b if =condition``, ``a -> b default``."""
    found = _FLOW.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"no flow: {line.strip()}")
    for source, target in pairwise(re.split(" -?> ", found["chain"])):
        name = found["id"] or f"{source}_{target}"
        yield Flow(name, source, target, found["condition"], bool(found["default"]))


def definitions(body: str, attributes: str = "") -> Any:
    """The tree of a file with this in it: processes and what stands beside them."""
    return etree.fromstring(
        f'<definitions {_NAMESPACES} targetNamespace="t" {attributes}>{body}</definitions>'
    )


def connect(scope: Any, flows: Iterable[Flow]) -> None:
    """Adds flows to a process or sub-process; they are named in its elements, as modelers do."""
    places = defaultdict(list)
    for element in scope:
        places[element.get("id")].append(element)
    for flow in flows:
        for element in places[flow.source]:
            _insert(element, "outgoing", flow.id, (*_HEAD, f"{_BPMN}outgoing"))
            if flow.default:
                element.set("default", flow.id)
        for element in places[flow.target]:
            _insert(element, "incoming", flow.id, _HEAD)
        ends = {"sourceRef": flow.source, "targetRef": flow.target}
        arrow = etree.SubElement(scope, f"{_BPMN}sequenceFlow", id=flow.id, **ends)
        if flow.condition is not None:
            condition = etree.SubElement(arrow, f"{_BPMN}conditionExpression")
            condition.set(_TYPE, "tFormalExpression")
            condition.text = flow.condition


def _insert(element: Any, tag: str, text: str, before: tuple[str, ...]) -> None:
    child = etree.Element(f"{_BPMN}{tag}")
    child.text = text
    element.insert(sum(each.tag in before for each in element), child)


def written(root: Any) -> bytes:
    """The file."""
    content: bytes = etree.tostring(root, pretty_print=True)
    return content


def draw(nodes: str, flows: str = "", *, top: str = "", attributes: str = "") -> bytes:
    """A file with one process ``p``, of elements in XML; ``flows`` holds flows, line by line."""
    root = definitions(f'<process id="p" isExecutable="true">{nodes}</process>{top}', attributes)
    lines = filter(None, map(str.strip, flows.splitlines()))
    connect(root[0], (flow for line in lines for flow in flows_in(line)))
    return written(root)


def task(name: str = "a", inner: str = "", *, type_: str | None = None, retries: str = "") -> str:
    """A service task, complete."""
    definition = f'<zeebe:taskDefinition type="{type_ or f"p_{name}"}"'
    definition += f' retries="{retries}" />' if retries else " />"
    return (
        f'<serviceTask id="{name}" name="{name}"><extensionElements>{definition}{inner}'
        "</extensionElements></serviceTask>"
    )


def catch(name: str, definition: str, tag: str = "intermediateCatchEvent", more: str = "") -> str:
    """An event of any kind."""
    return f'<{tag} id="{name}" {more}>{definition}</{tag}>'


def timer(text: str, form: str = "timeDuration") -> str:
    """A timer definition."""
    return f"<timerEventDefinition><{form}>{text}</{form}></timerEventDefinition>"


def message(name: str = "m", *, key: str = "=key", title: str | None = None) -> str:
    """A message with a correlation key."""
    subscription = f'<zeebe:subscription correlationKey="{key}" />' if key else ""
    return (
        f'<message id="{name}" name="{f"p_{name}" if title is None else title}">'
        f"<extensionElements>{subscription}</extensionElements></message>"
    )


START, END = '<startEvent id="start" />', '<endEvent id="end" />'
MESSAGE = '<messageEventDefinition messageRef="m" />'


def straight(*nodes: str, top: str = "", attributes: str = "") -> bytes:
    """Start, these elements one after the other, end; boundary events are left out of the line."""
    names = [re.search(r'id="(\w+)"', node)[1] for node in nodes if "<boundaryEvent" not in node]
    line = ["start", *names, "end"]
    flows = "\n".join(f"{a} > {b}" for a, b in pairwise(line))
    attached = [re.search(r'id="(\w+)"', n)[1] for n in nodes if "<boundaryEvent" in n]
    flows += "".join(f"\n{name} > end" for name in attached)
    return draw(START + "".join(nodes) + END, flows, top=top, attributes=attributes)
