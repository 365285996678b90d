"""XML from strangers into a tree, in bounded time and memory, and what is read of its elements.

Nothing outside the file is read: no document type, no entities, no network. A diagram needs
none of these, so a file that brings them is refused where they begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import errors

from defusedxml.common import DTDForbidden

from workflow_runtime.bpmn.text_encoding import WrongBytes, to_utf8
from workflow_runtime.bpmn.unreadable import (
    DOCTYPE,
    Fault,
    Reason,
    UnreadableDiagram,
    doctype_at,
    look_of,
    reason_for,
    wrong_bytes,
)
from workflow_runtime.bpmn.xml_tree import Node, TreeParser

MAX_BYTES: Final = 10 * 1024 * 1024
"""Larger files are refused; the engine's own limit for a deployment is 4 MB."""
MAX_TEXT: Final = 10_000_000
"""Characters of one text or attribute."""

_SYNTAX: Final = errors.codes[errors.XML_ERROR_SYNTAX]
_NAMESPACE: Final = re.compile(rb"""(\sxmlns(?::[^\s=]+)?\s*=\s*)("[^"<]*"|'[^'<]*')""")
_BOM: Final = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")


def load(content: bytes, resource: str) -> Node:
    """The root element of a file.

    Args:
        content: the file, in an encoding that Python knows.
        resource: its name in messages.

    Raises:
        UnreadableDiagram: it is no XML, too large, too deep, or brings a document type.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableDiagram(
            resource,
            0,
            f"the file has more than {MAX_BYTES:,} bytes",
            "split the diagram into called processes",
        )
    try:
        text = to_utf8(content)
    except WrongBytes as error:
        reason = look_of(content) or wrong_bytes(str(error))
        raise _not_xml(reason, error.line, content, resource) from None
    root = _parse(text, content, resource)
    # A smaller file cannot have such a text in it, and most are smaller.
    if len(text) > MAX_TEXT:
        _refuse_long_texts(root, content, resource)
    return root


def _parse(text: bytes, content: bytes, resource: str) -> Node:
    parser = TreeParser(text, resource)
    try:
        return parser.root()
    except DTDForbidden:
        raise _doctype(doctype_at(text) or 1, resource) from None
    except ParseError as error:
        # Expat parts names by braces and refuses them in a namespace; real files have {{…}} there.
        if error.code == _SYNTAX and (plain := _NAMESPACE.sub(_without_braces, text)) != text:
            return _parse(plain, content, resource)
        raise _malformed(parser, error.code, text, content, resource) from None


def _without_braces(declaration: re.Match[bytes]) -> bytes:
    return declaration[1] + declaration[2].replace(b"}", b"%7D")


def _malformed(
    parser: TreeParser, code: int, text: bytes, content: bytes, resource: str
) -> UnreadableDiagram:
    doctype = doctype_at(text)
    if doctype is not None:
        return _doctype(doctype, resource)
    at = parser.error_at()
    around = parser.open[-1] if parser.open else None
    fault = (
        Fault(code, at) if around is None else Fault(code, at, around.written_name(), around.line)
    )
    reason = look_of(content) or reason_for(fault, text)
    return _not_xml(reason, text.count(b"\n", 0, at) + 1, content, resource)


def _refuse_long_texts(root: Node, content: bytes, resource: str) -> None:
    node: Any
    for node in root.iter():
        texts = (node.text or "", node.tail or "", *node.attrib.values())
        if max(map(len, texts)) > MAX_TEXT:
            what = f"a text in it has more than {MAX_TEXT:,} characters"
            raise _not_xml(Reason(what, "take the text out"), node.line, content, resource)


def _doctype(line: int, resource: str) -> UnreadableDiagram:
    return UnreadableDiagram(resource, line, DOCTYPE.what, DOCTYPE.remedy)


def _not_xml(reason: Reason, line: int, content: bytes, resource: str) -> UnreadableDiagram:
    return UnreadableDiagram(
        resource,
        line,
        f"expected an XML file, but it cannot be read: {reason.what}",
        reason.remedy,
        broker=f"Fatal Error: URI=null Line={line}: {_java_sentence(content)}",
    )


def _java_sentence(content: bytes) -> str:
    text = _BOM.sub(b"", content).strip()
    if not text:
        return "Premature end of file."
    if not text.startswith(b"<"):
        return "Content is not allowed in prolog."
    return "XML document structures must start and end within the same entity."


def local_name(node: Any) -> str:
    """The tag without its namespace."""
    tag: str = node.tag
    return tag.rpartition("}")[2]


def children(node: Any, namespace: str) -> Iterator[tuple[str, Any]]:
    """The child elements of one namespace with their local names, in document order."""
    size = len(namespace)
    for child in node:
        if child.tag.startswith(namespace):
            yield child.tag[size:], child


def text_of(node: Any | None) -> str | None:
    """The stripped text of an element, None where there is none."""
    return None if node is None else "".join(node.itertext()).strip()


def flag(text: str | None, *, default: bool) -> bool:
    """An ``xsd:boolean`` attribute."""
    return default if text is None else text.strip() in {"true", "1"}
