"""Dates, times and date-times that know nanoseconds, offsets and named zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, Final

from workflow_devkit.feel.temporal import calendar
from workflow_devkit.feel.temporal.durations import (
    DAY_NANOS,
    NANOS,
    parse_duration,
)
from workflow_devkit.feel.temporal.zones import (
    find_zone,
    format_offset,
    offset_at,
    offset_of_local,
    read_zone,
    standard_offset,
)

_LAST_SHORT_YEAR: Final = 9999


@dataclass(frozen=True, slots=True, order=True)
class FeelDate:
    """A day of the calendar."""

    year: int
    month: int
    day: int

    @classmethod
    def from_epoch_day(cls, days: int) -> FeelDate:
        """Make the date that lies ``days`` after 1970-01-01."""
        year, month, day = calendar.from_epoch_day(days)
        return checked_date(year, month, day)

    @property
    def epoch_day(self) -> int:
        """Days since 1970-01-01."""
        return calendar.to_epoch_day(self.year, self.month, self.day)

    def plus_months(self, months: int) -> FeelDate:
        """Move by months; the last day of the month where it would be too late."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        day = min(self.day, calendar.days_in_month(year, month + 1))
        return checked_date(year, month + 1, day)

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        # As Java writes it; feel-scala reads such a year without its sign only (recorded).
        sign = "+" if self.year > _LAST_SHORT_YEAR else sign
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class FeelTime:
    """A time of day: ``nanos`` since midnight, with an offset in seconds or without.

    ``zone`` is the name that the offset came from.
    """

    nanos: int
    offset: int | None = None
    zone: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it has neither offset nor zone."""
        return self.offset is None

    @property
    def utc_nanos(self) -> int:
        """Nanoseconds that two times with offsets are ordered by."""
        return self.nanos - (self.offset or 0) * NANOS

    def __str__(self) -> str:
        return _format_time(self.nanos) + _format_zone(self.offset, self.zone)


@dataclass(frozen=True, slots=True)
class FeelDateTime:
    """A date and a time of day: ``nanos`` since midnight, with an offset in seconds or without.

    ``zone`` is the name that the offset came from.
    """

    date: FeelDate
    nanos: int
    offset: int | None = None
    zone: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it has neither offset nor zone."""
        return self.offset is None

    @property
    def local_nanos(self) -> int:
        """Nanoseconds since 1970-01-01T00:00 on the clock's face."""
        return self.date.epoch_day * DAY_NANOS + self.nanos

    @property
    def utc_nanos(self) -> int:
        """Nanoseconds since 1970-01-01T00:00Z; without an offset, UTC is taken."""
        return self.local_nanos - (self.offset or 0) * NANOS

    def to_datetime(self, default: tzinfo = UTC) -> datetime:
        """Give the standard library's type, always with a zone: ``default`` if it has none.

        Raises:
            OverflowError: the year does not fit (1 to 9999).
        """
        zone = default if self.offset is None else timezone(timedelta(seconds=self.offset))
        if self.zone is not None:
            zone = find_zone(self.zone)
        # `datetime` has no nanoseconds: they are cut off.
        micros = self.local_nanos // 1000
        local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
        fold = _fold(zone, local, self.offset)
        return local.replace(tzinfo=zone, fold=fold)

    def __str__(self) -> str:
        zone = _format_zone(self.offset, self.zone)
        if self.zone and self.offset and self.offset % 60:
            # As feel-scala does: offsets with seconds, of local mean time, stay in the text.
            zone = format_offset(self.offset) + zone
        return f"{str(self.date).removeprefix('+')}T{_format_time(self.nanos)}{zone}"


def _fold(zone: tzinfo, local: datetime, offset: int | None) -> int:
    # A local time may come twice: it is the second if its offset is not the first one's.
    first = local.replace(tzinfo=zone).utcoffset()
    return int(offset is not None and first != timedelta(seconds=offset))


def _format_time(nanos: int) -> str:
    seconds, fraction = divmod(nanos, NANOS)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:09d}".rstrip("0") if fraction else text


def java_time(nanos: int) -> str:
    """Write a time as Java does: no seconds where they are zero, fractions by three digits."""
    seconds, fraction = divmod(nanos, NANOS)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    if seconds % 60 or fraction:
        text += f":{seconds % 60:02d}"
    if not fraction:
        return text
    digits = f"{fraction:09d}".removesuffix("000").removesuffix("000")
    return f"{text}.{digits}"


def java_date_time(moment: FeelDateTime) -> str:
    """Write a date-time as Java does: ``2024-01-31T10:30+01:00[Europe/Paris]``."""
    offset = "" if moment.offset is None else format_offset(moment.offset)
    zone = "" if moment.zone is None else f"[{moment.zone}]"
    return f"{moment.date}T{java_time(moment.nanos)}{offset}{zone}"


def _format_zone(offset: int | None, zone: str | None) -> str:
    if zone is not None:
        return f"@{zone}"
    return "" if offset is None else format_offset(offset)


def checked_date(year: int, month: int, day: int) -> FeelDate:
    """Make a date that exists.

    Raises:
        ValueError: there is no such day.
    """
    in_calendar = abs(year) <= calendar.MAX_YEAR and 1 <= month <= 12  # noqa: PLR2004
    if not in_calendar or not 1 <= day <= calendar.days_in_month(year, month):
        raise ValueError(f"there is no date {year}-{month}-{day}")
    return FeelDate(year, month, day)


def at_zone(local_nanos: int, zone: str) -> FeelDateTime:
    """Make the date-time of a zone that a clock there shows at ``local_nanos``."""
    seconds, fraction = divmod(local_nanos, NANOS)
    offset, moved = offset_of_local(zone, seconds)
    return _split(moved * NANOS + fraction, offset, zone)


def at_instant(utc_nanos: int, offset: int | None, zone: str | None) -> FeelDateTime:
    """Make the date-time of a moment."""
    if zone is not None:
        offset = offset_at(zone, utc_nanos // NANOS)
    return _split(utc_nanos + (offset or 0) * NANOS, offset, zone)


def _split(local_nanos: int, offset: int | None, zone: str | None) -> FeelDateTime:
    days, nanos = divmod(local_nanos, DAY_NANOS)
    return FeelDateTime(FeelDate.from_epoch_day(days), nanos, offset, zone)


def add_months(moment: FeelDateTime, months: int) -> FeelDateTime:
    """Move by months on the calendar of its zone."""
    moved = moment.date.plus_months(months)
    local = moved.epoch_day * DAY_NANOS + moment.nanos
    if moment.zone is not None:
        return at_zone(local, moment.zone)
    return FeelDateTime(moved, moment.nanos, moment.offset)


def add_nanos(moment: FeelDateTime, nanos: int) -> FeelDateTime:
    """Move by a length of time."""
    return at_instant(moment.utc_nanos + nanos, moment.offset, moment.zone)


_DATE: Final = r"(?P<year>-?(?:\d{4}|[1-9]\d{4,8}))-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME: Final = (
    r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?:(?P<offset>Z|[+-]\d\d:\d\d)|@(?P<zone>[\w/+:-]+))?"
)
_DATE_PATTERN: Final = re.compile(_DATE, re.ASCII)
_TIME_PATTERN: Final = re.compile(f"T?{_TIME}", re.ASCII)
_DATE_TIME_PATTERN: Final = re.compile(f"{_DATE}T{_TIME}", re.ASCII)


def parse_date(text: str) -> FeelDate:
    """Read ``2020-01-31``.

    Raises:
        ValueError: the text is not a date.
    """
    match = _DATE_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a date such as 2020-01-31")
    return _date(match)


def _date(match: re.Match[str]) -> FeelDate:
    return checked_date(int(match["year"]), int(match["month"]), int(match["day"]))


def _clock(match: re.Match[str]) -> int:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    nanos = ((hour * 60 + minute) * 60 + second) * NANOS + fraction
    # 24:00 passes: for a time it is midnight, and a date-time refuses it itself (recorded).
    if nanos > DAY_NANOS or minute > 59 or second > 59:  # noqa: PLR2004
        raise ValueError(f"there is no time {match[0]}")
    return nanos


def parse_time(text: str) -> FeelTime:
    """Read ``10:30:00``, with an offset or ``@zone`` or without.

    Raises:
        ValueError: the text is not a time.
    """
    match = _TIME_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a time such as 10:30:00+01:00")
    zoned = match["zone"] or match["offset"]
    # As in feel-scala only a local time may leave the seconds out.
    if zoned and not match["second"]:
        raise ValueError(f"'{text}' has an offset but no seconds")
    nanos = _clock(match) % DAY_NANOS  # 24:00 is midnight
    offset, zone = read_zone(zoned)
    return FeelTime(nanos, standard_offset(zone) if zone else offset, zone)


def parse_date_time(text: str) -> FeelDateTime:
    """Read ``2020-01-31T10:30:00``, with an offset or ``@zone`` or without, or a plain date.

    Raises:
        ValueError: the text is not a date-time.
    """
    match = _DATE_TIME_PATTERN.fullmatch(text)
    if match is None:
        return FeelDateTime(parse_date(text), 0)
    clock = _clock(match)
    if clock == DAY_NANOS:
        raise ValueError(f"there is no time 24:00 of a day, as in '{text}'")
    local = _date(match).epoch_day * DAY_NANOS + clock
    offset, zone = read_zone(match["zone"] or match["offset"])
    return at_zone(local, zone) if zone else _split(local, offset, None)


def from_datetime(moment: datetime) -> FeelDateTime:
    """Take over a date-time of the standard library."""
    day = FeelDate(moment.year, moment.month, moment.day)
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    offset = moment.utcoffset()
    # Only `ZoneInfo` has a key; other zones leave nothing but their offset.
    zone = getattr(moment.tzinfo, "key", None)
    nanos = seconds * NANOS + moment.microsecond * 1000
    return FeelDateTime(day, nanos, None if offset is None else int(offset.total_seconds()), zone)


def from_date(day: date) -> FeelDate:
    """Take over a date of the standard library."""
    return FeelDate(day.year, day.month, day.day)


def parse_at_literal(text: str) -> Any:
    """Read the inside of ``@"..."``: any temporal value, None if it is none."""
    # Dates first: the reader of date-times takes a plain date too.
    for parse in (parse_date, parse_time, parse_date_time, parse_duration):
        try:
            return parse(text)
        except ValueError:
            continue
    return None
