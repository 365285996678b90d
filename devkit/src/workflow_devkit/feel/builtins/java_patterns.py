r"""Writes Java's patterns for the regex library: which characters a class means.

In Java ``\d``, ``\w``, ``\s``, ``\b`` and POSIX classes mean ASCII, ``\p{L}`` and its like any
alphabet. The library has one switch for both, so what means ASCII is written out. So are the ends
of lines, of which Java knows more than one.
"""

from __future__ import annotations

import sys
from typing import Final

import regex

__all__ = ["names_alphabets", "to_library"]

_Ranges = tuple[tuple[int, int], ...]


def _ranges(*pieces: str) -> _Ranges:
    """Read ``"az"`` (from, to) and ``"_"``, in the order of their characters."""
    return tuple((ord(piece[0]), ord(piece[-1])) for piece in pieces)


_DIGIT: Final = _ranges("09")
_SPACE: Final = _ranges("\t\r", " ")
_WORD: Final = _ranges("09", "AZ", "_", "az")
_SETS: Final[dict[str, _Ranges]] = {
    "d": _DIGIT,
    "w": _WORD,
    "s": _SPACE,
    # Spaces across and down the page, as listed by Java's `java.util.regex.Pattern`.
    "h": _ranges(
        "\t", " ", "\xa0", "\u1680", "\u180e", "\u2000\u200a", "\u202f", "\u205f", "\u3000"
    ),
    "v": _ranges("\n\r", "\x85", "\u2028\u2029"),
    "Lower": _ranges("az"),
    "Upper": _ranges("AZ"),
    "ASCII": _ranges("\0\x7f"),
    "Alpha": _ranges("AZ", "az"),
    "Digit": _DIGIT,
    "Alnum": _ranges("09", "AZ", "az"),
    "Punct": _ranges("!/", ":@", "[`", "{~"),
    "Graph": _ranges("!~"),
    "Print": _ranges(" ~"),
    "Blank": _ranges("\t", " "),
    "Cntrl": _ranges("\0\x1f", "\x7f"),
    "XDigit": _ranges("09", "AF", "af"),
    "Space": _SPACE,
    "L1": _ranges("\0\xff"),
}
_MINOR: Final = {
    "L": "ultmoC",
    "M": "nec",
    "N": "dlo",
    "P": "dsecoif",
    "S": "mcko",
    "Z": "slp",
    "C": "cfosn",
}
"""Unicode's categories by their first letter, with the second letters of their parts."""
_CATEGORIES: Final = frozenset(
    major + minor for major, minors in _MINOR.items() for minor in ("", *minors)
)
_NAMED: Final = {
    "LD": "Alnum",
    "IsPunctuation": "P",
    "IsControl": "Cc",
    "IsDigit": "Decimal_Number",
    "IsLetter": "L",
    "IsTitlecase": "Lt",
    "javaLetter": "L",
    "javaDigit": "Decimal_Number",
    "javaTitleCase": "Lt",
    "javaLowerCase": "Lowercase",
    "javaUpperCase": "Uppercase",
    "javaAlphabetic": "Alphabetic",
}
"""Java's names that the library has others for."""
# Java refuses a backslash before any other letter, and takes one before any other sign.
_ESCAPES: Final = frozenset("abcdefhknrstuvwxzABDGHNQERSVWXZ")
# In this order: quotations, classes by name, groups and characters by code, other escapes,
# brackets of classes, flags, what only the library knows, and what depends on lines.
_PIECE: Final = regex.compile(
    r"\\Q(?s:(.*?))(?:\\E|\Z)|\\(?P<not>p|P)(?:\{(?P<name>[^}]*)\}|(?P<name>[A-Z]))"
    r"|\\k<(?P<group>\w+)>|\\x\{(?P<code>[0-9A-Fa-f]+)\}|\\c(?P<control>(?s:.))"
    r"|\\(?s:.)|\[\^?\]?|\]"
    r"|\(\?(?P<on>[imsxu]*)(?:-(?P<off>[imsxu]*))?(?P<scope>[:)])"
    r"|(?P<foreign>\(\?[P#]|\{(?!\d+(?:,\d*)?\}))|[().^$]"
)
_UNICODE_CASE: Final = regex.compile(r"\(\?[imsx]*u")


def names_alphabets(pattern: str) -> bool:
    r"""Tell whether a pattern has classes such as ``\p{L}``, or ignores the case of all letters.

    Then other classes must be kept to ASCII.
    """
    return r"\p" in pattern or r"\P" in pattern or _UNICODE_CASE.search(pattern) is not None


def to_library(pattern: str, flags: str = "") -> str:
    """Give the same pattern as the regex library understands it.

    Args:
        pattern: as Java understands it.
        flags: with ``s`` a dot means line ends too, with ``m`` lines have a start and an end.

    Raises:
        ValueError: Java does not know an escape or a class of it.
    """
    # How many brackets of classes are open: within them a dot means itself.
    inside = 0
    parts = []
    place = 0
    # Else the library's switch for ASCII is on, and its own `\b` is right.
    bounds = _BOUNDS if names_alphabets(pattern) else {}
    # A stack: what a group sets ends with the group.
    modes = [frozenset(flags)]
    for match in _PIECE.finditer(pattern):
        parts.append(pattern[place : match.start()])
        place = match.end()
        piece: str = match[0]
        if match[1] is not None:
            parts.append(regex.escape(match[1]))
        elif match["name"] is not None:
            parts.append(_property(piece, match["name"], match["not"] == "P", inside > 0))
        elif match["code"] or match["control"]:
            parts.append(_character(match["code"], match["control"]))
        elif match["group"]:
            parts.append(f"(?P={match['group']})")
        elif match["foreign"] and not inside:
            raise ValueError(f"Java has no {piece}")
        elif not inside and (piece in _OF_LINES or match["scope"]):
            parts.append(_of_lines(match, modes))
        else:
            inside += piece.startswith("[") - (piece == "]" and inside > 0)
            known = None if inside else bounds.get(piece)
            parts.append(known or _escape(piece, inside > 0))
    return "".join([*parts, pattern[place:]])


def _character(code: str | None, control: str | None) -> str:
    # As Java has it, `\cX` is the character whose code differs from that of X by the bit 64.
    return f"\\U{int(code, 16) if code else ord(control or '') ^ 64:08x}"


def _of_lines(match: regex.Match[str], modes: list[frozenset[str]]) -> str:
    """Write what depends on the flags that hold here, or change these: groups have their own."""
    piece: str = match[0]
    if piece == ")":
        # The flags of the whole stay: a `)` without its group is for the library to refuse.
        modes[1:] = modes[1:-1]
    elif match["scope"]:
        on, off = match["on"], match["off"] or ""
        # `(?s)` changes the group in which it stands, `(?s:` opens one.
        place = len(modes) - (match["scope"] == ")")
        modes[place:] = [(modes[-1] | {*on}) - {*off}]
        # That case is ignored in all alphabets is a flag of the whole pattern.
        return piece.replace("u", "")
    elif piece[0] == "(":
        modes.append(modes[-1])
    elif piece == ".":
        return "(?s:.)" if "s" in modes[-1] else f"[^{_LINE_ENDS}]"
    elif piece == "^":
        return _LINE_START if "m" in modes[-1] else r"\A"
    else:
        return _LINE_END if "m" in modes[-1] and piece == "$" else _LAST_LINE_END
    return piece


_LINE_ENDS: Final = r"\n\r\x85\u2028\u2029"
_LINE_START: Final = r"(?:(?:\A|(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n))(?!\Z))"
"""Where a line starts: nowhere at the end of a text, as in Java, so not in an empty one."""
# Between `\r` and `\n` no line ends: Java takes both for one end (test_feel_corners.py).
_LINE_END: Final = r"(?:(?=[\r\x85\u2028\u2029])|(?<!\r)(?=\n)|\Z)"
_LAST_LINE_END: Final = r"(?:(?=[\r\x85\u2028\u2029]?\Z)|(?=\r\n\Z)|(?<!\r)(?=\n\Z))"
_OF_LINES: Final = frozenset({"(", ")", ".", "^", "$", r"\Z"})


def _property(piece: str, name: str, negated: bool, inside: bool) -> str:
    # Sets of small letters are escapes: there is `\d`, but no `\p{d}`.
    ranges = _SETS.get(name) if name[:1].isupper() else None
    if ranges is not None:
        return _written(ranges, negated, inside)
    if name in _NAMED:
        return f"\\{piece[1]}{{{_NAMED[name]}}}"
    if name in _CATEGORIES or name.startswith(("Is", "In")) or "=" in name:
        return piece
    raise ValueError(f"Java has no class {piece}")


def _escape(piece: str, inside: bool) -> str:
    if piece[0] != "\\":
        return piece
    letter = piece[1]
    if letter == "e":
        return r"\x1b"
    if letter.isalpha() and letter.isascii() and letter not in _ESCAPES:
        raise ValueError(f"Java has no escape {piece}")
    ranges = _SETS.get(letter.lower()) if letter in "dwshvDWSHV" else None
    return piece if ranges is None else _written(ranges, letter.isupper(), inside)


def _written(ranges: _Ranges, negated: bool, inside: bool) -> str:
    body = _body(_complement(ranges) if negated else ranges)
    return body if inside else f"[{body}]"


def _body(ranges: _Ranges) -> str:
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


def _complement(ranges: _Ranges) -> _Ranges:
    """Give all characters outside these ranges, which are in order."""
    starts = (0, *(high + 1 for _, high in ranges))
    ends = (*(low - 1 for low, _ in ranges), sys.maxunicode)
    return tuple(pair for pair in zip(starts, ends, strict=True) if pair[0] <= pair[1])


_W: Final = _body(_WORD)
_BOUNDS: Final = {
    r"\b": f"(?:(?<=[{_W}])(?![{_W}])|(?<![{_W}])(?=[{_W}]))",
    r"\B": f"(?:(?<=[{_W}])(?=[{_W}])|(?<![{_W}])(?![{_W}]))",
}
"""The ends of a word, and every other place."""
