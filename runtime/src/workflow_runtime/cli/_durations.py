"""Reads durations from the command line."""

from __future__ import annotations

import re
from datetime import timedelta

from workflow_runtime.cli.exits import UsageError

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PART = re.compile(r"(\d++(?:\.\d++)?)(ms|s|m|h|d)", re.ASCII)
_WHOLE = re.compile(f"(?:{_PART.pattern})++", re.ASCII)


def read_duration(option: str, text: str) -> timedelta:
    """``90s``, ``1h30m``, ``250ms`` or ``2d`` as a timedelta.

    Raises:
        UsageError: it is none of these, or has a unit twice.
    """
    if _WHOLE.fullmatch(text) is None:
        raise UsageError(
            f"{option}: expected a duration such as 90s, 1h30m or 250ms, got {text!r}."
        )
    parts = _PART.findall(text)
    amounts = {_UNITS[unit]: float(number) for number, unit in parts}
    if len(amounts) < len(parts):
        raise UsageError(f"{option}: each unit goes once into a duration, got {text!r}.")
    try:
        return timedelta(**amounts)
    except OverflowError:
        raise UsageError(
            f"{option}: expected less than {timedelta.max.days} days, got {text!r}."
        ) from None
