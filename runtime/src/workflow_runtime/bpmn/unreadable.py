"""Why a file is no BPMN diagram, in words that say where, what and what to do about it.

The parser's own sentences are written for those who program with it; each of its codes that a
diagram can cause has one here for those who draw diagrams.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.parsers.expat import errors

from workflow_runtime.errors import DiagramError

__all__ = [
    "AGAIN", "DOCTYPE", "Fault", "Reason", "UnreadableDiagram", "doctype_at", "look_of",
    "reason_for", "wrong_bytes",
]  # fmt: skip


class UnreadableDiagram(DiagramError):
    """A file that is no BPMN diagram at all.

    Its text is put together of its fields: ``file``; ``line``, from 1, or 0 where no line is to
    blame; ``message``, what is wrong; ``remedy``, what to do. ``broker`` is what the engine's
    parser says about the file, empty where that is not known.
    """

    def __init__(
        self, file: str, line: int, message: str, remedy: str, *, broker: str = ""
    ) -> None:
        place = f"{file}:{line}" if line else file
        text = f"{place}: {message}; {remedy}"
        super().__init__(text, problems=(text,))
        self.file = file
        self.line = line
        self.message = message
        self.remedy = remedy
        self.broker = broker


class Reason(NamedTuple):
    """What is wrong with a file, and what to do."""

    what: str
    remedy: str


class Fault(NamedTuple):
    """Where the parser gave up.

    ``code`` is expat's, ``at`` the byte that it had come to. ``within`` is the tag, as written,
    of the innermost element that was open there and ``since`` its line; empty and 0 without one.
    """

    code: int
    at: int
    within: str = ""
    since: int = 0


AGAIN: Final = "export the diagram again from the modeler"
_ESCAPE: Final = "write & as &amp; and < as &lt; in texts"
DOCTYPE: Final = Reason(
    "the file declares a document type (<!DOCTYPE …>), which no BPMN diagram needs",
    "remove the declaration and its entities",
)
_PACKED: Final = {
    b"PK\x03\x04": Reason("it is a ZIP archive", "unpack it and use the .bpmn file inside"),
    b"\x1f\x8b": Reason("it is packed with gzip", "unpack it first"),
    b"%PDF": Reason("it is a PDF", "export the diagram as BPMN 2.0 XML"),
    b"\x89PNG": Reason("it is a picture", "export the diagram as BPMN 2.0 XML"),
}
_BY_MEANING: Final = {
    errors.XML_ERROR_SYNTAX: Reason("Start tag expected, '<' not found", AGAIN),
    errors.XML_ERROR_NO_ELEMENTS: Reason("it ends too early{within}", AGAIN),
    errors.XML_ERROR_UNCLOSED_TOKEN: Reason("it ends too early, in {name}", AGAIN),
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: Reason("it ends too early, in <![CDATA[", AGAIN),
    errors.XML_ERROR_TAG_MISMATCH: Reason("the end tag </{name}> is out of place{within}", AGAIN),
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: Reason("an attribute is written twice: {name}", AGAIN),
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: Reason("something follows its last end tag", AGAIN),
    errors.XML_ERROR_UNDEFINED_ENTITY: Reason(
        "it uses an entity that XML does not have ({entity})", _ESCAPE
    ),
    errors.XML_ERROR_BAD_CHAR_REF: Reason("XML has no such character ({name})", AGAIN),
    errors.XML_ERROR_MISPLACED_XML_PI: Reason(
        "its XML declaration is not at its very beginning", "remove what stands before <?xml"
    ),
    errors.XML_ERROR_UNBOUND_PREFIX: Reason(
        "a namespace prefix in {name} is not declared", 'declare it by xmlns:…="…"'
    ),
}

# Atomic groups: a file of many comments must not be taken apart in every possible way.
_PROLOG: Final = re.compile(
    rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+(?=<!DOCTYPE)", re.DOTALL | re.IGNORECASE
)
_NAME: Final = re.compile(rb"&[^;\s]{0,60};?|<!--|<?[^\s=/>\"']{0,60}")
_ENTITY: Final = re.compile(rb"&(?!(?:lt|gt|amp|quot|apos);)([^;\s<>&#\"']{1,60})")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def doctype_at(content: bytes) -> int | None:
    """The line of the document type before the first element; None without one."""
    before = _PROLOG.match(content)
    return None if before is None else content.count(b"\n", 0, before.end()) + 1


def look_of(content: bytes) -> Reason | None:
    """What a file is instead of XML, where its bytes give it away."""
    for start, reason in _PACKED.items():
        if content.startswith(start):
            return reason
    return None if content.strip(b"\0 \t\r\n") else Reason("it is empty", AGAIN)


def wrong_bytes(why: str) -> Reason:
    """What to tell about a file that cannot be decoded."""
    what = f"its bytes are not in the encoding that it declares ({why})"
    return Reason(what, "save it as UTF-8")


def reason_for(fault: Fault, text: bytes) -> Reason:
    """What to tell about a text, in UTF-8, that the parser refuses."""
    if b"\0" in text:
        return Reason("it contains NUL bytes", AGAIN)
    meaning = errors.messages.get(fault.code, "")
    if meaning == errors.XML_ERROR_INVALID_TOKEN:
        return _unexpected(text, fault.at)
    name = _NAME.match(text, fault.at)
    entity = _ENTITY.search(text, fault.at)
    what, remedy = _BY_MEANING.get(meaning, Reason(f"{meaning}: {{name}}", AGAIN))
    told = what.format(
        name=_shown(name[0]) if name else "",
        entity=repr(_shown(entity[1])) if entity else "",
        within=f": <{fault.within}> of line {fault.since} is open" if fault.within else "",
    )
    return Reason(told, remedy)


def _unexpected(text: bytes, at: int) -> Reason:
    """What an invalid token is by the character at which it stops to be one."""
    if text[at - 1 : at] == b"&":
        at -= 1
    # A character has at most four bytes; those behind it may be cut off.
    character = text[at : at + 4].decode(errors="replace")[:1]
    if character == _REPLACEMENT:
        return wrong_bytes("invalid UTF-8")
    if character < " ":
        return Reason(f"invalid character {character!r}", AGAIN)
    return Reason(f"{character!r} is not allowed here", _ESCAPE if character in "&<" else AGAIN)


def _shown(name: bytes) -> str:
    return name.decode(errors="replace")
