"""Cuts FEEL text into tokens with one regular expression."""

from __future__ import annotations

import re
from typing import Final

from workflow_devkit.feel.errors import syntax_error
from workflow_devkit.feel.limits import MAX_SOURCE

# Possessive, so that a text without an end costs time in proportion to its length.
# Spaces and comments before a token belong to its match, but not to its group.
_TOKEN: Final = re.compile(
    r"""\s*+(?:(?://[^\n]*+|/\*(?s:.)*?\*/)\s*+)*+(?:
    (?P<name>[^\W\d\U00010000-\U0010ffff][\w$]*+|\$[\w$]*+)
  | (?P<number>[0-9]++(?:\.[0-9]++)?|\.[0-9]++)
  | (?P<op>\*\*|\.\.|<=|>=|!=|[-+*=<>()\[\]{},:.?]|/(?!\*))
  | (?P<string>"(?:[^"\\]|\\(?s:.))*+")
  | (?P<quoted>`[^`]+`)
  | (?P<at>@[ ]*"[^"]*")
  | (?P<end>\Z)
  | (?P<open>(?:["`]|/\*)(?s:.)*+)
  | (?P<bad>(?s:.))
)""",
    re.VERBOSE,
)

_KINDS: Final = ("", *_TOKEN.groupindex)


class Token:
    """A piece of an expression, as it stands there."""

    __slots__ = ("_match", "kind", "text")

    def __init__(self, match: re.Match[str]) -> None:
        # The kinds are the only groups and do not nest: the last that matched is the only one.
        group = match.lastindex or 0
        self.kind = _KINDS[group]
        self.text = match[group]
        # Places are rarely asked for: they are taken from the match only then.
        self._match = match

    @property
    def end(self) -> int:
        """The offset of what follows the token."""
        return self._match.end()

    @property
    def start(self) -> int:
        """The offset of the token's first character."""
        return self.end - len(self.text)


def tokenize(source: str) -> list[Token]:
    """Cut ``source`` into tokens, the last one of kind ``end``.

    A character that no token starts with is one of kind ``bad``: only keys may have it. What
    begins and does not end is one of kind ``open``, which reaches to the end of the source.

    Raises:
        FeelSyntaxError: the source is too long.
    """
    if len(source) > MAX_SOURCE:
        raise syntax_error(source, 0, f"the expression is longer than {MAX_SOURCE} characters")
    return list(map(Token, _TOKEN.finditer(source)))


def explain_bad(token: Token) -> str:
    """Say what is wrong with a token of kind ``bad`` or ``open``."""
    if token.kind == "bad":
        return f"unexpected character {token.text!r}"
    if token.text.startswith("/*"):
        return "the comment that starts with /* does not end"
    return f"the text that starts with {token.text[0]} does not end"


_ESCAPE: Final = re.compile(r"""\\([bfnrst'"])""")
_ESCAPED: Final = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "s": " ",
    "t": "\t",
    '"': '"',
    "'": "'",
}


def unescape(text: str) -> str:
    """Give the characters that the inside of a string literal stands for.

    As feel-scala 1.17 does it: any other backslash stays, so that patterns need no doubling.
    """
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], text)
