"""What the text of a variable of the environment means."""

from __future__ import annotations

__all__ = ["is_quoted", "meant"]

_QUOTES = ('"', "'")
_EMPTY = ('""', "''")


def meant(text: str) -> str:
    """Gives the value of a variable as it was meant.

    Args:
        text: as it stands in the environment.

    Returns:
        It without blanks and line ends around it; empty if it is quotes with nothing between them.
    """
    value = text.strip()
    return "" if value in _EMPTY else value


def is_quoted(value: object) -> bool:
    """Whether a value stands in quotes, which ``docker run --env-file`` takes for a part of it.

    Args:
        value: a text, or anything else, which does not.
    """
    return isinstance(value, str) and len(value) > 1 and value[0] == value[-1] in _QUOTES
