"""A BPMN file into ``Definitions``.

Lenient where a file is merely wrong, so that lint and validation can say everything that is
wrong with it; strict where it is no BPMN file at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workflow_runtime.bpmn import names, namespaces
from workflow_runtime.bpmn.artifacts import element_markers, read_artifacts
from workflow_runtime.bpmn.diagram import read_diagram
from workflow_runtime.bpmn.events import Catalogue, catalogue, event_definitions, local_id
from workflow_runtime.bpmn.extensions import extensions_of, multi_instance
from workflow_runtime.bpmn.model import Definitions, Diagram, Element, Kind, SequenceFlow
from workflow_runtime.bpmn.outline import load_bpmn
from workflow_runtime.bpmn.schema import flaws
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.bpmn.xml import MAX_BYTES, children, flag, text_of


def parse_file(path: str | Path) -> Definitions:
    """The diagram in a file; the path as given becomes the name of the resource.

    Raises:
        UnreadableDiagram: the file is not there, or is no BPMN diagram.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            # One byte more than is taken: enough to see that a file is too large.
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableDiagram(
            str(file), 0, f"the BPMN file cannot be read: {reason}", "check its path and its rights"
        ) from None
    return parse(content, str(file))


def parse(content: bytes, resource: str) -> Definitions:
    """The diagram in the bytes of a file.

    Args:
        content: the file, in any encoding that Python knows.
        resource: its name in messages.

    Raises:
        UnreadableDiagram: it is no BPMN diagram, or too large or unsafe to be read.
    """
    return read(load_bpmn(content, resource), content, resource)


def read(root: Any, content: bytes, resource: str, *, drawn: bool = True) -> Definitions:
    """What the ``bpmn:definitions`` of a file, and its bytes, say; ``resource`` is its name.

    Without ``drawn`` only what is run is read, which is half of a file.
    """
    known = catalogue(root)
    processes = [
        _process(node, known) for tag, node in children(root, namespaces.BPMN) if tag == "process"
    ]
    return Definitions(
        resource=resource,
        processes=tuple(processes),
        messages=known.messages,
        diagram=read_diagram(root) if drawn else Diagram(),
        artifacts=read_artifacts(root) if drawn else (),
        execution_platform=root.get(f"{namespaces.MODELER}executionPlatform"),
        execution_platform_version=root.get(f"{namespaces.MODELER}executionPlatformVersion"),
        flaws=flaws(root, content),
    )


def _process(node: Any, known: Catalogue) -> Element:
    process = Element(node.get("id", ""), Kind.PROCESS, "process", node.get("name"), node.line)
    process.executable = flag(node.get("isExecutable"), default=False)
    process.extensions = extensions_of(node).present
    _fill(process, node, known)
    _connect(process)
    return process


def _fill(scope: Element, node: Any, known: Catalogue) -> None:
    for tag, child in children(node, namespaces.BPMN):
        if tag == "sequenceFlow":
            flow = _flow(child)
            # Of elements with one id the first is kept; `flaws` names the others.
            scope.flows.setdefault(flow.id, flow)
        elif tag in names.KINDS:
            element = _element(tag, child, scope, known)
            scope.children.setdefault(element.id, element)


def _flow(node: Any) -> SequenceFlow:
    return SequenceFlow(
        node.get("id", ""),
        local_id(node.get("sourceRef")),
        local_id(node.get("targetRef")),
        node.get("name"),
        text_of(node.find(f"{namespaces.BPMN}conditionExpression")),
        node.line,
    )


def _element(tag: str, node: Any, scope: Element, known: Catalogue) -> Element:
    element = Element(node.get("id", ""), _kind(tag, node), tag, node.get("name"))
    element.line = node.line
    element.parent = scope
    element.default_flow = node.get("default")
    element.multi_instance = multi_instance(node)
    element.standard_loop = node.find(f"{namespaces.BPMN}standardLoopCharacteristics") is not None
    element.written_incoming = _references(node, "incoming")
    element.written_outgoing = _references(node, "outgoing")
    element.markers = element_markers(node)
    _read_event(element, node, known)
    _read_extensions(element, node)
    if tag in names.CONTAINERS:
        _fill(element, node, known)
    return element


def _kind(tag: str, node: Any) -> Kind:
    if tag == "subProcess" and flag(node.get("triggeredByEvent"), default=False):
        return Kind.EVENT_SUB_PROCESS
    return names.KINDS[tag]


def _references(node: Any, tag: str) -> tuple[str, ...]:
    return tuple(local_id(text_of(child)) for child in node.findall(f"{namespaces.BPMN}{tag}"))


def _read_event(element: Element, node: Any, known: Catalogue) -> None:
    element.events = event_definitions(node, known)
    element.event = element.events[0] if element.events else None
    # Receive tasks name their message themselves, events in their definition.
    element.message = known.message(node.get("messageRef"))
    if element.event and element.message is None:
        element.message = element.event.message
    attached = node.get("attachedToRef")
    element.attached_to = None if attached is None else local_id(attached)
    # Boundary events and start events of event sub-processes have different words for it.
    interrupts = node.get("cancelActivity", node.get("isInterrupting"))
    element.interrupting = flag(interrupts, default=True)


def _read_extensions(element: Element, node: Any) -> None:
    found = extensions_of(node)
    element.task = found.task()
    element.headers = found.headers()
    element.repeated_headers = found.repeated_headers()
    element.inputs = found.mappings("input")
    element.outputs = found.mappings("output")
    element.called = found.called()
    element.called_decision = found.decision()
    element.script = found.script()
    element.user_task = found.user_task()
    element.extensions = found.present
    element.repeated_extensions = found.repeated


def _connect(process: Element) -> None:
    # At the end: a flow may stand in the file before the elements that it connects.
    elements = {element.id: element for element in process.walk()}
    for scope in elements.values():
        for flow in scope.flows.values():
            if flow.source in elements:
                elements[flow.source].outgoing.append(flow.id)
            if flow.target in elements:
                elements[flow.target].incoming.append(flow.id)
