"""Sums, products and powers of numbers, and the way to those of temporal values."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from workflow_runtime.feel.durations import DayTimeDuration
from workflow_runtime.feel.limits import MAX_TEXT, LimitReachedError
from workflow_runtime.feel.run import Run
from workflow_runtime.feel.temporal import FeelTime
from workflow_runtime.feel.temporal_arithmetic import (
    add_temporal,
    divide_temporal,
    multiply_temporal,
    subtract_temporal,
)
from workflow_runtime.feel.values import is_number, shown

DECIMAL: Final = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
"""IEEE 754 decimal128: 34 digits."""

_LIMIT: Final = 10**34
_MAX_POWER: Final = 999_999_999

Number = int | Decimal


def finite(number: Decimal, run: Run) -> Number | None:
    """Give a result of the decimal context; null where it has no value."""
    if number.is_finite():
        return number
    run.warn("INVALID_TYPE", "The result is not a number that can be written")
    return None


def whole(number: int, run: Run) -> Number | None:
    """Give the result of integers, rounded to 34 digits if it is longer."""
    if -_LIMIT < number < _LIMIT:
        return number
    return finite(DECIMAL.plus(Decimal(number)), run)


def add(left: Any, right: Any, run: Run) -> Any:
    """Add numbers, join texts, move temporal values."""
    if type(left) is int and type(right) is int:
        return whole(left + right, run)
    if is_number(left):
        return _numeric(DECIMAL.add, left, right, run)
    if type(left) is str:
        return _join(left, right, run)
    return _temporal(add_temporal, left, right, run, "Can't add '{1}' to '{0}'")


def _join(left: str, right: Any, run: Run) -> str | None:
    if type(right) is not str:
        run.warn("INVALID_TYPE", f"Expected string but found '{shown(right)}'")
        return None
    if len(left) + len(right) > MAX_TEXT:
        raise LimitReachedError(f"limit of {MAX_TEXT} characters reached")
    run.step((len(left) + len(right)) // 64)
    return left + right


def subtract(left: Any, right: Any, run: Run) -> Any:
    """Subtract numbers and temporal values."""
    if type(left) is int and type(right) is int:
        return whole(left - right, run)
    if is_number(left):
        return _numeric(DECIMAL.subtract, left, right, run)
    return _temporal(subtract_temporal, left, right, run, "Can't subtract '{1}' from '{0}'")


def multiply(left: Any, right: Any, run: Run) -> Any:
    """Multiply numbers, or a duration by a number."""
    if type(left) is int and type(right) is int:
        return whole(left * right, run)
    if is_number(left) and is_number(right):
        return finite(DECIMAL.multiply(left, right), run)
    return _temporal(multiply_temporal, left, right, run, "Can't multiply '{0}' by '{1}'")


def divide(left: Any, right: Any, run: Run) -> Any:
    """Divide numbers, durations by numbers, and durations of one kind by each other."""
    if is_number(left) and is_number(right) and right:
        if type(left) is int and type(right) is int and left % right == 0:
            return left // right
        return finite(DECIMAL.divide(left, right), run)
    return _temporal(divide_temporal, left, right, run, "Can't divide '{0}' by '{1}'")


def power(left: Any, right: Any, run: Run) -> Any:
    """Raise a number to a power."""
    for value in (left, right):
        if not is_number(value):
            run.warn("INVALID_TYPE", f"Expected number but found '{shown(value)}'")
            return None
    if right == int(right) and abs(right) <= _MAX_POWER:
        return finite(DECIMAL.power(left, int(right)), run)
    try:
        result = math.pow(left, right)
    except (ValueError, OverflowError):
        result = math.nan
    return finite(Decimal(repr(result)), run)


def negate(value: Any, run: Run) -> Any:
    """Change the sign of a number."""
    if not is_number(value):
        run.warn("INVALID_TYPE", f"Expected number but found '{shown(value)}'")
        return None
    return negated(value)


def negated(number: Any) -> Number:
    """Change the sign of what is known to be a number."""
    return -number if type(number) is int else DECIMAL.minus(number)


def _numeric(
    calculate: Callable[[Number, Number], Decimal],
    left: Number,
    right: Any,
    run: Run,
) -> Number | None:
    if is_number(right):
        return finite(calculate(left, right), run)
    run.warn("INVALID_TYPE", f"Expected number but found '{shown(right)}'")
    return None


def _temporal(
    calculate: Callable[[Any, Any], Any],
    left: Any,
    right: Any,
    run: Run,
    complaint: str,
) -> Any:
    try:
        result = calculate(left, right)
    except (ArithmeticError, ValueError):
        result = None
    if result is None:
        run.warn("INVALID_TYPE", _complain(left, right, complaint))
    return result


def _complain(left: Any, right: Any, complaint: str) -> str:
    is_time = type(left) is FeelTime and "add" in complaint
    if is_time or (type(left) is DayTimeDuration and "subtract" in complaint):
        return f"Expected days-time-duration but found '{shown(right)}'"
    return complaint.format(shown(left), shown(right))


OPERATIONS: Final[dict[str, Callable[[Any, Any, Run], Any]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
"""What an operator calculates; null, with a warning, for values that it does not take."""
