"""The types that ``instance of`` knows."""

from __future__ import annotations

from typing import Any

from workflow_devkit.feel.values import type_name


def is_instance(value: Any, name: str) -> bool:
    """Tell whether a value is of the named type; null is only of type ``null``."""
    if name == "Any":
        return value is not None
    return type_name(value) == name
