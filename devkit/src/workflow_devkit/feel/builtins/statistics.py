"""Functions that make one value of many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any, Final

from workflow_devkit.feel.arithmetic import DECIMAL, add, multiply
from workflow_devkit.feel.builtins.arguments import items, numbers
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.comparing import lists_compared, order_key, seems_ordered
from workflow_devkit.feel.numbers import Number
from workflow_devkit.feel.run import EvaluationFailedError, Run
from workflow_devkit.feel.values import shown


def _extreme(choose: Callable[..., Any]) -> Callable[[Run, Any], Any]:
    def function(_run: Run, given: Any) -> Any:
        values = items(given)
        if not values:
            return None
        if not seems_ordered(values):
            raise IllegalArgumentError(f"{shown(values)} is not comparable")
        # A list alone is the answer; feel-scala throws when it compares two (recorded).
        if len(values) > 1 and type(values[0]) is list:
            raise lists_compared(values[1], values[0])
        return choose(values, key=order_key)

    return function


def _sum(run: Run, given: Any) -> Number | None:
    return _fold(add, numbers(given), run)


def _product(run: Run, given: Any) -> Number | None:
    return _fold(multiply, numbers(given), run)


def _fold(
    operation: Callable[[Any, Any, Run], Any],
    values: list[Number],
    run: Run,
) -> Number | None:
    if not values:
        return None
    result: Number | None = values[0]
    for value in values[1:]:
        result = operation(result, value, run)
    return result


def _mean(run: Run, given: Any) -> Number | None:
    values = numbers(given)
    total = _fold(add, values, run)
    return None if total is None else DECIMAL.divide(total, len(values))


def _median(_run: Run, given: Any) -> Number | None:
    values = sorted(numbers(given))
    if not values:
        return None
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    return DECIMAL.divide(DECIMAL.add(values[middle - 1], values[middle]), 2)


def _stddev(run: Run, given: Any) -> Number | None:
    values = numbers(given)
    if len(values) == 1:
        raise EvaluationFailedError("java.lang.ArithmeticException: Division undefined")
    if not values:
        return None
    mean = DECIMAL.divide(_fold(add, values, run) or 0, len(values))
    squares = (DECIMAL.power(DECIMAL.subtract(value, mean), 2) for value in values)
    variance = DECIMAL.divide(reduce(DECIMAL.add, squares), len(values) - 1)
    # The root is that of a double, with 17 digits, as recorded.
    return Decimal(repr(math.sqrt(variance)))


def _mode(_run: Run, given: Any) -> list[Number]:
    # Equal numbers count together, however they are written: 1 and 1.0.
    counts = Counter(numbers(given))
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)


_FAMILY: Final[dict[str, Callable[[Run, Any], Any]]] = {
    "min": _extreme(min),
    "max": _extreme(max),
    "sum": _sum,
    "product": _product,
    "mean": _mean,
    "median": _median,
    "stddev": _stddev,
    "mode": _mode,
}

STATISTICS: Final = tuple(
    Builtin(name, ("list",), call, variadic=True) for name, call in _FAMILY.items()
)
