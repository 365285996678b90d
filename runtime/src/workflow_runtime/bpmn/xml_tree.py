"""A tree of XML elements that know where they stand, by the standard library's parser, hardened.

The parser is defusedxml's; no document type comes past it, hence no entity and nothing from
outside. The tree is refused where it goes beyond a limit, not after it has been made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from weakref import ref
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml.ElementTree import DefusedXMLParser

from workflow_runtime.bpmn.unreadable import AGAIN, UnreadableDiagram

__all__ = ["Node", "TreeParser", "ordinal"]

MAX_ELEMENTS: Final = 100_000
"""XML elements that a file may have."""
MAX_DEPTH: Final = 100
"""How many elements may stand inside one another."""

_MARKUP: Final = re.compile(
    rb"""<(?:[^/!?][^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>"""
    rb"""|(!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>))""",
    re.DOTALL,
)
"""A start tag, or, as the group, what may look as if a start tag were in it."""


class Node(Element):
    """An XML element.

    ``line`` is the one on which its start tag ends, as in the engine's messages; ``prefix`` is
    what its tag is written with, empty for none.
    """

    __slots__ = ("_parent", "line", "prefix")
    _parent: ref[Node] | None
    line: int
    prefix: str

    def getparent(self) -> Node | None:
        """The element around this one; None for the root."""
        # A strong reference would make a circle and leave each tree to the garbage collector.
        return None if self._parent is None else self._parent()

    def local_name(self) -> str:
        """The tag without its namespace."""
        return self.tag.rpartition("}")[2]

    def written_name(self) -> str:
        """The tag with its prefix, as in the file."""
        return f"{self.prefix}:{self.local_name()}" if self.prefix else self.local_name()


class TreeParser(DefusedXMLParser):
    """Reads one text; ``open`` are the elements that it is in, from the outside to the inside."""

    def __init__(self, text: bytes, resource: str) -> None:
        """Prepares to read a text in UTF-8; ``resource`` names it in messages."""
        tree = TreeBuilder(element_factory=Node)
        super().__init__(target=tree, encoding="utf-8", forbid_dtd=True)
        self.open: list[Node] = []
        self._text = text
        self._resource = resource
        self._start, self._end = tree.start, tree.end
        self._lines = _tag_lines(text)
        self._names: dict[str, tuple[str, str]] = {}
        self._count = 0
        expat = self.parser
        # Names come with their prefixes (`_split`), attributes as a mapping; ElementTree asks for
        # neither.
        expat.namespace_prefixes = True
        expat.ordered_attributes = False
        expat.XmlDeclHandler = self._declaration
        expat.StartElementHandler = self._begin
        expat.EndElementHandler = self._finish
        expat.CommentHandler = expat.ProcessingInstructionHandler = None

    def root(self) -> Node:
        """The root element.

        Raises:
            UnreadableDiagram: the text goes beyond a limit.
            DTDForbidden: it declares a document type.
            ParseError: it is not well-formed.
        """
        self.feed(self._text)
        root: Node = self.close()  # type: ignore[assignment]  # the factory's, not any element
        return root

    def error_at(self) -> int:
        """The byte that the parser had come to when it raised an error."""
        return self.parser.ErrorByteIndex

    def _declaration(self, version: str, _encoding: str | None, _standalone: int) -> None:
        if not version.startswith("1."):
            raise UnreadableDiagram(
                self._resource,
                1,
                f"its XML declaration names version {version!r}, expected 1.0",
                AGAIN,
                broker=f'Fatal Error: URI=null Line=1: XML version "{version}" is not supported, '
                "only XML 1.0 is supported.",
            )

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        # Called for each element: half of the time that reading a diagram takes.
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = _split(name)
        for each in attributes:
            if "}" in each:
                attributes = {_split(key)[0]: value for key, value in attributes.items()}
                break
        around = self.open
        node: Any = self._start(found[0], attributes)
        node.prefix = found[1]
        node.line = next(self._lines)
        node._parent = ref(around[-1]) if around else None  # noqa: SLF001 - made here only
        around.append(node)
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise self._too_many(node)
        if len(around) > MAX_DEPTH:
            raise self._too_deep(node)

    def _finish(self, name: str) -> None:
        self._end(name)
        self.open.pop()

    def _too_many(self, node: Node) -> UnreadableDiagram:
        return UnreadableDiagram(
            self._resource,
            node.line,
            f"expected at most {MAX_ELEMENTS:,} XML elements",
            "split the diagram into called processes",
        )

    def _too_deep(self, node: Node) -> UnreadableDiagram:
        identifier = node.get("id")
        described = f"<{node.local_name()}>" + (f" {identifier!r}" if identifier else "")
        return UnreadableDiagram(
            self._resource,
            node.line,
            f"{described} is the {ordinal(len(self.open))} element inside another, "
            f"expected at most {MAX_DEPTH}",
            "move inner sub-processes into called processes",
        )


def ordinal(number: int) -> str:
    """A number as an English ordinal: ``101st``."""
    # 11, 12 and 13 are regular: eleventh, not elevenst.
    is_teen = number // 10 % 10 == 1
    return f"{number}{'th' if is_teen else _SUFFIXES.get(number % 10, 'th')}"


_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd"}


def _tag_lines(text: bytes) -> Iterator[int]:
    """The lines on which the start tags end, each when the parser has come to its element.

    So nothing is searched that the parser has not found to be well-formed, and all is searched
    once. The parser itself says only where a tag begins.
    """
    line, counted = 1, 0
    for found in _MARKUP.finditer(text):
        if found.lastindex is None:
            end = found.end()
            line += text.count(b"\n", counted, end)
            counted = end
            yield line


def _split(name: str) -> tuple[str, str]:
    """Expat's ``uri}local}prefix`` as ``{uri}local`` and the prefix."""
    uri, brace, rest = name.partition("}")
    if not brace:
        return name, ""
    local, _, prefix = rest.partition("}")
    return f"{{{uri}}}{local}", prefix
