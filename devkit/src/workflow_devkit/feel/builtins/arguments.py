"""Checks of what a function was given: the value itself, or the call is refused."""

from __future__ import annotations

from typing import Any

from workflow_devkit.feel.builtins.signature import IllegalArgumentError
from workflow_devkit.feel.numbers import Number, is_number, java_int
from workflow_devkit.feel.values import shown


def number(value: Any) -> Number:
    """Take a number; anything else is refused."""
    if not is_number(value):
        # Without a text `call_builtin` lists the arguments in the warning, as feel-scala does.
        raise IllegalArgumentError
    result: Number = value
    return result


def integer(value: Any) -> int:
    """Take the whole part of a number, as Java does: of a huge one the lowest 32 bits."""
    return java_int(number(value))


def text(value: Any) -> str:
    """Take a text; anything else is refused."""
    if type(value) is not str:
        raise IllegalArgumentError
    return value


def items(value: Any) -> list[Any]:
    """Take a list; anything else is refused."""
    if type(value) is not list:
        raise IllegalArgumentError
    return value


def context(value: Any) -> dict[str, Any]:
    """Take a context; anything else is refused."""
    if type(value) is not dict:
        raise IllegalArgumentError
    return value


def numbers(value: Any) -> list[Number]:
    """Take a list of numbers; the warning names the first element that is none."""
    for item in items(value):
        if not is_number(item):
            raise IllegalArgumentError(f"expected number but found '{shown(item)}'")
    return list(value)
