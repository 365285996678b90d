"""Foreign text made safe for a terminal: what would act there is shown instead.

An escape sequence moves the cursor, names a link or types in the user's stead; marks of direction
turn a line round; what has no width hides. All of that may stand in the message of an incident, the
name of an element or the answer of a gateway.
"""

from __future__ import annotations

import re

__all__ = ["escape_in_json", "one_line", "visible"]

# Unicode's control characters, marks of format without a glyph, line and paragraph separators,
# tags, halves of characters (which no stream takes), selectors of variants other than those of
# emoji (any text can be hidden in them), and fillers that look like nothing.
_ACTING = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IN_TEXT = re.compile(f"[{_ACTING}]")
_IN_LINE = re.compile(rf"[{_ACTING}\n]")


def visible(text: str) -> str:
    """Shows what would act on a terminal as Python writes it; tabs and ends of lines stay.

    Args:
        text: whatever somebody else has written.

    Returns:
        The text; the very same one where there is nothing of that kind.
    """
    # Printable is what Python's repr leaves as it is: most lines, at the price of a look.
    return text if text.isprintable() and text.isascii() else _IN_TEXT.sub(_escape, text)


def one_line(text: str) -> str:
    """Shows ends of lines too, so that nobody else's text begins a line.

    Args:
        text: whatever somebody else has written.

    Returns:
        The text in one line.
    """
    return text if text.isprintable() and text.isascii() else _IN_LINE.sub(_escape, text)


def escape_in_json(text: str) -> str:
    """Writes what would act on a terminal as JSON's own escapes.

    Args:
        text: JSON; control characters below 32 are escapes in it already.

    Returns:
        JSON of the same value.
    """
    return text if text.isascii() and "\x7f" not in text else _IN_TEXT.sub(_escape_as_json, text)


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def _escape_as_json(found: re.Match[str]) -> str:
    # Beyond 16 bits JSON has two halves, as UTF-16.
    units = found.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
