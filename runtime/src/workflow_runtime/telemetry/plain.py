"""Any value as one that JSON has: nothing that a line carries makes the line fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["field_name", "plain", "text_of"]

_LONGEST = 100_000
"""Characters of one text; a line is to be read by somebody, or at least carried away."""
_MOST = 1000
"""Values of one field, those within others included."""
_DEEPEST = 20
"""Levels of one field."""
_BITS = 4096
"""Python refuses to write longer numbers (sys.set_int_max_str_digits)."""
_MORE = "…"

Redact = Callable[[str], str]


def text_of(value: object) -> str:
    """Gives the text of a value, whatever its ``__str__`` does.

    Args:
        value: anything.

    Returns:
        Its text, or the kinds of value and failure where it has none.
    """
    try:
        # repr of bytes: str would be an error where Python was started with -bb.
        text = repr(value) if isinstance(value, bytes | bytearray) else str(value)
        # A subclass of str may do anything as well.
        return str.__str__(text)
    except Exception as error:  # noqa: BLE001 - of strangers' classes
        return f"<{type(value).__name__} without a text: {type(error).__name__}>"


def field_name(name: object, taken: frozenset[str]) -> str:
    """Gives the name under which a field stands in a line.

    Args:
        name: as the call has it.
        taken: names that are the line's own.

    Returns:
        The name; behind ``extra_`` if it is taken.
    """
    text = text_of(name)
    return f"extra_{text}" if text in taken else text


def plain(value: object, redact: Redact) -> Any:
    """Gives a value as JSON has it: cut where it is too long, too deep or within itself.

    Args:
        value: anything.
        redact: blots out what is secret in a text.
    """
    return _Plain(redact).of(value, ())


class _Plain:
    """Makes the values of one field."""

    def __init__(self, redact: Redact) -> None:
        self._redact = redact
        self._left = _MOST

    def of(self, value: object, above: tuple[int, ...]) -> Any:
        self._left -= 1
        try:
            return self._of(value, above)
        except Exception as error:  # noqa: BLE001 - as in text_of
            return f"<{type(value).__name__} that cannot be read: {type(error).__name__}>"

    def _of(self, value: object, above: tuple[int, ...]) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            # + 0: of a subclass its number, not what it makes of it.
            return self._number(int.__add__(value, 0))
        if isinstance(value, float):
            # JSON has neither infinity nor NaN.
            return float.__add__(value, 0.0) if math.isfinite(value) else float.__repr__(value)
        if isinstance(value, Mapping | list | tuple | set | frozenset):
            if id(value) in above or len(above) >= _DEEPEST:
                return _MORE
            inner = (*above, id(value))
            return (
                self._mapping(value, inner)
                if isinstance(value, Mapping)
                else self._list(value, inner)
            )
        # repr of an exception: its text alone does not say what it is.
        text = repr(value) if isinstance(value, BaseException) else text_of(value)
        return self._text(text)

    def _number(self, value: int) -> int | str:
        bits = value.bit_length()
        return value if bits <= _BITS else f"<int of {bits} bits>"

    def _mapping(self, value: Mapping[Any, Any], above: tuple[int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, each in value.items():
            if self._left <= 0:
                found[_MORE] = _MORE
                break
            found[self._text(text_of(name))] = self.of(each, above)
        return found

    def _list(self, values: Any, above: tuple[int, ...]) -> list[Any]:
        found: list[Any] = []
        for each in values:
            if self._left <= 0:
                found.append(_MORE)
                break
            found.append(self.of(each, above))
        return found

    def _text(self, text: str) -> str:
        # First redacted: half a secret would not be known any more.
        return shortened(self._redact(text))


def shortened(text: str) -> str:
    """Cuts a text that is too long for a line."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}{_MORE} ({len(text)} characters)"
