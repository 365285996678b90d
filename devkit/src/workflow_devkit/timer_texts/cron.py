"""When a cron expression comes round (semantics#timer-cron)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, UTC, datetime, timedelta
from itertools import product
from typing import Final

from workflow_devkit.timer_texts.spring_cron import Cron, CronError, parse_cron

__all__ = ["CronError", "following_by_cron"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000
_YEARS: Final = 100
"""How far ahead a cron is looked for, so that one for 31 February ends."""


def following_by_cron(text: str) -> Callable[[int], int | None]:
    """Give a function from a moment to the next one at which a cron comes round.

    Moments are Unix times in milliseconds, in UTC. Its answer is None where the cron does not come
    round within a hundred years.

    Raises:
        CronError: it is no cron expression.
    """
    crons = parse_cron(text)

    def following(after: int) -> int | None:
        found = (_next(cron, after) for cron in crons)
        return min((moment for moment in found if moment is not None), default=None)

    return following


def _next(cron: Cron, after: int) -> int | None:
    """Give the next moment of one cron; None if there is none."""
    # As the broker's library: it looks from a second later on, which keeps the milliseconds.
    begin = after + _SECOND if _fits(cron, after) else after
    return begin if _fits(cron, begin) else _first(cron, _utc(begin))


def _utc(moment: int) -> datetime:
    return _EPOCH + timedelta(seconds=moment // _SECOND)


def _fits(cron: Cron, moment: int) -> bool:
    at = _utc(moment)
    is_time = at.second in cron.seconds and at.minute in cron.minutes and at.hour in cron.hours
    return is_time and at.month in cron.months and at.day in cron.days(at.year, at.month)


def _first(cron: Cron, start: datetime) -> int | None:
    """Find the first whole second after the start at which a cron comes round."""
    last = min(start.year + _YEARS, MAXYEAR)
    for year, month in product(range(start.year, last + 1), sorted(cron.months)):
        for day in sorted(cron.days(year, month)):
            date = datetime(year, month, day, tzinfo=UTC)
            found = _in_day(cron, date, start) if date.date() >= start.date() else None
            if found is not None:
                return round((found - _EPOCH).total_seconds()) * _SECOND
    return None


def _in_day(cron: Cron, day: datetime, start: datetime) -> datetime | None:
    """Find the first time of a day that fits and is later than the start."""
    is_today = day.date() == start.date()
    hours = (hour for hour in sorted(cron.hours) if not is_today or hour >= start.hour)
    times = (
        day.replace(hour=hour, minute=minute, second=second)
        for hour in hours
        for minute in sorted(cron.minutes)
        if not is_today or (hour, minute) >= (start.hour, start.minute)
        for second in sorted(cron.seconds)
    )
    return next((time for time in times if time > start), None)
