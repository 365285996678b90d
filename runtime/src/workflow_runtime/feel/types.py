"""The types that ``instance of`` knows."""

from __future__ import annotations

from typing import Any, Final

from workflow_runtime.feel.values import type_name

_ALIASES: Final = {
    "date time": "date and time",
    "day time duration": "days and time duration",
    "day-time-duration": "days and time duration",
    "year month duration": "years and months duration",
    "year-month-duration": "years and months duration",
}


def is_instance(value: Any, name: str) -> bool:
    """Tell whether a value is of the named type; null is only of type ``null``."""
    if name == "Any":
        return value is not None
    return type_name(value) == _ALIASES.get(name, name)
