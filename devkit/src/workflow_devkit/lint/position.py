"""Where in the file the text of an expression stands: its line and column, as an editor counts."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

# The spellings that editors and serialisers use; any other leaves the column unknown.
# Parsers give a line break for "\r\n" (XML 1.0, 2.11).
_ENTITIES: Final = {
    "&": ("&amp;", "&#38;", "&#x26;"),
    "<": ("&lt;", "&#60;", "&#x3c;"),
    ">": ("&gt;", "&#62;", "&#x3e;"),
    '"': ("&quot;", "&#34;", "&#x22;"),
    "'": ("&apos;", "&#39;", "&#x27;"),
    "\n": ("&#10;", "&#xa;", "\r\n"),
}


_PIECES: Final = re.compile(r"""[ &<>"'\n]|[^ &<>"'\n]+""")
"""Characters that XML writes in several ways, each by itself, and what is between them."""
_ID: Final = re.compile(r'\bid="([^"]*)"')
_NEAR: Final = 20_000
"""Characters behind an element's id in which its texts stand, but for very large ones."""
_SEARCHED: Final = 50
"""How often a whole file may be searched for texts that are not where they are looked for first."""


class Source:
    """The text of a file, to look up what the parser has read from it."""

    def __init__(self, content: bytes) -> None:
        # In another encoding the ASCII texts are still found, and nothing fails.
        self._text = content.decode("utf-8", errors="replace")
        self._searches = _SEARCHED

    def locate(self, owner: str, text: str, place: tuple[int, int]) -> tuple[int, int] | None:
        """Line and column in the file of a place inside an expression.

        ``owner`` is the id of the element that has it; where the text stands elsewhere (a
        message's correlation key), the first place is taken that has it. None where the text is
        written in a way that is not recognised.
        """
        whole = re.compile(_pattern(text))
        begin = self._ids.get(owner, 0)
        found = whole.search(self._text, begin, begin + _NEAR + len(text)) or self._anywhere(
            whole, begin
        )
        if found is None:
            return None
        head = _pattern(text[: _offset(text, place)])
        inside = re.compile(head).match(self._text, found.start())
        return self._line_and_column(inside.end() if inside else found.start())

    @cached_property
    def _ids(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for each in _ID.finditer(self._text):
            found.setdefault(each[1], each.start())
        return found

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(each.end() for each in re.finditer("\n", self._text))]

    def _anywhere(self, whole: re.Pattern[str], begin: int) -> re.Match[str] | None:
        # Thousands of texts that are found nowhere would each cost a walk through the file.
        if self._searches == 0:
            return None
        self._searches -= 1
        return whole.search(self._text, begin) or whole.search(self._text)

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def _pattern(text: str) -> str:
    """A pattern for all the ways in which XML writes a text."""
    return "".join(map(_written, _PIECES.findall(text)))


def _written(piece: str) -> str:
    # Parsers give spaces for the white space in attributes (XML 1.0, 3.3.3).
    if piece == " ":
        return r"\s"
    spellings = [re.escape(piece), *_ENTITIES.get(piece, ())]
    return f"(?:{'|'.join(spellings)})" if len(spellings) > 1 else spellings[0]


def _offset(text: str, place: tuple[int, int]) -> int:
    line, column = place
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
