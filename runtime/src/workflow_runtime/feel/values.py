"""The values of expressions, and how they come in from JSON and go out to it.

Null, booleans, strings, lists and contexts are Python's own; numbers are ``int`` or ``Decimal``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from workflow_runtime.feel.durations import DayTimeDuration, Period, YearMonthDuration
from workflow_runtime.feel.temporal import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    from_date,
    from_datetime,
)


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function that the expression itself defines."""

    parameters: tuple[str, ...]
    invoke: Callable[..., Any]

    def __str__(self) -> str:
        return f"function({', '.join(self.parameters)})"


@dataclass(frozen=True, slots=True)
class FeelRange:
    """Everything between two values, the ends included or not."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool

    def __str__(self) -> str:
        start, end = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{start}{display(self.low)}..{display(self.high)}{end}"


TEMPORAL: Final = (FeelDate, FeelTime, FeelDateTime, DayTimeDuration, YearMonthDuration)

ATOMS: Final = frozenset(
    {int, str, bool, type(None), Decimal, FeelFunction, FeelRange, Period, *TEMPORAL},
)
"""Types of values that need no conversion when they come in."""

_NUMBER_LIMIT: Final = 10**34


def enter(value: Any) -> Any:
    """Take a value of a variable over: floats become decimals, everywhere inside."""
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is float:
        return Decimal(repr(value)) if math.isfinite(value) else None
    if kind is list:
        return _enter_list(value)
    if kind is dict:
        return _enter_dict(value)
    return _enter_foreign(value)


def _enter_list(items: list[Any]) -> list[Any]:
    entered = [enter(item) for item in items]
    same = all(new is old for new, old in zip(entered, items, strict=True))
    return items if same else entered


def _enter_dict(entries: dict[str, Any]) -> dict[str, Any]:
    entered = {key: enter(value) for key, value in entries.items()}
    same = all(entered[key] is entries[key] for key in entries)
    return entries if same else entered


def _enter_foreign(value: Any) -> Any:
    for kind, take_over in _FOREIGN:
        if isinstance(value, kind):
            return take_over(value)
    return None


def _enter_float(value: float) -> Any:
    return enter(float(value))


_FOREIGN: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (int, int),
    (float, _enter_float),
    (str, str.__str__),
    (Mapping, lambda value: {str(key): enter(item) for key, item in value.items()}),
    ((bytes, bytearray), lambda _: None),
    (Sequence, lambda value: [enter(item) for item in value]),
    (datetime, from_datetime),
    (date, from_date),
)


def to_json(value: Any) -> Any:
    """Give the plain JSON value: numbers as int or float, temporal values as ISO text.

    Functions and ranges become what Zeebe writes for them: null and their text.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is Decimal:
        return number_to_json(value)
    if kind is list:
        return [to_json(item) for item in value]
    if kind is dict:
        return {key: to_json(item) for key, item in value.items()}
    return None if kind is FeelFunction else str(value)


def number_to_json(number: Decimal) -> int | float:
    """Give an int where the number is whole, else the nearest float."""
    return int(number) if number == number.to_integral_value() else float(number)


def is_number(value: Any) -> bool:
    """Tell a number from a boolean and everything else."""
    kind = type(value)
    return kind is int or kind is Decimal


def format_number(number: int | Decimal) -> str:
    """Write a number as feel-scala does."""
    return str(number)


def display(value: Any) -> str:
    """Write a value as warnings and ``string`` do inside lists: texts in quotes."""
    if type(value) is str:
        return f'"{value}"'
    return text_of(value)


def text_of(value: Any) -> str:
    """Write a value as ``string`` does."""
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is list:
        return "[" + ", ".join(display(item) for item in value) + "]"
    if kind is dict:
        entries = (f"{key}:{display(item)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    return format_number(value) if is_number(value) else str(value)


_TYPE_NAMES: Final[dict[type, str]] = {
    int: "number",
    Decimal: "number",
    bool: "boolean",
    str: "string",
    type(None): "null",
    list: "list",
    dict: "context",
    FeelDate: "date",
    FeelTime: "time",
    FeelDateTime: "date and time",
    DayTimeDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    FeelFunction: "function",
    FeelRange: "range",
}


def type_name(value: Any) -> str:
    """Name the type of a value in FEEL's words."""
    return _TYPE_NAMES.get(type(value), "unknown")
