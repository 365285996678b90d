"""Equality and order of values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, Final

from workflow_devkit.feel.run import EvaluationFailedError, Run, not_boolean
from workflow_devkit.feel.temporal.dates_and_times import FeelDate, FeelDateTime, FeelTime
from workflow_devkit.feel.temporal.durations import DayTimeDuration, YearMonthDuration
from workflow_devkit.feel.temporal.zones import format_offset
from workflow_devkit.feel.values import FeelRange, enter, shown

_KINDS: Final[dict[type, str]] = {
    int: "number",
    Decimal: "number",
    str: "string",
    bool: "boolean",
    list: "list",
    dict: "context",
    FeelDate: "date",
    DayTimeDuration: "day-time",
    YearMonthDuration: "year-month",
    FeelRange: "range",
}
# None is the kind of null and of functions.
_UNORDERED: Final = frozenset({"boolean", "list", "context", "range", None})


def kind_of(value: Any) -> str | None:
    """Name what a value can be compared with; None for functions and the like."""
    kind = type(value)
    # As in feel-scala, times with and without an offset are of different types.
    if kind is FeelTime:
        return "local time" if value.is_local else "time"
    if kind is FeelDateTime:
        return "local date-time" if value.is_local else "date-time"
    return _KINDS.get(kind)


def _mismatch(left: Any, right: Any, run: Run) -> Any:
    return run.warn("NOT_COMPARABLE", f"Can't compare '{shown(left)}' with '{shown(right)}'")


def equal(left: Any, right: Any, run: Run) -> Any:
    """Compare for equality; null, with a warning, for values of different types."""
    same = _same(left, right, run)
    return _mismatch(left, right, run) if same is None else same


def _same(left: Any, right: Any, run: Run) -> bool | None:
    # Null may be compared with anything and equals only null: no warning.
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind is None or kind != kind_of(right):
        return None
    if kind == "list":
        return _same_items(left, right, run)
    if kind == "context":
        run.step(1 + len(left))
        return left.keys() == right.keys() and _same_items(
            left.values(), [right[key] for key in left], run
        )
    return bool(left == right)


def _same_items(left: Collection[Any], right: Collection[Any], run: Run) -> bool:
    # A shared part is compared once for each of its uses; the steps end that in time
    # (test_feel_limits.py: a value that shares its parts).
    run.step(1 + len(left))
    if len(left) != len(right):
        return False
    # Elements of different types make the lists unequal: no null, and no warning.
    return all(_same(one, other, run) is True for one, other in zip(left, right, strict=True))


def unequal(left: Any, right: Any, run: Run) -> bool | None:
    """Compare for inequality; null for values of different types."""
    # As in feel-scala, `!=` negates `=`: a null makes a second warning, about a missing boolean.
    same = equal(left, right, run)
    return not_boolean(same, run) if same is None else not same


def is_ordered(value: Any) -> bool:
    """Tell whether values of this kind come one after the other."""
    return kind_of(value) not in _UNORDERED


def identity(value: Any, run: Run) -> Any:
    """Give something hashable that equal values share, and no others."""
    run.step()
    value = enter(value)
    if type(value) is list:
        return ("list", tuple(identity(item, run) for item in value))
    if type(value) is dict:
        # feel-scala takes only the very same context for equal here: docs/reference/feel.md.
        return ("context", frozenset((key, identity(item, run)) for key, item in value.items()))
    # The kind keeps apart what is equal to Python, such as `True` and 1.
    return (kind_of(value), value)


def refuse_lists(*values: Any) -> None:
    """Give up on lists that seem to be ordered, where feel-scala throws.

    Raises:
        EvaluationFailedError: each is a list of elements of one ordered kind.
    """
    if all(type(value) is list and seems_ordered(value) for value in values):
        raise lists_compared(*values[:2])


def lists_compared(left: Any, right: Any) -> EvaluationFailedError:
    """Give what feel-scala throws when it orders lists."""
    shapes = f"{shown(left)} can not be compared to {shown(right)}"
    return EvaluationFailedError(f"java.lang.IllegalArgumentException: {shapes}")


def seems_ordered(value: Any) -> bool:
    """Tell whether feel-scala takes a value for one that can be ordered: of a list, its first."""
    if type(value) is not list:
        return is_ordered(value)
    kinds = {kind_of(item) for item in value}
    return len(kinds) == 1 and seems_ordered(value[0])


def is_point(value: Any) -> bool:
    """Tell whether a value can be the end of a range that is a value itself."""
    # A range of texts can be a test but no value: `before([1..5], ["a".."b"])` is null.
    return type(value) is not str and is_ordered(value)


def order_key(value: Any) -> Any:
    """Give what values of one kind are ordered by."""
    kind = type(value)
    if kind is FeelTime:
        return value.utc_nanos
    if kind is FeelDateTime:
        # Java orders date-times of one moment by the clock's face, then by the name of the zone.
        return value.utc_nanos, value.local_nanos, value.zone or format_offset(value.offset or 0)
    return value


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any, Run], bool | None]:
    def ordered(left: Any, right: Any, run: Run) -> Any:
        kind = kind_of(left)
        if kind in _UNORDERED or kind != kind_of(right):
            refuse_lists(left, right)
            return _mismatch(left, right, run)
        return compare(order_key(left), order_key(right))

    return ordered


COMPARISONS: Final[dict[str, Callable[[Any, Any, Run], bool | None]]] = {
    "=": equal,
    "!=": unequal,
    "<": _ordering(operator.lt),
    "<=": _ordering(operator.le),
    ">": _ordering(operator.gt),
    ">=": _ordering(operator.ge),
}
"""What an operator answers: true, false, or null where the values cannot be compared."""

FAST_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""What an operator answers for two numbers, or two texts: there is always an answer."""


def in_range(value: Any, bounds: FeelRange, run: Run) -> bool | None:
    """Tell whether a value lies between the ends; null where it cannot be compared with them."""
    kind = kind_of(value)
    if kind in _UNORDERED or not kind == kind_of(bounds.low) == kind_of(bounds.high):
        refuse_lists(value, bounds.low, bounds.high)
        ends = f"'{shown(bounds.low)}' and '{shown(bounds.high)}'"
        run.warn("NOT_COMPARABLE", f"Can't compare '{shown(value)}' with {ends}")
        return None
    key, low, high = order_key(value), order_key(bounds.low), order_key(bounds.high)
    above = low <= key if bounds.low_closed else low < key
    return bool(above and (key <= high if bounds.high_closed else key < high))
