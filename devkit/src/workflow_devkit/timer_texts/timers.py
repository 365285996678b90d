"""Texts of timers as a broker reads them: durations, dates, repeated intervals.

See semantics#timer-values.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from workflow_devkit.feel import (
    MAX_OFFSET,
    MAX_YEAR,
    days_in_month,
    find_zone,
    from_epoch_day,
    to_epoch_day,
)

__all__ = [
    "FOREVER",
    "Interval",
    "Repetition",
    "parse_interval",
    "parse_moment",
    "parse_repetition",
]

_DAY: Final = 86_400_000
"""Milliseconds; so are all moments, counted from 1970 in UTC."""
_MILLI: Final = 1_000_000
_NANOS: Final = 1_000_000_000
# Java's int and long end before these; dates and counts beyond are refused.
_INT: Final = 2**31
_LONG: Final = 2**63
FOREVER: Final = -1
"""Repetitions without end."""


class Interval(NamedTuple):
    """A length of time, perhaps from a moment on.

    Attributes:
        months: calendar months; ``days`` and ``nanos`` come on top of them.
        days: calendar days.
        nanos: nanoseconds.
        start: the moment from which it is counted, or None.
    """

    months: int
    days: int
    nanos: int
    start: int | None = None

    def after(self, moment: int) -> int:
        """Give the moment when the interval is over; its start, if that is still to come.

        Raises:
            ValueError: that is beyond any date.
        """
        # A start that is over has no effect: semantics#timer-cycle.
        if self.start is not None and self.start > moment:
            return self.start
        if not self.months and not self.days:
            return _long(moment + _toward_zero(self.nanos))
        day, time = divmod(moment, _DAY)
        shifted = (_add_months(day, self.months) + self.days) * _DAY + time
        return _long(shifted + self.nanos // _MILLI)


def _toward_zero(nanos: int) -> int:
    return nanos // _MILLI if nanos >= 0 else -(-nanos // _MILLI)


def _add_months(day: int, months: int) -> int:
    year, month, of_month = from_epoch_day(day)
    years, place = divmod(month - 1 + months, 12)
    year += years
    if abs(year) > MAX_YEAR:
        raise ValueError(f"there is no year {year}")
    return to_epoch_day(year, place + 1, min(of_month, days_in_month(year, place + 1)))


def _long(moment: int) -> int:
    if not -_LONG <= moment < _LONG:
        raise ValueError(f"{moment} is beyond any date")
    return moment


class Repetition(NamedTuple):
    """An interval that repeats: so many times, or ``FOREVER``."""

    times: int
    interval: Interval


_COUNT: Final = re.compile(r"[+-]?\d{1,10}")


def parse_repetition(text: str) -> Repetition:
    """Read ``R3/PT1H``, ``R/P1D`` or ``R5/2030-01-01T00:00:00Z/PT1H``.

    Raises:
        ValueError: the text is no repeated interval.
    """
    if not text.startswith("R"):
        raise ValueError("Repetition spec must start with R")
    count, slash, interval = text[1:].partition("/")
    if not slash:
        raise ValueError("No interval given")
    if count and (_COUNT.fullmatch(count) is None or not -_INT <= int(count) < _INT):
        raise ValueError("Cannot parse repetitions count")
    return Repetition(int(count) if count else FOREVER, parse_interval(interval))


def parse_interval(text: str) -> Interval:
    """Read ``PT15M``, ``P1Y2M3DT4H`` or ``2030-01-01T00:00:00Z/PT1H``.

    Raises:
        ValueError: the text is no interval.
    """
    start, _, length = text.rpartition("/")
    begin = parse_moment(start) if start else None
    # Java has no type for both: the broker's `Interval` reads what is before the T as a `Period`
    # and the rest as a `Duration`, the sign with each.
    at = length.find("T")
    if at < 0:
        return Interval(*_period(length), 0, begin)
    sign = length[0] if length[0] in "+-" else ""
    if at == len(sign) + 1:
        return Interval(0, 0, _duration(length), begin)
    minus = sign.replace("+", "")
    return Interval(*_period(length[:at]), _duration(f"{minus}P{length[at:]}"), begin)


_PERIOD: Final = re.compile(
    r"([-+]?)P(?:([-+]?\d+)Y)?(?:([-+]?\d+)M)?(?:([-+]?\d+)W)?(?:([-+]?\d+)D)?",
    re.ASCII | re.IGNORECASE,
)


def _period(text: str) -> tuple[int, int]:
    """Read calendar months and days as ``java.time.Period`` does."""
    match = _PERIOD.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        raise _no_length(text)
    sign = -1 if match[1] == "-" else 1
    years, months, weeks, days = (_int(sign * int(part or 0)) for part in match.groups()[1:])
    return years * 12 + months, _int(weeks * 7 + days)


_DURATION: Final = re.compile(
    r"([-+]?)P(?:([-+]?\d+)D)?"
    r"(?:T(?=[-+\d])(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?",
    re.ASCII | re.IGNORECASE,
)


def _duration(text: str) -> int:
    """Read nanoseconds as ``java.time.Duration`` does."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        raise _no_length(text)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:5])
    fraction = int((match[6] or "").ljust(9, "0"))
    if (match[5] or "").startswith("-"):
        fraction = -fraction
    whole = days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    _long(whole)
    nanos = whole * _NANOS + fraction
    return -nanos if match[1] == "-" else nanos


def _no_length(text: str) -> ValueError:
    return ValueError(f"{text!r} is no duration such as PT15M, P1DT2H or P1M")


def _int(number: int) -> int:
    if not -_INT <= number < _INT:
        raise ValueError(f"{number} is too large for a period")
    return number


_MOMENT: Final = re.compile(
    r"(\d{4}|-(?!0+-)\d{4,10}|\+\d{5,10})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?"
    r"(Z|[+-]\d\d(?::\d\d(?::\d\d)?)?)(?:\[([\w/+:~.-]+)\])?",
    re.ASCII | re.IGNORECASE,
)


def parse_moment(text: str) -> int:
    """Read a date and time with an offset, perhaps with a zone, as ``ZonedDateTime`` does.

    Raises:
        ValueError: the text is no such moment.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date and time with an offset")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    is_day = 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)  # noqa: PLR2004 - months
    if abs(year) > MAX_YEAR or not is_day or hour > 23 or max(minute, second) > 59:  # noqa: PLR2004
        raise ValueError(f"{text!r} is no day or time of the calendar")
    if match[9] is not None:
        # The offset decides; the zone in brackets must only exist.
        _check_zone(match[9])
    seconds = hour * 3_600 + minute * 60 + second - _offset(match[8])
    millis = int((match[7] or "").ljust(9, "0")) // _MILLI
    return _long(to_epoch_day(year, month, day) * _DAY + seconds * 1_000 + millis)


def _offset(text: str) -> int:
    """Read ``Z``, ``+01``, ``+01:30`` or ``+01:30:15`` into seconds."""
    if text in ("Z", "z"):
        return 0
    digits = text[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = (int(digits[place : place + 2]) for place in (0, 2, 4))
    offset = hours * 3_600 + minutes * 60 + seconds
    if offset > MAX_OFFSET or max(minutes, seconds) > 59:  # noqa: PLR2004 - as on a clock
        raise ValueError(f"{text!r} is no offset")
    return -offset if text[0] == "-" else offset


def _check_zone(name: str) -> None:
    """Refuse a zone that there is none of; an offset is one too."""
    if _ZONE_OFFSET.fullmatch(name):
        _offset(name)
    else:
        find_zone(name)


_ZONE_OFFSET: Final = re.compile(r"Z|[+-]\d\d:\d\d(?::\d\d)?", re.ASCII)
