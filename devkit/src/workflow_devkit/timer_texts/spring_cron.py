"""Cron expressions as cron-utils 9.2.1 reads Spring's, which is what a broker schedules by.

Six fields, seconds first. A field is ``*``, a value, a range, steps of one of them, or several with
commas; days of months also ``L``, ``L-3``, ``15W`` and ``LW``; days of weeks ``L``, ``5L`` and
``5#2``. Both kinds of days must fit unless one is ``?``. ``a|b`` in a field, or ``||`` between
expressions, are several crons in one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

__all__ = ["Cron", "CronError", "parse_cron"]


class CronError(ValueError):
    """A text that is no cron expression."""


class Cron(NamedTuple):
    """When a cron expression comes round.

    Attributes:
        seconds: the seconds of its minutes; likewise ``minutes``, ``hours`` and ``months``.
        days: from a year and a month to the days that fit.
    """

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: Days
    months: frozenset[int]


Days = Callable[[int, int], frozenset[int]]


class _Field(NamedTuple):
    low: int
    high: int
    names: dict[str, int]
    #: Whether a range that goes backwards is refused.
    is_strict: bool


def _names(words: str, first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


_SECONDS: Final = _Field(0, 59, {}, is_strict=True)
_HOURS: Final = _Field(0, 23, {}, is_strict=True)
_DAYS: Final = _Field(1, 31, {}, is_strict=False)
_MONTHS: Final = _Field(
    1, 12, _names("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", 1), is_strict=False
)
# Both 0 and 7 are Sunday.
_WEEKDAYS: Final = _Field(0, 7, _names("MON TUE WED THU FRI SAT SUN", 1), is_strict=False)
_NICKNAMES: Final = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_FIELDS: Final = 6


def parse_cron(text: str) -> list[Cron]:
    """Read a cron expression: one, or several that it stands for.

    Raises:
        CronError: the text is no cron expression.
    """
    if "||" in text:
        crons = [cron for part in _split(text, "||") for cron in parse_cron(part)]
    else:
        crons = [_single(part) for part in _alternatives(text)]
    if not crons:
        raise CronError(f"no cron in {text!r}")
    return crons


def _split(text: str, separator: str) -> list[str]:
    """Cut a text as Java does, which forgets the empty parts at the end."""
    parts = text.split(separator)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _alternatives(text: str) -> list[str]:
    """Write out the crons of ``0 0|30 9|10 * * *``: here 9:00 and 10:30."""
    if "|" not in text:
        return [text]
    columns = [_split(field, "|") if "|" in field else [field] for field in text.split()]
    count = max(map(len, columns))
    if any(len(column) not in (1, count) for column in columns):
        raise CronError(f"not as many alternatives in each field of {text!r}")
    return [" ".join(column[place % len(column)] for column in columns) for place in range(count)]


_SPACE: Final = re.compile(r"[ \t\n\x0b\f\r]+")


def _single(text: str) -> Cron:
    # Before capitals are made: `@DAILY` is none (docs/decisions/spring-cron.md).
    if text.startswith("@"):
        text = _NICKNAMES.get(text, text)
    fields = _SPACE.sub(" ", text).strip(" ").upper().split(" ")
    if len(fields) != _FIELDS:
        raise CronError(f"a cron expression has {_FIELDS} fields, {text!r} has {len(fields)}")
    second, minute, hour, day, month, weekday = fields
    return Cron(
        _numbers(second, _SECONDS),
        _numbers(minute, _SECONDS),
        _numbers(hour, _HOURS),
        _fitting_days(day, weekday),
        _numbers(month, _MONTHS),
    )


def _fitting_days(day: str, weekday: str) -> Days:
    of_month, of_week = _days_of_month(day), _days_of_week(weekday)
    if day == "?":
        return of_week
    if weekday == "?":
        return of_month
    return lambda year, month: of_month(year, month) & of_week(year, month)


# -- what every field knows ----------------------------------------------------------------------


def _numbers(text: str, field: _Field) -> frozenset[int]:
    """Read a field that knows plain values only."""
    found = frozenset(number for part in _parts(text) for number in _values(part, field))
    found |= _start_of_backwards(text, field, field.high)
    if not found:
        raise CronError(f"nothing fits {text!r}")
    return found


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if not parts[-1]:
        raise CronError(f"a comma at the end of {text!r}")
    return parts


def _values(text: str, field: _Field) -> Sequence[int]:
    """Read ``*``, ``5``, ``1-5``, and steps of them; a range may go over the end of a week."""
    if text == "*":
        return range(field.low, field.high + 1)
    if "-" in text:
        return _range(text, field)
    start, *steps = text.split("/")
    if not steps:
        return (_checked(_value(text, field), field),)
    if len(steps) > 1:
        raise CronError(f"more than one '/' in {text!r}")
    step = _step(_integer(steps[0]), field)
    first = field.low if start in ("*", "") else _checked(_value(start, field), field)
    return range(first, field.high + 1, step)


def _range(text: str, field: _Field) -> Sequence[int]:
    start, end = _both(text, "-")
    end, *steps = _split(end, "/") if "/" in end else (end, "1")
    if not steps:
        raise CronError(f"no step after '/' in {text!r}")
    first = _checked(_word(start, field), field)
    last = _checked(_word(end, field), field)
    step = _step(_value(steps[0], field), field)
    if first > last and field.is_strict:
        raise CronError(f"{text!r} goes backwards")
    if first > last and field is _WEEKDAYS:
        # `SAT-MON` goes on to day 8. With steps the broker's library ends in an exception here:
        # docs/reference/engine-differences.md.
        last += 7
    return range(first, last + 1, step)


def _start_of_backwards(text: str, field: _Field, end: int) -> frozenset[int]:
    """Give what cron-utils finds in a range of days or months that goes backwards.

    That is its start, if the range stands alone and, with steps, does not start at the end.
    """
    if "-" not in text or "," in text or _range(text, field):
        return frozenset()
    first = _word(text.split("-", 1)[0], field)
    return frozenset({first} if first < end or "/" not in text else ())


def _both(text: str, separator: str) -> tuple[str, str]:
    parts = _split(text, separator)
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - what it says
        raise CronError(f"expected one value on each side of '{separator}' in {text!r}")
    return parts[0], parts[1]


def _word(text: str, field: _Field) -> int:
    return field.names[text] if text in field.names else _integer(text)


def _value(text: str, field: _Field) -> int:
    """Read a number or a name; Sunday is 0."""
    number = _word(text, field)
    return 0 if field is _WEEKDAYS and number == _SUNDAY else number


def _integer(text: str) -> int:
    if re.fullmatch(r"\+?\d{1,9}", text) is None:
        raise CronError(f"no number: {text!r}")
    return int(text)


def _checked(number: int, field: _Field) -> int:
    if not field.low <= number <= field.high:
        raise CronError(f"{number} is not in {field.low}-{field.high}")
    return number


def _step(number: int, field: _Field) -> int:
    if number == 0:
        raise CronError("a step of 0")
    return _checked(number, field)


# -- days of months ------------------------------------------------------------------------------

_SUNDAY: Final = 7
_FRIDAY: Final = 5
_SATURDAY: Final = 6


def _days_of_month(text: str) -> Days:
    if text == "?":
        return _never
    special = _special_day(text)
    if special is not None:
        return special
    parts = _parts(text)
    values = frozenset(number for part in parts for number in _plain_days(part, len(parts) > 1))

    def fitting(year: int, month: int) -> frozenset[int]:
        length = _length(year, month)
        found = values | _start_of_backwards(text, _DAYS, length)
        return found & frozenset(range(1, length + 1))

    return fitting


def _never(_year: int, _month: int) -> frozenset[int]:
    return frozenset()


def _special_day(text: str) -> Days | None:
    """Read ``L``, ``L-3``, ``LW`` or ``15W``; None if it is none of them."""
    if text == "LW":
        return _last_working_day
    if text.startswith("L-") and "," not in text:
        before = _checked(_integer(text[2:]), _DAYS)
        return lambda year, month: _existing(_length(year, month) - before)
    if re.search("[,/-]", text) is not None:
        return None
    if re.search(r"\dL|^L$", text):
        # The number of `5L` is checked, but has no effect on days of months.
        if text != "L":
            _checked(_integer(text.replace("L", "")), _DAYS)
        return lambda year, month: frozenset({_length(year, month)})
    if re.search(r"\dW", text):
        day = _checked(_integer(text.replace("W", "")), _DAYS)
        return lambda year, month: _working_day(year, month, day)
    return None


def _plain_days(text: str, in_list: bool) -> Iterable[int]:
    """Read a part of a list, in which cron-utils takes no notice of letters."""
    if in_list and _special_day(text) is not None:
        digits = re.sub(r"[LW]|-\d+", "", text)
        return (int(digits),) if digits else ()
    return _values(text, _DAYS)


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _existing(day: int) -> frozenset[int]:
    return frozenset({day} if day >= 1 else ())


def _weekday(year: int, month: int, day: int) -> int:
    """Give a day's place in its week: 1 is Monday."""
    return (monthrange(year, month)[0] + day - 1) % 7 + 1


def _last_working_day(year: int, month: int) -> frozenset[int]:
    last = _length(year, month)
    return frozenset({last - max(0, _weekday(year, month, last) - _FRIDAY)})


def _working_day(year: int, month: int, day: int) -> frozenset[int]:
    last = _length(year, month)
    # The broker's library ends in an exception: docs/reference/engine-differences.md.
    if day > last:
        return frozenset()
    weekday = _weekday(year, month, day)
    # The nearest working day of the same month: after Saturday the 1st, Monday the 3rd.
    if weekday == _SATURDAY:
        return frozenset({day - 1 if day > 1 else 3})
    # As in cron-utils, a Sunday that ends its month stays.
    return frozenset({day + 1 if weekday == _SUNDAY and day < last else day})


# -- days of weeks -------------------------------------------------------------------------------


def _days_of_week(text: str) -> Days:
    if text == "?":
        return _never
    if text[:-1] in _WEEKDAYS.names and text[-1] == "L":
        text = f"{_WEEKDAYS.names[text[:-1]]}L"
    parts = [_weekday_part(part) for part in _parts(text)]
    return lambda year, month: frozenset(day for part in parts for day in part(year, month))


def _weekday_part(text: str) -> Days:
    if text == "?":
        return _never
    if "#" in text and not re.search("[-/]", text):
        return _nth_weekday(text)
    # `L` alone is every Sunday; the number of `L-2` is checked, but has no effect.
    if text == "L" or text.startswith("L-"):
        if text != "L":
            _checked(_value(text[2:], _WEEKDAYS), _WEEKDAYS)
        return _on_weekdays((_SUNDAY,))
    if re.search(r"\dL", text) and not re.search("[-/]", text):
        wanted = _checked(_value(text.replace("L", ""), _WEEKDAYS), _WEEKDAYS)
        return lambda year, month: frozenset({max(_on(year, month, wanted))})
    return _on_weekdays(_values(text, _WEEKDAYS))


def _nth_weekday(text: str) -> Days:
    wanted, nth, *_ = [*_split(text, "#"), "", ""]
    number = _checked(_value(wanted, _WEEKDAYS), _WEEKDAYS)
    count = _checked(_value(nth, _WEEKDAYS), _WEEKDAYS)
    # A month without a fifth Friday has no day for `5#5`; nor has any month for `5#0`.
    place = slice(max(0, count - 1), count)
    return lambda year, month: frozenset(_on(year, month, number)[place])


def _on_weekdays(numbers: Iterable[int]) -> Days:
    # Both 7 and, after the end of a week, 8 and more become days of 0 to 6 again.
    wanted = frozenset(number % 7 for number in numbers)
    return lambda year, month: frozenset(
        day for number in wanted for day in _on(year, month, number)
    )


def _on(year: int, month: int, weekday: int) -> list[int]:
    """Give the days of a month that are this day of the week: 0 and 7 are Sunday."""
    first, length = monthrange(year, month)
    return list(range((weekday - 1 - first) % 7 + 1, length + 1, 7))
