"""Cron and timer texts with what the real engine's code makes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from tests.support import cases

from workflow_devkit.timer_texts.cron import CronError, following_by_cron
from workflow_devkit.timer_texts.timers import parse_interval, parse_moment, parse_repetition

NOW: Final = "2026-03-02T12:00:00Z"
"""The moment after which all cases are asked for."""
COUNT: Final = 6
"""How many moments of a cron."""


def cron_cases() -> list[dict[str, Any]]:
    """``cron`` and ``moments``: the next six, ``["none"]``, or None if it is refused."""
    moments = f"next_after_{NOW}"
    found = cases.read_data("cron/spring53.jsonl")
    return [{"cron": case["cron"], "moments": case[moments]} for case in found]


def timer_cases() -> list[dict[str, Any]]:
    """``kind``, ``text`` and ``answer``: due date, repetitions and the next, or ``INVALID``."""
    return cases.read_data("timers/timers.jsonl")


def millis(text: str) -> int:
    """A moment as Unix time in milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def cron_moments(text: str, after: int, count: int) -> list[int] | None:
    """The next moments by our reading; None if the text is refused."""
    try:
        following = following_by_cron(text)
    except CronError:
        return None
    found: list[int] = []
    moment = following(after)
    while moment is not None and len(found) < count:
        found.append(moment)
        moment = following(moment)
    return found


def timer_answer(kind: str, text: str, now: int) -> str:
    """What a timer text means by our reading, in the form of the cases."""
    try:
        if kind == "duration":
            return str(parse_interval(text).after(now))
        if kind == "date":
            return str(parse_moment(text))
        times, interval = parse_repetition(text)
        due = interval.after(now)
        return f"{due} rep={times} next={interval.after(due)}"
    except ValueError:
        return "INVALID"
