"""The values of expressions, and how they come in from JSON and go out to it.

Null, booleans, strings, lists and contexts are Python's own; numbers are ``int`` or ``Decimal``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from workflow_devkit.feel.limits import MAX_LEVELS, MAX_RESULT, MAX_TEXT, LimitReachedError
from workflow_devkit.feel.numbers import number_to_json
from workflow_devkit.feel.stack import with_room
from workflow_devkit.feel.temporal.dates_and_times import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    from_date,
    from_datetime,
    java_date_time,
    java_time,
)
from workflow_devkit.feel.temporal.durations import (
    DayTimeDuration,
    YearMonthDuration,
    iso_duration,
    iso_period,
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
    {int, str, bool, type(None), Decimal, FeelFunction, FeelRange, *TEMPORAL},
)
"""Types of values that need no conversion when they come in."""


def enter(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """Take a value of a variable over: floats become decimals, everywhere inside.

    ``memo`` holds what was taken over already, so that shared parts cost nothing more.
    """
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is float:
        # By its shortest text, so that 0.1 is 0.1; NaN and infinity are no values of JSON.
        return Decimal(repr(value)) if math.isfinite(value) else None
    if kind is list or kind is dict:
        inside = value if kind is list else value.values()
        # One pass without Python code: most lists and contexts hold plain values only.
        return value if ATOMS.issuperset(map(type, inside)) else _enter_deeply(value, memo)
    return _enter_foreign(value)


def _enter_deeply(value: Any, memo: dict[int, Any] | None) -> Any:
    memo = {} if memo is None else memo
    # By identity, which is safe while the caller's value keeps all its parts alive.
    found = memo.get(id(value))
    if found is not None:
        return found
    entered: Any
    if type(value) is list:
        entered = [enter(item, memo) for item in value]
        same = all(map(operator.is_, entered, value))
    else:
        entered = {key: enter(item, memo) for key, item in value.items()}
        same = all(map(operator.is_, entered.values(), value.values()))
    # What needs no conversion stays the caller's own object: most variables cost no copy.
    memo[id(value)] = value if same else entered
    return memo[id(value)]


def _enter_foreign(value: Any) -> Any:
    for kind, take_over in _FOREIGN:
        if isinstance(value, kind):
            return take_over(value)
    return None


def _enter_float(value: float) -> Any:
    return enter(float(value))


# In this order: a text and bytes are sequences too, a date-time is a date.
_FOREIGN: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    # Subclasses, such as enumerations, become plain: everything else goes by exact type.
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

    Functions are left out of contexts, and null elsewhere; ranges become their text.
    """
    # It calls itself for each level, and the caller may have used up most of Python's stack.
    return with_room(_to_json, value)


def _to_json(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    # What a broker stores in variables: semantics#values-as-json.
    if kind is int or kind is Decimal:
        return number_to_json(value)
    if kind is list:
        return [_to_json(item) for item in value]
    if kind is dict:
        entries = value.items()
        return {key: _to_json(item) for key, item in entries if type(item) is not FeelFunction}
    return None if kind is FeelFunction else _java_text(value)


def _java_text(value: Any) -> str:
    """Write a value as Java does where feel-scala leaves it to Java."""
    kind = type(value)
    if kind is DayTimeDuration:
        return iso_duration(value.nanos)
    if kind is YearMonthDuration:
        return iso_period(value.months)
    if kind is FeelDateTime:
        return java_date_time(value)
    return java_time(value.nanos) if kind is FeelTime and value.is_local else str(value)


def check_size(value: Any) -> None:
    """Make sure that a result can be written out.

    Raises:
        LimitReachedError: it has too many values, shared parts counted each time, or levels.
    """
    # Level by level: a shared part counts for each of its uses, so the limit ends this early.
    count, level = 0, [value]
    for _ in range(MAX_LEVELS):
        inside = [part.values() if type(part) is dict else part for part in level]
        count += sum(map(len, inside))
        if count > MAX_RESULT:
            raise LimitReachedError(f"limit of {MAX_RESULT} values in a result reached")
        level = [item for part in inside for item in part if type(item) in (list, dict)]
        if not level:
            return
    raise LimitReachedError(f"limit of {MAX_LEVELS} levels in a result reached")


def display(value: Any, limit: int = MAX_TEXT) -> str:
    """Write a value as ``string`` does inside lists: texts in quotes."""
    return f'"{value}"' if type(value) is str else text_of(value, limit)


_LONGEST_INT: Final = 2_000
"""Bits of an int that Python writes whatever its settings: its limit is 640 digits or more."""


def text_of(value: Any, limit: int = MAX_TEXT) -> str:
    """Write a value as ``string`` does.

    Raises:
        LimitReachedError: that takes more than ``limit`` characters.
    """
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is list:
        return "[" + _join((display(item, limit) for item in value), limit) + "]"
    if kind is dict:
        # No space behind the colon and no quotes around keys, as in feel-scala's texts.
        entries = (f"{key}:{display(item, limit)}" for key, item in value.items())
        return "{" + _join(entries, limit) + "}"
    # Python refuses to write an int beyond its limit of digits, but no decimal.
    is_long = kind is int and value.bit_length() > _LONGEST_INT
    return str(Decimal(value) if is_long else value)


def _join(texts: Iterable[str], limit: int) -> str:
    parts = []
    length = 0
    for text in texts:
        parts.append(text)
        length += len(text)
        if length > limit:
            raise LimitReachedError(f"limit of {limit} characters reached")
    return ", ".join(parts)


def shown(value: Any) -> str:
    """Write a value for a warning: a long one by its kind and length only."""
    try:
        return display(value, _LONGEST_SHOWN)
    except LimitReachedError:
        return f"a {type_name(value)} of {len(value)} elements"


_LONGEST_SHOWN: Final = 10_000


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


def is_instance(value: Any, name: str) -> bool:
    """Tell whether a value is of the named type; null is only of type ``null``."""
    if name == "Any":
        return value is not None
    return type_name(value) == name
