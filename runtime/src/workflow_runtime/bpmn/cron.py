"""Texts of timers: dates with their offset, repeated intervals, cron in Spring's form.

See semantics#timer-values and semantics#timer-cron.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from workflow_runtime.feel import FeelDateTime, parse_date_time

__all__ = ["CYCLE", "CronError", "following_by_cron", "parse_moment"]

CYCLE: Final = re.compile(r"R(-?\d*)/(?:(.+)/)?(P.+)")
"""``R3/PT1H``, ``R/2030-01-01T00:00:00Z/P1D``: repetitions, start, interval."""

_ZONE = re.compile(r"\[[\w/+-]+\]\Z")
_FIELDS = 6


class CronError(ValueError):
    """A text that is no cron expression."""


def parse_moment(text: str) -> FeelDateTime:
    """A date and time as Java's ``ZonedDateTime`` reads it: with an offset, perhaps with a zone.

    Raises:
        ValueError: it is none.
    """
    moment = parse_date_time(_ZONE.sub("", text))
    if moment.is_local:
        raise ValueError(f"no offset: {text!r}")
    return moment


def following_by_cron(text: str) -> Callable[[int], int]:
    """From a moment (Unix time in milliseconds) to the next one that fits.

    Six fields, seconds first, or ``@daily`` and its like.

    Raises:
        CronError: it is no cron expression, or fits no moment.
    """
    from croniter import CroniterError, croniter  # noqa: PLC0415 - few diagrams have one

    if not text.startswith("@") and len(text.split()) != _FIELDS:
        raise CronError(text)

    def following(after: int) -> int:
        begin = datetime.fromtimestamp(after / 1000, UTC)
        try:
            found = croniter(text, begin, second_at_beginning=True).get_next(datetime)
        except (CroniterError, KeyError, AttributeError) as error:
            raise CronError(text) from error
        return int(found.timestamp() * 1000)

    return following
