"""Reads durations from the command line."""

from __future__ import annotations

import re
from datetime import timedelta

from workflow_runtime.cli.exits import UsageError

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def read_duration(option: str, text: str) -> timedelta:
    """``90s``, ``1h30m``, ``250ms`` or ``2d`` as a timedelta.

    Raises:
        UsageError: it is none of these, or has a unit twice.
    """
    # `findall` passes over what is no part: put together again they have to be the whole text.
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UsageError(
            f"{option}: expected a duration such as 90s, 1h30m or 250ms, got {text!r}."
        )
    amounts = {_UNITS[unit]: float(number) for number, unit in parts}
    if len(amounts) < len(parts):
        raise UsageError(f"{option}: each unit goes once into a duration, got {text!r}.")
    return timedelta(**amounts)
