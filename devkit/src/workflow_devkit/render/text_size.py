"""How wide text is and where it breaks, without a browser or a font file."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

FONT: Final = "Arial, Helvetica, 'Liberation Sans', sans-serif"
INNER_SIZE: Final = 12.0
OUTER_SIZE: Final = 11.0
LINE_HEIGHT: Final = 1.2

_LONGEST: Final = 2_000
"""Characters of one text; what is behind them is in the tooltip."""
_BREAKS: Final = re.compile(r"(\s|(?<=\w\w)-|\u00ad)")
"""Not after the first letter of a word: e-mail stays whole."""

# Widths in thousandths of the font size: the advance widths that Helvetica and Arial share.
_ASCII: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
# Letters without a published width: East Asian ones fill a square; the mean of A to Z is 677.
_WIDE, _UPPER, _OTHER = 1000, 700, 560


def text_width(text: str, size: float) -> float:
    """How wide a line is, in pixels at this font size."""
    # Spaces at the end of a line are not drawn.
    return sum(map(_advance, text.rstrip())) * size / 1000


def text_height(lines: int, size: float) -> float:
    """How high so many lines are, in pixels."""
    return lines * size * LINE_HEIGHT


def wrap(text: str, room: float, size: float, most: int = 100) -> list[str]:
    """Lines no wider than ``room``, broken at spaces and hyphens, in words only where they must.

    With more than ``most`` lines, the last one ends in an ellipsis.
    """
    lines: list[str] = []
    waiting = text[:_LONGEST].strip().splitlines()[::-1]
    while waiting and len(lines) <= most:
        line = waiting.pop()
        fitting = _fit(line, room, size)
        lines.append(fitting.strip())
        rest = line[len(fitting) :].strip()
        if rest:
            waiting.append(rest)
    if len(lines) > most:
        return [*lines[: most - 1], _ellipsis(lines[most - 1], room, size)]
    return lines


def _advance(character: str) -> int:
    code = ord(character) - 32
    if 0 <= code < len(_ASCII):
        return _ASCII[code]
    # An accent does not widen its letter.
    base = ord(unicodedata.normalize("NFD", character)[0]) - 32
    if 0 <= base < len(_ASCII):
        return _ASCII[base]
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _UPPER if character.isupper() else _OTHER


def _fit(line: str, room: float, size: float) -> str:
    """As much of a line as there is room for, at least a character."""
    if text_width(line, size) <= room:
        return line
    kept = ""
    for part in _BREAKS.split(line):
        if text_width(kept + part, size) > room:
            break
        kept += part
    return kept if kept.strip() else _cut(line, room, size)


def _cut(line: str, room: float, size: float) -> str:
    reached, room = 0, room * 1000 / size
    for place, character in enumerate(line):
        reached += _advance(character)
        if reached > room and place:
            return line[: _hump(line, place)]
    return line


def _hump(line: str, place: int) -> int:
    """Where a word written like camelCase breaks best, before a place."""
    # Not in the first third, which would leave the line nearly empty.
    places = range(place, place // 3, -1)
    return next((at for at in places if line[at - 1].islower() and line[at].isupper()), place)


def _ellipsis(line: str, room: float, size: float) -> str:
    while line and text_width(f"{line}…", size) > room:
        line = line[:-1]
    return f"{line.rstrip()}…"
