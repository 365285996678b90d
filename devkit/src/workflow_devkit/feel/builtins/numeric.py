"""Functions about numbers."""

from __future__ import annotations

import decimal
import math
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from workflow_devkit.feel.arithmetic import DECIMAL, NO_NUMBER, finite
from workflow_devkit.feel.builtins.arguments import integer, number, text
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.numbers import Number
from workflow_devkit.feel.run import EvaluationFailedError, Run
from workflow_devkit.feel.temporal.durations import DayTimeDuration, YearMonthDuration

_MAX_SCALE: Final = 6176
"""The smallest exponent of a decimal128 with all its digits: 6143 and 33."""

_EXACT: Final = decimal.Context(prec=_MAX_SCALE * 3)
"""Holds every digit of two decimal128 numbers, however far apart."""


def round_to(value: Any, scale: Any, mode: str) -> Number:
    """Round a number to ``scale`` digits after the point."""
    digits, given = integer(scale), number(value)
    if abs(digits) > _MAX_SCALE:
        raise IllegalArgumentError
    if type(given) is int and digits == 0:
        return given
    place = Decimal(1).scaleb(-digits)
    return finite(Decimal(given).quantize(place, rounding=mode, context=_EXACT))


def _rounding(mode: str) -> Callable[[Run, Any, Any], Number]:
    return lambda _run, value, scale: round_to(value, scale, mode)


def _rounding_whole(mode: str) -> Callable[[Run, Any], Number]:
    return lambda _run, value: round_to(value, 0, mode)


_MODES: Final = {
    "UP": decimal.ROUND_UP,
    "DOWN": decimal.ROUND_DOWN,
    "CEILING": decimal.ROUND_CEILING,
    "FLOOR": decimal.ROUND_FLOOR,
    "HALF_UP": decimal.ROUND_HALF_UP,
    "HALF_DOWN": decimal.ROUND_HALF_DOWN,
    "HALF_EVEN": decimal.ROUND_HALF_EVEN,
    # Rounded all the same; a number that this changes is refused afterwards.
    "UNNECESSARY": decimal.ROUND_HALF_EVEN,
}


def _decimal_with_mode(_run: Run, value: Any, scale: Any, mode: Any) -> Number:
    # Types first: a wrong one is refused before a mode that does not exist.
    number(value), number(scale)
    if text(mode).upper() not in _MODES:
        known = ", ".join(_MODES)
        message = f"Illegal argument '{mode}' for rounding mode. Must be one of: {known}"
        raise IllegalArgumentError(message)
    rounded = round_to(value, scale, _MODES[mode.upper()])
    if mode.upper() == "UNNECESSARY" and rounded != value:
        raise IllegalArgumentError(
            "Failed to apply rounding mode 'UNNECESSARY': Rounding necessary"
        )
    return rounded


def _abs(_run: Run, value: Any) -> Any:
    if type(value) is DayTimeDuration:
        return DayTimeDuration(abs(value.nanos))
    if type(value) is YearMonthDuration:
        return YearMonthDuration(abs(value.months))
    given = number(value)
    return given.copy_abs() if isinstance(given, Decimal) else abs(given)


def _modulo(_run: Run, dividend: Any, divisor: Any) -> Number:
    left, right = number(dividend), number(divisor)
    if right == 0:
        # The texts are those of Java's BigDecimal, which tells 0 by 0 apart.
        kind = "by zero" if left else "undefined"
        raise EvaluationFailedError(f"java.lang.ArithmeticException: Division {kind}")
    if type(left) is int and type(right) is int:
        return left % right
    # The result has the divisor's sign; the library's remainder has the dividend's.
    rest = DECIMAL.add(_EXACT.remainder(left, right), right)
    return finite(_EXACT.remainder(rest, right))


def _float(calculate: Callable[[float], float]) -> Callable[[Run, Any], Number]:
    def function(_run: Run, value: Any) -> Number:
        try:
            # By doubles, as the real engine does: what none can hold is its NumberFormatException.
            result = calculate(float(number(value)))
        except (ValueError, OverflowError):
            raise EvaluationFailedError(f"java.lang.NumberFormatException: {NO_NUMBER}") from None
        return finite(Decimal(repr(result)))

    return function


def _sqrt(run: Run, value: Any) -> Number | None:
    return None if number(value) < 0 else _float(math.sqrt)(run, value)


def _odd(_run: Run, value: Any) -> bool:
    given = number(value)
    return given == int(given) and int(given) % 2 == 1


def _even(_run: Run, value: Any) -> bool:
    given = number(value)
    return given == int(given) and int(given) % 2 == 0


def _random(_run: Run) -> Number:
    return Decimal(repr(random.random()))  # noqa: S311  FEEL promises no secrecy


NUMERIC: Final = (
    Builtin("decimal", ("n", "scale"), _rounding(decimal.ROUND_HALF_EVEN)),
    Builtin("decimal", ("n", "scale", "mode"), _decimal_with_mode),
    Builtin("floor", ("n",), _rounding_whole(decimal.ROUND_FLOOR)),
    # `scala`, here and below, is how feel-scala 1.17 names the parameter.
    Builtin("floor", ("n", "scala"), _rounding(decimal.ROUND_FLOOR)),
    Builtin("ceiling", ("n",), _rounding_whole(decimal.ROUND_CEILING)),
    Builtin("ceiling", ("n", "scale"), _rounding(decimal.ROUND_CEILING)),
    Builtin("round up", ("n", "scale"), _rounding(decimal.ROUND_UP)),
    Builtin("round down", ("n", "scale"), _rounding(decimal.ROUND_DOWN)),
    Builtin("round half up", ("n", "scale"), _rounding(decimal.ROUND_HALF_UP)),
    Builtin("round half down", ("n", "scala"), _rounding(decimal.ROUND_HALF_DOWN)),
    Builtin("abs", ("number",), _abs),
    Builtin("abs", ("n",), _abs),
    Builtin("modulo", ("dividend", "divisor"), _modulo),
    Builtin("sqrt", ("number",), _sqrt),
    Builtin("log", ("number",), _float(math.log)),
    Builtin("exp", ("number",), _float(math.exp)),
    Builtin("odd", ("number",), _odd),
    Builtin("even", ("number",), _even),
    Builtin("random number", (), _random),
)
