"""What follows a dot: entries of contexts, parts of temporal values, and lists of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from workflow_devkit.feel.run import Run
from workflow_devkit.feel.temporal.dates_and_times import FeelDate, FeelDateTime, FeelTime
from workflow_devkit.feel.temporal.durations import (
    DAY_NANOS,
    NANOS,
    DayTimeDuration,
    YearMonthDuration,
)
from workflow_devkit.feel.values import FeelFunction, FeelRange, enter, shown

_Properties = Mapping[str, Callable[[Any], Any]]


def weekday(day: FeelDate) -> int:
    """Number the day of the week, Monday as 1."""
    # Day 0, 1970-01-01, was a Thursday.
    return (day.epoch_day + 3) % 7 + 1


def _offset(value: FeelTime | FeelDateTime) -> DayTimeDuration | None:
    return None if value.offset is None else DayTimeDuration(value.offset * NANOS)


def _toward_zero(number: int, unit: int, modulus: int) -> int:
    part = abs(number) // unit % modulus
    return -part if number < 0 else part


# In the order in which feel-scala's warnings list them.
_DATE: Final[_Properties] = {
    "year": lambda day: day.year,
    "month": lambda day: day.month,
    "day": lambda day: day.day,
    "weekday": weekday,
}
_TIME: Final[_Properties] = {
    "timezone": lambda time: time.zone,
    "second": lambda time: time.nanos // NANOS % 60,
    "time offset": _offset,
    "minute": lambda time: time.nanos // (60 * NANOS) % 60,
    "hour": lambda time: time.nanos // (3600 * NANOS),
}
_DATE_TIME: Final[_Properties] = {
    "timezone": _TIME["timezone"],
    "year": lambda moment: moment.date.year,
    "second": _TIME["second"],
    "month": lambda moment: moment.date.month,
    "day": lambda moment: moment.date.day,
    "time offset": _offset,
    "weekday": lambda moment: weekday(moment.date),
    "minute": _TIME["minute"],
    "hour": _TIME["hour"],
}
# 10**30 cuts nothing off: the largest unit takes all that Java's durations can hold.
_DAY_TIME: Final[_Properties] = {
    "days": lambda span: _toward_zero(span.nanos, DAY_NANOS, 10**30),
    "hours": lambda span: _toward_zero(span.nanos, 3600 * NANOS, 24),
    "minutes": lambda span: _toward_zero(span.nanos, 60 * NANOS, 60),
    "seconds": lambda span: _toward_zero(span.nanos, NANOS, 60),
}
_YEAR_MONTH: Final[_Properties] = {
    "years": lambda span: _toward_zero(span.months, 12, 10**30),
    "months": lambda span: _toward_zero(span.months, 1, 12),
}
_RANGE: Final[_Properties] = {
    "start": lambda bounds: bounds.low,
    "end": lambda bounds: bounds.high,
    "start included": lambda bounds: bounds.low_closed,
    "end included": lambda bounds: bounds.high_closed,
}
_PROPERTIES: Final[dict[type, _Properties]] = {
    FeelDate: _DATE,
    FeelTime: _TIME,
    FeelDateTime: _DATE_TIME,
    DayTimeDuration: _DAY_TIME,
    YearMonthDuration: _YEAR_MONTH,
    FeelRange: _RANGE,
}


def read_property(value: Any, key: str, run: Run) -> Any:
    """Read a part of a value by name; null, with a warning, if it has none of this name."""
    # Contexts and lists stay as they came: only the part that is read is converted.
    value = value if type(value) in (dict, list) else enter(value)
    if type(value) is dict:
        return _entry(value, key, run)
    if type(value) is list:
        # The path of a list is the list of what its elements have at this path.
        run.step(len(value))
        return [read_property(item, key, run) for item in value]
    properties = _PROPERTIES.get(type(value), {})
    read = properties.get(key)
    return read(value) if read is not None else _no_property(value, key, properties, run)


def _entry(context: dict[str, Any], key: str, run: Run) -> Any:
    # As in feel-scala functions are called by their names, but are no entries.
    if key in context and type(context[key]) is not FeelFunction:
        return enter(context[key])
    names = (name for name, value in context.items() if type(value) is not FeelFunction)
    keys = ", ".join(f"'{name}'" for name in names)
    found = f"Available keys: {keys}" if keys else "The context is empty"
    text = f"No context entry found with key '{key}'. {found}"
    return run.warn("NO_CONTEXT_ENTRY_FOUND", text)


def _no_property(value: Any, key: str, properties: _Properties, run: Run) -> Any:
    if value is None:
        text = f"No context entry found with key '{key}'. The context is null"
        return run.warn("NO_CONTEXT_ENTRY_FOUND", text)
    names = ", ".join(f"'{name}'" for name in properties)
    text = f"No property found with name '{key}' of value '{shown(value)}'."
    return run.warn("NO_PROPERTY_FOUND", f"{text} Available properties: {names}")
