"""What may have been meant by a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for the end of an error: ``did you mean 'start'?``.

    Args:
        word: what was written.
        known: what could have been written.

    Returns:
        The question, or an empty text where no known word is close.
    """
    close = get_close_matches(word, map(str, known), n=1)  # a member of an enum becomes its text
    return f"did you mean {close[0]!r}?" if close else ""
