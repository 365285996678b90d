"""The text of a file in UTF-8, whatever encoding its author chose.

The parser of the standard library reads UTF-8, UTF-16 and encodings of one byte a character. Here
everything that Python can decode becomes UTF-8 before it is parsed, so that one parser, one count
of lines and one message about wrong bytes serve all files.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

__all__ = ["WrongBytes", "to_utf8"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark begins the same way.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_MARK: Final = tuple(
    ("<?".encode(name)[:4], name) for name in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
)
"""XML 1.0, appendix F: how a declaration begins in encodings of more than one byte a character."""
_DECLARED: Final = re.compile(
    rb"""<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']"""
)
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_WIDE: Final = ("utf-16", "utf-32", "ucs-2", "ucs-4", "iso-10646")
"""What a file cannot be in whose declaration could be read byte by byte."""
_NO_CHARSETS: Final = frozenset({
    "idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape",
})  # fmt: skip
"""Python decodes them, but no editor writes them, and punycode takes quadratic time."""


class WrongBytes(ValueError):
    """Bytes that are not in the encoding of their file; ``line`` is where the first one is."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


def to_utf8(content: bytes) -> bytes:
    """A file's text in UTF-8, without a byte order mark; UTF-8 is not looked at any closer.

    Raises:
        WrongBytes: the encoding is not known, or the bytes are not in it.
    """
    mark, name = _encoding_of(content)
    plain = content[mark:] if mark else content
    if name.lower() in _UTF8:
        return plain
    try:
        return _decoded(plain, name).encode()
    except LookupError:
        raise WrongBytes(f"the encoding {name!r} is not known") from None
    except UnicodeError as error:
        before = plain[: getattr(error, "start", 0)]
        raise WrongBytes(f"no text in {name}", before.count(b"\n") + 1) from None


def _encoding_of(content: bytes) -> tuple[int, str]:
    """The length of the byte order mark, and the encoding: by mark, by its look, as declared."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return len(mark), name
    for begin, name in _WITHOUT_MARK:
        if content.startswith(begin):
            return 0, name
    found = _DECLARED.match(content)
    name = found[1].decode() if found else "utf-8"
    return 0, "utf-8" if name.lower().startswith(_WIDE) else name


def _decoded(content: bytes, name: str) -> str:
    if codecs.lookup(name).name in _NO_CHARSETS:
        raise LookupError(name)
    return content.decode(name)
