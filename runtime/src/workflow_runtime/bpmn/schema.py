"""What the BPMN schema forbids in well-formed XML: ids and the references to them.

The engine validates a file against the schema before it reads it and stops at the first
fault; the sentences are those of its XML parser (recorded: ``cases/broker/s16_invalid.json``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from workflow_runtime.bpmn import names, namespaces
from workflow_runtime.bpmn.model import Flaw
from workflow_runtime.bpmn.xml import children

_TYPED = (namespaces.BPMN, namespaces.BPMNDI, namespaces.DI)
# XML's names without a colon; the middle dot is one of their characters.
_NCNAME = re.compile(r"[^\W\d][\w.\-·]*\Z")
_REFERENCES: Final = {
    f"{namespaces.BPMN}sequenceFlow": ("sourceRef", "targetRef"),
    f"{namespaces.BPMN}exclusiveGateway": ("default",),
    f"{namespaces.BPMN}inclusiveGateway": ("default",),
}
_ORDERED: Final = frozenset(f"{namespaces.BPMN}{tag}" for tag in names.KINDS)
# The schema wants these first and in this order; what may follow differs by element.
_LEADING: Final = (
    "documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef",
    "incoming", "outgoing",
)  # fmt: skip


def flaws(root: Any, content: bytes) -> tuple[Flaw, ...]:
    """Everything that the schema forbids, in the order in which the engine would meet it."""
    typed = list(_typed(root))
    known: set[str] = set()
    found: list[Flaw] = []
    for node in typed:
        identifier = node.get("id")
        if identifier is not None:
            found += _identifier(identifier.strip(), node, known)
            known.add(identifier.strip())
        if node.tag in _ORDERED:
            found += _disorder(node)
    # The engine's parser knows all ids only at the end, and names that line.
    last = content.rstrip().count(b"\n") + 1
    for node in typed:
        if node.tag in _REFERENCES:
            found += _dangling(node, known, last)
    return tuple(found)


def _typed(root: Any) -> Iterator[Any]:
    """Elements that the schema knows: what is in an extension is its author's own."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.tag.startswith(_TYPED):
            yield node
        if not node.tag.endswith("}extensionElements"):
            stack.extend(reversed(node))


def _identifier(identifier: str, node: Any, known: set[str]) -> Iterator[Flaw]:
    if not _NCNAME.match(identifier):
        yield Flaw(
            f"the id {identifier!r} is no valid XML name",
            "begin it with a letter or _, and use letters, digits, _, - and . only",
            f"cvc-datatype-valid.1.2.1: '{identifier}' is not a valid value for 'NCName'.",
            node.line,
            node.line,
            identifier,
        )
    if identifier in known:
        yield Flaw(
            f"the id {identifier!r} occurs more than once",
            "give each element an id of its own",
            f"cvc-id.2: There are multiple occurrences of ID value '{identifier}'.",
            node.line,
            node.line,
            identifier,
        )


def _disorder(node: Any) -> Iterator[Flaw]:
    position = 0
    for tag, child in children(node, namespaces.BPMN):
        here = _LEADING.index(tag) if tag in _LEADING else len(_LEADING)
        if here < position:
            yield Flaw(
                f"bpmn:{tag} stands too late in its element",
                "order: documentation, extensionElements, incoming, outgoing, then the rest",
                "cvc-complex-type.2.4.a: Invalid content was found starting with element "
                f"'{child.tag}'.",
                child.line,
                child.line,
                node.get("id"),
            )
            return
        position = here


def _dangling(node: Any, known: set[str], last: int) -> Iterator[Flaw]:
    for attribute in _REFERENCES[node.tag]:
        target = (node.get(attribute) or "").strip()
        if target and target not in known:
            yield Flaw(
                f"{attribute} names {target!r}, which is not in the file",
                "connect it to an element of this file, or remove it",
                f"cvc-id.1: There is no ID/IDREF binding for IDREF '{target}'.",
                node.line,
                last,
                node.get("id"),
            )
