"""Durations: of days and time, or of years and months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Final

NANOS: Final = 1_000_000_000
"""Nanoseconds of a second."""

DAY_NANOS: Final = 86_400 * NANOS


@total_ordering
@dataclass(frozen=True, slots=True)
class DayTimeDuration:
    """A length of time of ``nanos`` nanoseconds."""

    nanos: int

    def __lt__(self, other: DayTimeDuration) -> bool:
        return self.nanos < other.nanos

    def __str__(self) -> str:
        return format_day_time(self.nanos)

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.nanos / NANOS


@total_ordering
@dataclass(frozen=True, slots=True)
class YearMonthDuration:
    """A number of ``months``, whose length depends on where in the calendar they lie."""

    months: int

    def __lt__(self, other: YearMonthDuration) -> bool:
        return self.months < other.months

    def __str__(self) -> str:
        return format_year_month(self.months)


# As in Java each part may have a sign, and the whole too: `-PT-5M` is five minutes.
_DURATION: Final = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<years>-?\d+)Y)?(?:(?P<months>-?\d+)M)?(?:(?P<days>-?\d+)D)?"
    r"(?P<time>T(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?"
    r"(?:(?P<seconds>-?\d+)(?:\.(?P<fraction>\d{0,9}))?S)?)?",
    re.ASCII | re.IGNORECASE,
)


def parse_duration(text: str) -> DayTimeDuration | YearMonthDuration:
    """Read an ISO 8601 duration that FEEL has a type for.

    Years and months give a ``YearMonthDuration``, days and time a ``DayTimeDuration``; there is
    none for both together.

    Raises:
        ValueError: the text is not such a duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None or match["time"] in ("T", "t") or not any(match.groups()[1:]):
        raise _no_duration(text)
    sign = -1 if match["sign"] == "-" else 1
    if not match["years"] and not match["months"]:
        days = int(match["days"] or 0)
        return DayTimeDuration(sign * (days * DAY_NANOS + _time_nanos(match)))
    if match["days"] or match["time"]:
        raise _no_duration(text)
    return YearMonthDuration(sign * (12 * int(match["years"] or 0) + int(match["months"] or 0)))


def _no_duration(text: str) -> ValueError:
    return ValueError(f"'{text}' is not a duration of FEEL such as PT15M, P1DT2H or P1Y")


def _time_nanos(match: re.Match[str]) -> int:
    seconds = match["seconds"] or "0"
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    whole = int(match["hours"] or 0) * 3600 + int(match["minutes"] or 0) * 60 + int(seconds)
    # From the text, since -0 is no negative number.
    return whole * NANOS + (-fraction if seconds.startswith("-") else fraction)


def format_day_time(nanos: int) -> str:
    """Write whole seconds as feel-scala does: ``P1DT2H3M4S``, nothing as ``P0D``."""
    # Rounded down, as Java's `Duration` keeps its seconds: -1.5 s becomes -PT2S.
    seconds = nanos // NANOS
    if seconds == 0:
        return "P0D"
    days, rest = divmod(abs(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    time = _part(hours, "H") + _part(minutes, "M") + _part(rest, "S")
    return ("-" if nanos < 0 else "") + "P" + _part(days, "D") + (f"T{time}" if time else "")


def iso_duration(nanos: int) -> str:
    """Write a length of time as the engine's variables hold it (Java's form): ``PT26H``."""
    seconds, fraction = divmod(abs(nanos), NANOS)
    sign = "-" if nanos < 0 else ""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{sign}{hours}H" if hours else "", f"{sign}{minutes}M" if minutes else ""]
    if rest or fraction or not seconds:
        decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
        parts.append(f"{sign}{rest}{decimals}S")
    return "PT" + "".join(parts)


def format_year_month(months: int) -> str:
    """Write months as feel-scala does: ``P1Y2M``, nothing as ``P0Y``."""
    if months == 0:
        return "P0Y"
    years, rest = divmod(abs(months), 12)
    return ("-" if months < 0 else "") + "P" + _part(years, "Y") + _part(rest, "M")


def iso_period(months: int) -> str:
    """Write months as the engine's variables hold them (Java's form): ``P1Y2M``, ``P-5M``."""
    sign = -1 if months < 0 else 1
    years, rest = divmod(abs(months), 12)
    return "P" + (_part(sign * years, "Y") + _part(sign * rest, "M") or "0D")


def _part(number: int, unit: str) -> str:
    return f"{number}{unit}" if number else ""
