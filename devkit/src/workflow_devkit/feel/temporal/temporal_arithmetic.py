"""Sums and products of dates, times and durations.

Each function gives None for a pair of values that the operation does not take.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from workflow_devkit.feel.numbers import java_int
from workflow_devkit.feel.temporal.dates_and_times import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    add_months,
    add_nanos,
)
from workflow_devkit.feel.temporal.durations import DAY_NANOS, DayTimeDuration, YearMonthDuration

_Operation = Callable[[Any, Any], Any]


def _move_time(time: FeelTime, nanos: int) -> FeelTime:
    return FeelTime((time.nanos + nanos) % DAY_NANOS, time.offset, time.zone)


def _move_date(day: FeelDate, nanos: int) -> FeelDate:
    # From midnight on: less than a day forwards is the same date, backwards the one before.
    return FeelDate.from_epoch_day((day.epoch_day * DAY_NANOS + nanos) // DAY_NANOS)


_ADD: Final[dict[tuple[type, type], _Operation]] = {
    (FeelTime, DayTimeDuration): lambda time, span: _move_time(time, span.nanos),
    (FeelDate, DayTimeDuration): lambda day, span: _move_date(day, span.nanos),
    (FeelDate, YearMonthDuration): lambda day, span: day.plus_months(span.months),
    (FeelDateTime, DayTimeDuration): lambda moment, span: add_nanos(moment, span.nanos),
    (FeelDateTime, YearMonthDuration): lambda moment, span: add_months(moment, span.months),
    (DayTimeDuration, DayTimeDuration): lambda a, b: DayTimeDuration(a.nanos + b.nanos),
    (YearMonthDuration, YearMonthDuration): lambda a, b: YearMonthDuration(a.months + b.months),
}


def add_temporal(left: Any, right: Any) -> Any:
    """Add a duration to a temporal value, in either order, or two durations of one kind."""
    operation = _ADD.get((type(left), type(right)))
    if operation is not None:
        return operation(left, right)
    swapped = _ADD.get((type(right), type(left)))
    return swapped(right, left) if swapped is not None else None


def _between_dates(later: FeelDate, earlier: FeelDate) -> DayTimeDuration:
    return DayTimeDuration((later.epoch_day - earlier.epoch_day) * DAY_NANOS)


def _between(later: Any, earlier: Any) -> DayTimeDuration | None:
    if later.is_local != earlier.is_local:
        return None
    return DayTimeDuration(later.utc_nanos - earlier.utc_nanos)


def _between_times(later: FeelTime, earlier: FeelTime) -> DayTimeDuration | None:
    """Give the time between two times: never negative if they have offsets, as in feel-scala."""
    span = _between(later, earlier)
    return span if span is None or later.is_local else DayTimeDuration(abs(span.nanos))


_SUBTRACT: Final[dict[tuple[type, type], _Operation]] = {
    (FeelTime, FeelTime): _between_times,
    (FeelDateTime, FeelDateTime): _between,
    (FeelDate, FeelDate): _between_dates,
}


def subtract_temporal(left: Any, right: Any) -> Any:
    """Give the time between two values, or move one back by a duration."""
    operation = _SUBTRACT.get((type(left), type(right)))
    if operation is not None:
        return operation(left, right)
    if type(right) is DayTimeDuration:
        return _add_if_taken(left, DayTimeDuration(-right.nanos))
    if type(right) is YearMonthDuration:
        return _add_if_taken(left, YearMonthDuration(-right.months))
    return None


def _add_if_taken(left: Any, span: Any) -> Any:
    operation = _ADD.get((type(left), type(span)))
    return operation(left, span) if operation is not None else None


def _times(span: Any, factor: Any) -> Any:
    if type(factor) not in (int, Decimal):
        return None
    if type(span) is DayTimeDuration:
        return DayTimeDuration(span.nanos * java_int(factor))
    times = java_int(factor)
    # As in Java years and months are 32 bits each.
    years = _toward_zero(span.months, 12)
    if any(not -_LIMIT <= part * times < _LIMIT for part in (years, span.months - years * 12)):
        raise OverflowError("integer overflow")
    return YearMonthDuration(span.months * times)


_LIMIT: Final = 2**31
"""Java's integers end before it."""


_DURATIONS: Final = (DayTimeDuration, YearMonthDuration)


def multiply_temporal(left: Any, right: Any) -> Any:
    """Multiply a duration by the whole part of a number, in either order."""
    if type(left) in _DURATIONS:
        return _times(left, right)
    return _times(right, left) if type(right) in _DURATIONS else None


def divide_temporal(left: Any, right: Any) -> Any:
    """Divide a duration by a number, or by a duration of its kind (a whole number)."""
    if type(left) is DayTimeDuration:
        return _divide_nanos(left, right)
    return _divide_months(left, right) if type(left) is YearMonthDuration else None


_MILLI: Final = 1_000_000


def _truncate(number: int, by: Any) -> int:
    return int(Decimal(number) / Decimal(by)) if type(by) is Decimal else _toward_zero(number, by)


def _toward_zero(number: int, by: int) -> int:
    quotient = abs(number) // abs(by)
    return quotient if (number < 0) == (by < 0) else -quotient


def _divide_nanos(span: DayTimeDuration, by: Any) -> Any:
    if type(by) is DayTimeDuration and by.nanos:
        return _toward_zero(span.nanos, by.nanos)
    if type(by) in (int, Decimal) and by:
        # feel-scala keeps the quotient's milliseconds in 32 bits, which are 24 days.
        return DayTimeDuration(java_int(_truncate(span.nanos // _MILLI, by)) * _MILLI)
    return None


def _divide_months(span: YearMonthDuration, by: Any) -> Any:
    if type(by) is YearMonthDuration and by.months:
        return _toward_zero(span.months, by.months)
    if type(by) in (int, Decimal) and by:
        return YearMonthDuration(_truncate(span.months, by))
    return None
