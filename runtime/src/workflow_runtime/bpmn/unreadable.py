"""Why a file is no XML, in words that say what to do about it.

libxml2's sentences are written for those who program with it; where one is known, ours takes its
place.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["DOCTYPE", "Reason", "doctype_at", "reason_for"]

_DOCTYPE: Final = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_UNICODE: Final = re.compile(rb"\A(?:\xff\xfe|\xfe\xff|<\0|\0<|\0\0)")
_AGAIN: Final = "export the diagram again from the modeler"


class Reason(NamedTuple):
    """What is wrong with a file, and what to do."""

    what: str
    remedy: str


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
_SENTENCES: Final = (
    (
        re.compile("Excessive depth"),
        Reason("its elements are too deep inside each other", "move them into called processes"),
    ),
    (
        re.compile("too long|Resource limit"),
        Reason("a text in it has more than 10,000,000 characters", "take the text out"),
    ),
    (
        re.compile("^Entity '"),
        Reason("it uses an entity that XML does not have", "write & as &amp; in texts"),
    ),
    (
        re.compile("encoding|not proper UTF-8|Invalid bytes|input conversion", re.IGNORECASE),
        Reason("its bytes are not in the encoding that it declares", "save it as UTF-8"),
    ),
)


def doctype_at(content: bytes) -> int | None:
    """The line of a document type, wherever in a file it is; None without one."""
    plain = content.replace(b"\0", b"")
    found = _DOCTYPE.search(plain)
    return None if found is None else plain.count(b"\n", 0, found.start()) + 1


def reason_for(sentence: str, content: bytes) -> Reason:
    """What to tell about a file that libxml2 refuses with this sentence."""
    for start, reason in _PACKED.items():
        if content.startswith(start):
            return reason
    if not content.strip(b"\0 \t\r\n"):
        return Reason("it is empty", _AGAIN)
    if b"\0" in content and not _UNICODE.match(content):
        return Reason("it contains NUL bytes", _AGAIN)
    for pattern, reason in _SENTENCES:
        if pattern.search(sentence):
            return Reason(f"{reason.what} ({sentence.rstrip('.')})", reason.remedy)
    return Reason(sentence.rstrip("."), _AGAIN)
