"""Sums, products and powers of numbers, and the way to those of temporal values."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException
from typing import Any, Final

from workflow_devkit.feel.limits import MAX_TEXT, LimitReachedError
from workflow_devkit.feel.numbers import Number, is_number, java_int
from workflow_devkit.feel.run import EvaluationFailedError, Run
from workflow_devkit.feel.temporal.temporal_arithmetic import (
    add_temporal,
    divide_temporal,
    multiply_temporal,
    subtract_temporal,
)
from workflow_devkit.feel.values import shown

# No traps: what is no number comes out as NaN or infinity, which `finite` makes a failure.
DECIMAL: Final = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
"""IEEE 754 decimal128: 34 digits."""

# Whole numbers below it have at most 34 digits: as ints they lose nothing.
_LIMIT: Final = 10**34
_MAX_POWER: Final = 999_999_999
"""The largest exponent that Java's ``BigDecimal.pow`` takes."""


NO_NUMBER: Final = "the result is not a number that can be written"


def finite(number: Decimal) -> Number:
    """Give a result of the decimal context, zero without a sign.

    Raises:
        EvaluationFailedError: there is no such number.
    """
    if number.is_finite():
        # Python's decimals have a negative zero, Java's `BigDecimal` has none.
        return number or number.copy_abs()
    raise EvaluationFailedError(NO_NUMBER)


def whole(number: int) -> Number:
    """Give the result of integers, rounded to 34 digits if it is longer."""
    if -_LIMIT < number < _LIMIT:
        return number
    return finite(DECIMAL.plus(Decimal(number)))


def add(left: Any, right: Any, run: Run) -> Any:
    """Add numbers, join texts, move temporal values."""
    # By exact type, here and below: a bool is an int to Python, and no number in FEEL.
    if type(left) is int and type(right) is int:
        return whole(left + right)
    if is_number(left) and is_number(right):
        return finite(DECIMAL.add(left, right))
    if type(left) is str and type(right) is str:
        return _join(left, right, run)
    return _temporal(add_temporal, left, right, run, "Can't add '{1}' to '{0}'")


def _join(left: str, right: str, run: Run) -> str:
    if len(left) + len(right) > MAX_TEXT:
        raise LimitReachedError(f"limit of {MAX_TEXT} characters reached")
    # Copying takes time: texts that are joined use up a step for each 64 characters.
    run.step((len(left) + len(right)) // 64)
    return left + right


def subtract(left: Any, right: Any, run: Run) -> Any:
    """Subtract numbers and temporal values."""
    if type(left) is int and type(right) is int:
        return whole(left - right)
    if is_number(left) and is_number(right):
        return finite(DECIMAL.subtract(left, right))
    return _temporal(subtract_temporal, left, right, run, "Can't subtract '{1}' from '{0}'")


def multiply(left: Any, right: Any, run: Run) -> Any:
    """Multiply numbers, or a duration by a number."""
    if type(left) is int and type(right) is int:
        return whole(left * right)
    if is_number(left) and is_number(right):
        return finite(DECIMAL.multiply(left, right))
    return _temporal(multiply_temporal, left, right, run, "Can't multiply '{0}' by '{1}'")


def divide(left: Any, right: Any, run: Run) -> Any:
    """Divide numbers, durations by numbers, and durations of one kind by each other."""
    if is_number(left) and is_number(right) and right:
        # Whole quotients stay ints, which calculate faster than decimals.
        if type(left) is int and type(right) is int and left % right == 0:
            return left // right
        return finite(DECIMAL.divide(left, right))
    # Division by zero ends here too: null and a warning, no failure as of `modulo`.
    return _temporal(divide_temporal, left, right, run, "Can't divide '{0}' by '{1}'")


def power(left: Any, right: Any, run: Run) -> Any:
    """Raise a number to a power: a whole one in 34 digits, another as a float."""
    for value in (left, right):
        if not is_number(value):
            return run.not_of_type(value, "number")
    # `BigDecimal.pow` takes a Java int: of a whole exponent the lowest 32 bits count.
    if right == int(right):
        return _whole_power(left, java_int(right))
    try:
        # feel-scala leaves powers that are not whole to Java's doubles.
        result = math.pow(left, right)
    except (ValueError, OverflowError):
        result = math.nan
    # By its text: a decimal of the float itself would show all its binary digits.
    return finite(Decimal(repr(result)))


def _whole_power(number: Number, exponent: int) -> Number:
    if abs(exponent) > _MAX_POWER:
        raise EvaluationFailedError("Invalid operation")
    if exponent == 0:
        return 1
    # As in Java a zero keeps its digits: `0.0 ** 2` is 0.00.
    if isinstance(number, Decimal) and not number and exponent > 0:
        return number.scaleb(int(number.as_tuple().exponent) * (exponent - 1), DECIMAL)
    return finite(DECIMAL.power(number, exponent))


def negate(value: Any, run: Run) -> Any:
    """Change the sign of a number."""
    return negated(value) if is_number(value) else run.not_of_type(value, "number")


def negated(number: Any) -> Number:
    """Change the sign of what is known to be a number."""
    # Python's `-` rounds to 28 digits, so it is taken for ints and zeros only.
    if type(number) is int or not number:
        return -number
    negative: Decimal = number.copy_negate()
    return negative


def _temporal(
    calculate: Callable[[Any, Any], Any],
    left: Any,
    right: Any,
    run: Run,
    complaint: str,
) -> Any:
    try:
        result = calculate(left, right)
    except DecimalException as error:
        # The library's errors name their classes instead of saying what happened.
        raise EvaluationFailedError(NO_NUMBER) from error
    except (OverflowError, ValueError) as error:
        raise EvaluationFailedError(str(error)) from error
    if result is None:
        run.warn("INVALID_TYPE", complaint.format(shown(left), shown(right)))
    return result


OPERATIONS: Final[dict[str, Callable[[Any, Any, Run], Any]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
"""What an operator calculates; null, with a warning, for values that it does not take."""
