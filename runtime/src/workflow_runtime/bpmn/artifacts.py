"""What is drawn but not run: pools, lanes, data, annotations, and the markers of activities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from workflow_runtime.bpmn import names, namespaces
from workflow_runtime.bpmn.events import local_id
from workflow_runtime.bpmn.model import Artifact
from workflow_runtime.bpmn.xml import flag, local_name, text_of

_FLAGS: Final = {
    "isForCompensation": "compensation",
    "instantiate": "instantiate",
    "parallelMultiple": "parallel",
    "isCollection": "collection",
}
_TAGS: Final = frozenset(f"{namespaces.BPMN}{tag}" for tag in names.ARTIFACTS)
_CHILDREN: Final = {
    "standardLoopCharacteristics": "loop",
    "participantMultiplicity": "multiple",
}


def read_artifacts(root: Any) -> tuple[Artifact, ...]:
    """All artifacts of a file, in document order."""
    return tuple(_artifacts(root))


def element_markers(node: Any) -> frozenset[str]:
    """What an element's picture shows besides its type."""
    flags = {word for name, word in _FLAGS.items() if flag(node.get(name), default=False)}
    parts = {
        word for tag, word in _CHILDREN.items() if node.find(f"{namespaces.BPMN}{tag}") is not None
    }
    parallel = {"parallel"} if node.get("eventGatewayType") == "Parallel" else set()
    return frozenset(flags | parts | parallel)


def _artifacts(root: Any) -> Iterator[Artifact]:
    categories = {
        node.get("id"): node.get("value") for node in root.iter(f"{namespaces.BPMN}categoryValue")
    }
    for node in root.iter():
        if node.tag not in _TAGS:
            continue
        # A group has no name: it shows the value of its category.
        category = categories.get(local_id(node.get("categoryValueRef")))
        # The third direction, None, is what an association has if it says nothing.
        direction = {node.get("associationDirection")} & {"One", "Both"}
        yield Artifact(
            node.get("id", ""),
            local_name(node),
            node.get("name") or text_of(node.find(f"{namespaces.BPMN}text")) or category,
            _reference(node, "sourceRef"),
            _reference(node, "targetRef"),
            _reference(node, "processRef") or _reference(node, "dataObjectRef"),
            node.line,
            element_markers(node) | direction,
        )


def _reference(node: Any, name: str) -> str | None:
    # BPMN 2.0 writes it as an attribute of some elements and as a child of others.
    text = node.get(name) or text_of(node.find(f"{namespaces.BPMN}{name}"))
    return local_id(text) or None
