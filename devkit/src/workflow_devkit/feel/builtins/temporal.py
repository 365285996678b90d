"""Functions about the clock, the calendar and cycles of timers."""

from __future__ import annotations

from typing import Any, Final

from workflow_devkit.feel.builtins.arguments import integer
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.numbers import is_number
from workflow_devkit.feel.properties import weekday
from workflow_devkit.feel.run import Run
from workflow_devkit.feel.temporal.calendar import days_in_month, to_epoch_day
from workflow_devkit.feel.temporal.dates_and_times import FeelDate, FeelDateTime, from_datetime
from workflow_devkit.feel.temporal.durations import DayTimeDuration, YearMonthDuration
from workflow_devkit.feel.values import shown, to_json

_WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _now(run: Run) -> FeelDateTime:
    # The engine's clock, which tests move: semantics#engine-clock.
    return from_datetime(run.now())


def _today(run: Run) -> FeelDate:
    return from_datetime(run.now()).date


def _day(value: Any) -> FeelDate:
    day = value.date if type(value) is FeelDateTime else value
    if type(day) is not FeelDate:
        raise IllegalArgumentError
    return day


def _day_of_week(_run: Run, value: Any) -> str:
    return _WEEKDAYS[weekday(_day(value)) - 1]


def _month_of_year(_run: Run, value: Any) -> str:
    return _MONTHS[_day(value).month - 1]


def _day_of_year(_run: Run, value: Any) -> int:
    day = _day(value)
    return day.epoch_day - to_epoch_day(day.year, 1, 1) + 1


def _week_of_year(_run: Run, value: Any) -> int:
    day = _day(value)
    # ISO 8601: a week belongs to the year in which its Thursday lies.
    thursday = FeelDate.from_epoch_day(day.epoch_day + 4 - weekday(day))
    return (thursday.epoch_day - to_epoch_day(thursday.year, 1, 1)) // 7 + 1


def _last_day_of_month(_run: Run, value: Any) -> FeelDate:
    day = _day(value)
    return FeelDate(day.year, day.month, days_in_month(day.year, day.month))


_SPANS: Final = (DayTimeDuration, YearMonthDuration)


# Not of feel-scala: Zeebe adds `cycle` by its `FeelFunctionProvider`.
def _cycle(_run: Run, interval: Any) -> str:
    if type(interval) not in _SPANS:
        wanted = "an interval (duration) parameter"
        raise IllegalArgumentError(
            f"cycle function expected {wanted}, but found '{shown(interval)}'"
        )
    return f"R/{to_json(interval)}"


def _cycle_times(run: Run, repetitions: Any, interval: Any) -> str:
    is_count = repetitions is None or is_number(repetitions)
    if type(interval) not in _SPANS or not is_count:
        wanted = "a repetitions (number) and an interval (duration) parameter"
        found = f"'{shown(repetitions)}' and '{shown(interval)}'"
        raise IllegalArgumentError(f"cycle function expected {wanted}, but found {found}")
    if repetitions is None:
        return _cycle(run, interval)
    return f"R{integer(repetitions)}/{to_json(interval)}"


TEMPORAL: Final = (
    Builtin("now", (), _now),
    Builtin("today", (), _today),
    Builtin("day of week", ("date",), _day_of_week),
    Builtin("month of year", ("date",), _month_of_year),
    Builtin("day of year", ("date",), _day_of_year),
    Builtin("week of year", ("date",), _week_of_year),
    Builtin("last day of month", ("date",), _last_day_of_month),
    Builtin("cycle", ("interval",), _cycle),
    Builtin("cycle", ("repetitions", "interval"), _cycle_times),
)
