"""Offsets and named time zones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

MAX_OFFSET: Final = 18 * 3600
"""The largest offset from UTC, in seconds, on either side: that of Java's ``ZoneOffset``."""

_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_SECONDS: Final = 146_097 * 86_400
"""400 years, after which days of the week and leap years come again."""
_FIRST: Final = -62_000_000_000
"""The first second that ``datetime`` surely holds in every zone: in the year 5."""
_LAST: Final = 250_000_000_000
"""The last second that ``datetime`` surely holds in every zone: in the year 9892."""


def parse_offset(text: str) -> int:
    """Read ``Z`` or ``+01:30`` into seconds.

    Raises:
        ValueError: the text is not an offset, or lies beyond 18 hours.
    """
    if text == "Z":
        return 0
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not an offset such as +01:00")
    minutes, seconds = int(match[3]), int(match[4] or 0)
    offset = int(match[2]) * 3600 + minutes * 60 + seconds
    if offset > MAX_OFFSET or max(minutes, seconds) > 59:  # noqa: PLR2004
        raise ValueError(f"'{text}' is not an offset between -18:00 and +18:00")
    return -offset if match[1] == "-" else offset


def format_offset(offset: int) -> str:
    """Write seconds as ``Z`` or ``+01:30``."""
    if offset == 0:
        return "Z"
    hours, rest = divmod(abs(offset), 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def read_zone(text: str | None) -> tuple[int | None, str | None]:
    """Read what stands behind a time: its offset in seconds, or the name of its zone.

    Raises:
        ValueError: it is neither.
    """
    if text is None:
        return None, None
    if text == "Z" or text.startswith(("+", "-")):
        return parse_offset(text), None
    find_zone(text)
    return None, text


_PREFIXED: Final = re.compile(r"(?:GMT|UTC|UT)([+-]\d\d:\d\d)?", re.ASCII)
_NOT_OF_JAVA: Final = frozenset({"EST", "HST", "MST", "ROC", "Factory", "localtime"})
"""Names of the time zone database that Java's ``ZoneId`` refuses."""


# The database has some 600 names; a bound, since variables may hold names with offsets.
@lru_cache(maxsize=1024)
def find_zone(name: str) -> tzinfo:
    """Find a named zone, such as ``Europe/Paris`` or ``UTC+02:00``.

    Raises:
        ValueError: no such zone.
    """
    prefixed = _PREFIXED.fullmatch(name)
    if prefixed is not None:
        return timezone(timedelta(seconds=parse_offset(prefixed[1] or "Z")))
    if name in _NOT_OF_JAVA:
        raise ValueError(f"there is no time zone '{name}'")
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"there is no time zone '{name}'") from error


def offset_at(name: str, utc_seconds: int) -> int:
    """Give the offset of a zone at a moment, in seconds."""
    # Before there were zones there was local mean time; later summer times go on as they are.
    moment = max(utc_seconds, _FIRST)
    if moment > _LAST:
        moment = moment % _CYCLE_SECONDS
    offset = (_EPOCH + timedelta(seconds=moment)).astimezone(find_zone(name)).utcoffset()
    return int((offset or timedelta()).total_seconds())


def standard_offset(name: str) -> int:
    """Give the offset of a zone without summer time, in seconds, as of today."""
    # By the machine's clock, not the engine's: feel-scala asks `Instant.now` too.
    moment = datetime.now(find_zone(name))
    offset = (moment.utcoffset() or timedelta()) - (moment.dst() or timedelta())
    return int(offset.total_seconds())


def offset_of_local(name: str, local_seconds: int) -> tuple[int, int]:
    """Give the offset of a zone at a local time, and the local time moved out of a gap."""
    # Early and late: the offsets before and after a change, if there is one about this time.
    before = offset_at(name, local_seconds - offset_at(name, local_seconds - 86_400))
    early = offset_at(name, local_seconds - 86_400)
    late = offset_at(name, local_seconds + 86_400)
    # A local time that comes twice has the earlier offset, as in Java; one in a gap has none.
    for offset in (early, late, before):
        if offset_at(name, local_seconds - offset) == offset:
            return offset, local_seconds
    # By the gap's length, as Java's `ZonedDateTime` does.
    moved = local_seconds + late - early
    return late, moved
