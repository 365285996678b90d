"""XML from strangers into a tree, in bounded time and memory.

Nothing outside the file is read: no document type, no entities, no network. A diagram needs
none of these, so a file that brings them is refused before it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from workflow_runtime.bpmn.unreadable import DOCTYPE, doctype_at, reason_for
from workflow_runtime.errors import DiagramError

MAX_BYTES: Final = 10 * 1024 * 1024
"""Larger files are refused; the engine's own limit for a deployment is 4 MB."""
MAX_ELEMENTS: Final = 100_000
"""XML elements in one file."""
MAX_DEPTH: Final = 100
"""Elements inside elements."""

_PROLOG = re.compile(rb"\A\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!DOCTYPE", re.DOTALL | re.IGNORECASE)
_BOM = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")


class UnreadableDiagram(DiagramError):
    """A file that is no BPMN diagram at all; ``broker`` is what the engine's parser says."""

    def __init__(self, message: str, *, broker: str = "") -> None:
        super().__init__(message, problems=(message,))
        self.broker = broker


def load(content: bytes, resource: str) -> Any:
    """The root element of a file.

    Raises:
        UnreadableDiagram: it is no XML, too large, too deep, or brings a document type.
    """
    _refuse_large(content, resource)
    _refuse_doctype(content, resource)
    root = _parse(content, resource)
    _refuse_deep(root, resource)
    return root


def _refuse_large(content: bytes, resource: str) -> None:
    if len(content) > MAX_BYTES:
        raise UnreadableDiagram(
            f"{resource}: the file has more than {MAX_BYTES:,} bytes; "
            "split the diagram into called processes"
        )
    if content.count(b"<") > 2 * MAX_ELEMENTS:
        raise UnreadableDiagram(_too_many(resource))


def _too_many(resource: str) -> str:
    return (
        f"{resource}: expected at most {MAX_ELEMENTS:,} XML elements; "
        "split the diagram into called processes"
    )


def _refuse_doctype(content: bytes, resource: str) -> None:
    if _PROLOG.match(_BOM.sub(b"", content[:65536].replace(b"\0", b""))):
        raise _doctype(content, resource)


def _doctype(content: bytes, resource: str) -> UnreadableDiagram:
    return UnreadableDiagram(
        f"{resource}:{doctype_at(content) or 1}: {DOCTYPE.what}; {DOCTYPE.remedy}"
    )


def _parse(content: bytes, resource: str) -> Any:
    parser = _parser()
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if {entry.type_name for entry in parser.error_log} != {"WAR_NS_URI"}:
            raise _not_xml(error, content, resource) from None
        # Namespaces that are no URI: some tools write them, and the engine takes them.
        root = etree.fromstring(content, _parser(recover=True))
    doctype: str = getattr(root.getroottree().docinfo, "doctype", "")
    if doctype:
        raise _doctype(content, resource)
    return root


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        dtd_validation=False, attribute_defaults=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _not_xml(error: Exception, content: bytes, resource: str) -> UnreadableDiagram:
    line = getattr(error, "lineno", None) or 1
    sentence = (getattr(error, "msg", None) or str(error)).split(", line")[0].strip()
    if "ntity" in sentence and doctype_at(content):
        return _doctype(content, resource)
    what, remedy = reason_for(sentence, content)
    return UnreadableDiagram(
        f"{resource}:{line}: expected an XML file, but it cannot be read: {what}; {remedy}",
        broker=f"Fatal Error: URI=null Line={line}: {_java_sentence(content)}",
    )


def _java_sentence(content: bytes) -> str:
    text = _BOM.sub(b"", content).strip()
    if not text:
        return "Premature end of file."
    if not text.startswith(b"<"):
        return "Content is not allowed in prolog."
    return "XML document structures must start and end within the same entity."


def _refuse_deep(root: Any, resource: str) -> None:
    count = depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if count > MAX_ELEMENTS:
            raise UnreadableDiagram(_too_many(f"{resource}:{node.sourceline}"))
        if depth > MAX_DEPTH:
            raise UnreadableDiagram(
                f"{resource}:{node.sourceline}: {_described(node)} is the {depth}th element inside "
                f"another, expected at most {MAX_DEPTH}; move inner sub-processes into called "
                "processes"
            )


def _described(node: Any) -> str:
    identifier = node.get("id")
    return f"<{local_name(node)}>" + (f" {identifier!r}" if identifier else "")


def local_name(node: Any) -> str:
    """The tag without its namespace; empty for what is no element."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(node: Any, namespace: str) -> Iterator[tuple[str, Any]]:
    """The child elements of one namespace with their local names, in document order."""
    size = len(namespace)
    for child in node:
        if isinstance(child.tag, str) and child.tag.startswith(namespace):
            yield child.tag[size:], child


def text_of(node: Any | None) -> str | None:
    """The stripped text of an element, None where there is none."""
    return None if node is None else "".join(node.itertext()).strip()


def flag(text: str | None, *, default: bool) -> bool:
    """An ``xsd:boolean`` attribute."""
    return default if text is None else text.strip() in {"true", "1"}
