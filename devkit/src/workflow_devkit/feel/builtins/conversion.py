"""Functions that make a value of one type from another."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from workflow_devkit.feel.builtins.arguments import integer, number, text
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.limits import MAX_DIGITS
from workflow_devkit.feel.numbers import Number
from workflow_devkit.feel.run import EvaluationFailedError, Run
from workflow_devkit.feel.temporal.dates_and_times import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    at_instant,
    at_zone,
    checked_date,
    parse_date,
    parse_date_time,
    parse_time,
)
from workflow_devkit.feel.temporal.durations import (
    NANOS,
    DayTimeDuration,
    YearMonthDuration,
    parse_duration,
)
from workflow_devkit.feel.temporal.zones import MAX_OFFSET, read_zone
from workflow_devkit.feel.values import text_of, to_json


def _string(_run: Run, value: Any) -> str | None:
    return None if value is None else text_of(value)


_LARGEST_EXPONENT: Final = 6144
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def _number(_run: Run, value: Any) -> Any:
    given = text(value)
    parsed = Decimal(given) if _NUMBER.fullmatch(given) and len(given) <= MAX_DIGITS else None
    if parsed is None or abs(parsed.adjusted()) > _LARGEST_EXPONENT:
        raise IllegalArgumentError(f"Can't parse '{given}' as a number")
    return parsed


def _number_grouped(run: Run, value: Any, grouping: Any) -> Any:
    given = text(value)
    if text(grouping) not in _GROUPINGS:
        raise IllegalArgumentError("illegal argument for grouping. Must be one of ' ', ',' or '.'")
    return _number(run, given.replace(grouping, ""))


_GROUPINGS: Final = (" ", ",", ".")
_POINTS: Final = (",", ".")
_BAD_SEPARATORS: Final = (
    "illegal arguments for grouping or decimal. Must be one of ' ' (grouping only), ',' or '.'"
)


def _number_localized(run: Run, value: Any, grouping: Any, point: Any) -> Any:
    given = text(value)
    if grouping is None and point is None:
        raise IllegalArgumentError
    for separator in (grouping, point):
        text("" if separator is None else separator)
    # As in feel-scala, a wrong separator beside null gets the general text of the warning.
    is_bad = grouping not in (*_GROUPINGS, None) or point not in (*_POINTS, None)
    if is_bad or grouping == point:
        raise IllegalArgumentError(None if None in (grouping, point) else _BAD_SEPARATORS)
    given = given if grouping is None else given.replace(grouping, "")
    return _number(run, given if point is None else given.replace(point, "."))


def _parsing(parse: Callable[[str], Any], value: str, kind: str) -> Any:
    try:
        return parse(value)
    except ValueError:
        raise IllegalArgumentError(f"Failed to parse {kind} from '{value}'") from None


def _date(_run: Run, value: Any) -> Any:
    if type(value) is FeelDateTime:
        return value.date
    return value if type(value) is FeelDate else _parsing(parse_date, text(value), "date")


def _date_of(_run: Run, year: Any, month: Any, day: Any) -> FeelDate:
    parts = integer(year), integer(month), integer(day)
    try:
        return checked_date(*parts)
    except ValueError:
        given = f"year={year}, month={month}, day={day}"
        raise IllegalArgumentError(f"Failed to parse date from: {given}") from None


# feel-scala reads times with an offset and local ones apart: this tells which reader complains.
_OFFSET_TIME: Final = re.compile(r"T?\d\d:\d\d:\d\d(\.\d{1,9})?([+-]\d\d:\d\d$|Z$|@)", re.ASCII)


def _time(_run: Run, value: Any) -> Any:
    if type(value) is FeelDateTime:
        return FeelTime(value.nanos, value.offset, value.zone)
    if type(value) is FeelDate:
        # feel-scala takes midnight in UTC for the time of a date.
        return FeelTime(0, 0)
    given = text(value)
    return _parsing(parse_time, given, "time" if _OFFSET_TIME.match(given) else "local-time")


def _time_of(_run: Run, hour: Any, minute: Any, second: Any) -> FeelTime:
    nanos = _clock(integer(hour), integer(minute), number(second))
    if nanos is None:
        given = f"hour={hour}, minute={minute}, second={second}"
        raise IllegalArgumentError(f"Failed to parse local-time from: {given}")
    return FeelTime(nanos)


def _clock(hours: int, minutes: int, seconds: Number) -> int | None:
    nanos = int(seconds * NANOS)
    if 0 <= hours < 24 and 0 <= minutes < 60 and 0 <= nanos < 60 * NANOS:  # noqa: PLR2004
        return (hours * 60 + minutes) * 60 * NANOS + nanos
    return None


def _time_with_offset(run: Run, hour: Any, minute: Any, second: Any, offset: Any) -> FeelTime:
    if offset is None:
        # As in feel-scala, a fraction of the second counts only where there is an offset.
        return _time_of(run, hour, minute, integer(second))
    nanos = _clock(integer(hour), integer(minute), number(second))
    if type(offset) is not DayTimeDuration:
        raise IllegalArgumentError
    if nanos is None or abs(offset.nanos) > MAX_OFFSET * NANOS:
        given = f"hour={hour}, minute={minute}, second={second}, offset={to_json(offset)}"
        raise IllegalArgumentError(f"Failed to parse time from: {given}")
    return FeelTime(nanos, offset.nanos // NANOS)


def _date_and_time(_run: Run, value: Any) -> Any:
    return _parsing(parse_date_time, text(value), "date-time")


def _date_and_time_of(_run: Run, day: Any, time: Any) -> FeelDateTime:
    # The real engine's own form, `date and time(moment, "Europe/Paris")`: the second is a zone.
    if type(time) is str and type(day) is FeelDateTime:
        return _in_zone(day, time)
    date = day.date if type(day) is FeelDateTime else day
    if type(date) is not FeelDate or type(time) is not FeelTime:
        raise IllegalArgumentError
    if time.zone is not None:
        return at_zone(FeelDateTime(date, time.nanos).local_nanos, time.zone)
    return FeelDateTime(date, time.nanos, time.offset)


def _in_zone(moment: FeelDateTime, zone: str) -> FeelDateTime:
    try:
        offset, name = read_zone(zone)
    except ValueError as error:
        raise EvaluationFailedError(f"java.time.DateTimeException: {error}") from error
    if not moment.is_local:
        return at_instant(moment.utc_nanos, offset, name)
    return (
        FeelDateTime(moment.date, moment.nanos, offset)
        if name is None
        else at_zone(moment.local_nanos, name)
    )


def _duration(_run: Run, value: Any) -> Any:
    return _parsing(parse_duration, text(value), "duration")


def _years_and_months(_run: Run, start: Any, end: Any) -> YearMonthDuration:
    first, last = _day_of(start), _day_of(end)
    # Whole months only, counted towards zero, as `Period.between` does.
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


def _day_of(value: Any) -> FeelDate:
    day = value.date if type(value) is FeelDateTime else value
    if type(day) is not FeelDate:
        raise IllegalArgumentError
    return day


CONVERSION: Final = (
    Builtin("string", ("from",), _string),
    Builtin("number", ("from",), _number),
    Builtin("number", ("from", "grouping separator"), _number_grouped),
    Builtin("number", ("from", "grouping separator", "decimal separator"), _number_localized),
    Builtin("date", ("from",), _date),
    Builtin("date", ("year", "month", "day"), _date_of),
    Builtin("time", ("from",), _time),
    Builtin("time", ("hour", "minute", "second"), _time_of),
    Builtin("time", ("hour", "minute", "second", "offset"), _time_with_offset),
    Builtin("date and time", ("from",), _date_and_time),
    Builtin("date and time", ("date", "time"), _date_and_time_of),
    Builtin("duration", ("from",), _duration),
    Builtin("years and months duration", ("from", "to"), _years_and_months),
)
