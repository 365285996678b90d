"""The least that production has to know of a diagram: which processes are in it.

The whole of it, `workflow_runtime.bpmn.parser`, is for who looks at elements: its model alone is
4 % of a service's start (``benchmarks/footprint.py``).
"""

from __future__ import annotations

from typing import NamedTuple

from workflow_runtime.bpmn.namespaces import BPMN
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.bpmn.xml import children, flag, load
from workflow_runtime.bpmn.xml_tree import Node

__all__ = ["ProcessOutline", "load_bpmn", "outline"]


class ProcessOutline(NamedTuple):
    """A process of a diagram: its BPMN id, and whether an engine may run it."""

    id: str
    executable: bool


def outline(content: bytes, resource: str) -> tuple[ProcessOutline, ...]:
    """The processes of a BPMN file, in the order of the file.

    Args:
        content: the file.
        resource: its name in messages.

    Raises:
        UnreadableDiagram: it is no BPMN diagram, or too large or unsafe to be read.
    """
    return tuple(
        ProcessOutline(node.get("id", ""), flag(node.get("isExecutable"), default=False))
        for tag, node in children(load_bpmn(content, resource), BPMN)
        if tag == "process"
    )


def load_bpmn(content: bytes, resource: str) -> Node:
    """The ``bpmn:definitions`` of a file.

    Raises:
        UnreadableDiagram: it is no BPMN diagram, or too large or unsafe to be read.
    """
    root = load(content, resource)
    if root.tag != f"{BPMN}definitions":
        raise _not_bpmn(root, resource)
    return root


def _not_bpmn(root: Node, resource: str) -> UnreadableDiagram:
    return UnreadableDiagram(
        resource,
        root.line,
        f"expected a BPMN 2.0 file with <bpmn:definitions> at its top, found <{root.local_name()}>",
        "export the diagram as BPMN 2.0",
        broker=f"Error: URI=null Line={root.line}: cvc-elt.1.a: Cannot find the declaration of "
        f"element '{root.written_name()}'.",
    )
