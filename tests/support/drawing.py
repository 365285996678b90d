"""Small diagrams for tests: elements as XML, flows as ``a > b``."""

import re
from itertools import pairwise

from lxml import etree

_NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
)
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_FLOW = re.compile(r"(?:(?P<id>\w+): )?(?P<source>\w+) > (?P<target>\w+)(?: if (?P<condition>.+))?")
_HEAD = (f"{_BPMN}documentation", f"{_BPMN}extensionElements", f"{_BPMN}incoming")


def draw(nodes: str, flows: str = "", *, top: str = "", attributes: str = "") -> bytes:
    """A file with one process ``p``; its flows are also named in the elements, as modelers do.

    ``flows`` holds one arrow a line: ``id: source > target if =condition``.
    """
    root = etree.fromstring(
        f'<definitions {_NAMESPACES} targetNamespace="t" {attributes}>'
        f'<process id="p" isExecutable="true">{nodes}</process>{top}</definitions>'
    )
    for line in filter(None, map(str.strip, flows.splitlines())):
        _connect(root, **_FLOW.fullmatch(line).groupdict())
    return etree.tostring(root, pretty_print=True)


def _connect(root, *, source, target, condition, id=None):  # noqa: A002 - as the attribute
    name = id or f"{source}_{target}"
    start, end = (root.find(f'.//*[@id="{each}"]') for each in (source, target))
    _insert(start, "outgoing", name, (*_HEAD, f"{_BPMN}outgoing"))
    _insert(end, "incoming", name, _HEAD)
    flow = etree.SubElement(
        start.getparent(), f"{_BPMN}sequenceFlow", id=name, sourceRef=source, targetRef=target
    )
    if condition is not None:
        etree.SubElement(flow, f"{_BPMN}conditionExpression").text = condition


def _insert(element, tag, text, before):
    child = etree.Element(f"{_BPMN}{tag}")
    child.text = text
    element.insert(sum(each.tag in before for each in element), child)


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
