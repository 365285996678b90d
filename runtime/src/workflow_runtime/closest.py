"""What may have been meant by a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

__all__ = ["did_you_mean"]

_MOST: Final = 1_000
"""Known words beyond which nothing is suggested: each is compared letter by letter."""
_LONGEST: Final = 100
"""Letters of a word that are looked at."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for the end of an error: ``did you mean 'start'?``.

    Args:
        word: what was written.
        known: what could have been written.

    Returns:
        The question, or an empty text where no known word is close.
    """
    # A member of an enum becomes its text.
    words = [str(each) for each in islice(known, _MOST + 1)]
    # A file of thousands of mistakes compares each of them with thousands of names.
    close = get_close_matches(word[:_LONGEST], words, n=1) if len(words) <= _MOST else []
    return f"did you mean {close[0]!r}?" if close else ""
