"""Days of the proleptic Gregorian calendar, for years far beyond what ``datetime`` holds."""

from __future__ import annotations

from typing import Final

MAX_YEAR: Final = 999_999_999
"""The last year of a date, the first is its negative."""

_DAYS_IN_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ERA_DAYS: Final = 146_097
"""Days of 400 years, after which the calendar repeats itself."""
_EPOCH_DAY: Final = 719_468
"""Days from 0000-03-01 to 1970-01-01."""
_FEBRUARY: Final = 2


def is_leap(year: int) -> bool:
    """Tell whether the year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Count the days of a month."""
    return 29 if month == _FEBRUARY and is_leap(year) else _DAYS_IN_MONTH[month - 1]


def to_epoch_day(year: int, month: int, day: int) -> int:
    """Count the days since 1970-01-01."""
    # Years begin in March here, so that the leap day is the last of its year.
    year -= month <= _FEBRUARY
    era, year_of_era = divmod(year, 400)
    # From March on months of 31, 30, 31, 30 and 31 days come again: 153 days in five months.
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _ERA_DAYS + day_of_era - _EPOCH_DAY


def from_epoch_day(days: int) -> tuple[int, int, int]:
    """Give year, month and day of a day counted from 1970-01-01."""
    era, day_of_era = divmod(days + _EPOCH_DAY, _ERA_DAYS)
    # Without the leap days so far: one in 4 years, but none in 100, and again one in 400.
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004  March is month 0
    return year_of_era + era * 400 + (month <= _FEBRUARY), month, day
