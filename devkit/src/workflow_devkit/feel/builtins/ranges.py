"""Functions about how points and ranges lie to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.comparing import is_point, kind_of, order_key
from workflow_devkit.feel.run import EvaluationFailedError, Run
from workflow_devkit.feel.values import FeelRange, display

_Test = Callable[[Any, Any], bool]


def _low(bounds: FeelRange) -> Any:
    return order_key(bounds.low)


def _high(bounds: FeelRange) -> Any:
    return order_key(bounds.high)


def _point_before_range(point: Any, bounds: FeelRange) -> bool:
    key, low = order_key(point), _low(bounds)
    return bool(key < low or (key == low and not bounds.low_closed))


def _range_before_point(bounds: FeelRange, point: Any) -> bool:
    key, high = order_key(point), _high(bounds)
    return bool(high < key or (key == high and not bounds.high_closed))


def _range_before_range(one: FeelRange, other: FeelRange) -> bool:
    if _high(one) != _low(other):
        return bool(_high(one) < _low(other))
    return not (one.high_closed and other.low_closed)


def _meets(one: FeelRange, other: FeelRange) -> bool:
    return one.high_closed and other.low_closed and bool(_high(one) == _low(other))


def _overlaps(one: FeelRange, other: FeelRange) -> bool:
    return not _range_before_range(one, other) and not _range_before_range(other, one)


def _starts_earlier(one: FeelRange, other: FeelRange) -> bool:
    if _low(one) != _low(other):
        return bool(_low(one) < _low(other))
    return one.low_closed and not other.low_closed


def _ends_earlier(one: FeelRange, other: FeelRange) -> bool:
    if _high(one) != _high(other):
        return bool(_high(one) < _high(other))
    return other.high_closed and not one.high_closed


def _overlaps_before(one: FeelRange, other: FeelRange) -> bool:
    return (
        _overlaps(one, other)
        and not _starts_earlier(other, one)
        and (_starts_earlier(one, other))
        and not _ends_earlier(other, one)
    )


def _same_end(one: FeelRange, other: FeelRange) -> bool:
    return bool(_high(one) == _high(other)) and one.high_closed == other.high_closed


def _same_start(one: FeelRange, other: FeelRange) -> bool:
    return bool(_low(one) == _low(other)) and one.low_closed == other.low_closed


def _finishes(one: FeelRange, other: FeelRange) -> bool:
    return _same_end(one, other) and not _starts_earlier(one, other)


def _starts(one: FeelRange, other: FeelRange) -> bool:
    return _same_start(one, other) and not _ends_earlier(other, one)


def _includes(one: FeelRange, other: FeelRange) -> bool:
    return not _starts_earlier(other, one) and not _ends_earlier(one, other)


def _point_in(point: Any, bounds: FeelRange) -> bool:
    # The ends count by themselves: `[3..1]` holds nothing between them, but includes 3.
    within = bool(_low(bounds) < order_key(point) < _high(bounds))
    return within or _point_starts(point, bounds) or _point_finishes(point, bounds)


def _point_starts(point: Any, bounds: FeelRange) -> bool:
    return bounds.low_closed and bool(order_key(point) == _low(bounds))


def _point_finishes(point: Any, bounds: FeelRange) -> bool:
    return bounds.high_closed and bool(order_key(point) == _high(bounds))


def _swapped(test: _Test) -> _Test:
    return lambda one, other: test(other, one)


def _coincides(one: FeelRange, other: FeelRange) -> bool:
    return _same_start(one, other) and _same_end(one, other)


def _kinds(value: Any) -> set[str | None]:
    if type(value) is FeelRange:
        return {kind_of(value.low), kind_of(value.high)}
    return {kind_of(value)}


def _check(one: Any, other: Any) -> None:
    first = one.low if type(one) is FeelRange else one
    if len(_kinds(one) | _kinds(other)) > 1 or not is_point(first):
        raise IllegalArgumentError


_POINTS: Final = (False, False)
_POINT_RANGE: Final = (False, True)
_RANGE_POINT: Final = (True, False)
_RANGES: Final = (True, True)

_PARAMETERS: Final = {
    _POINTS: ("point1", "point2"),
    _POINT_RANGE: ("point", "range"),
    _RANGE_POINT: ("range", "point"),
    _RANGES: ("range1", "range2"),
}

_TESTS: Final[dict[str, dict[tuple[bool, bool], _Test]]] = {
    "before": {
        _POINTS: lambda one, other: bool(order_key(one) < order_key(other)),
        _POINT_RANGE: _point_before_range,
        _RANGE_POINT: _range_before_point,
        _RANGES: _range_before_range,
    },
    "after": {
        _POINTS: lambda one, other: bool(order_key(one) > order_key(other)),
        _POINT_RANGE: _swapped(_range_before_point),
        _RANGE_POINT: _swapped(_point_before_range),
        _RANGES: _swapped(_range_before_range),
    },
    "meets": {_RANGES: _meets},
    "met by": {_RANGES: _swapped(_meets)},
    "overlaps": {_RANGES: _overlaps},
    "overlaps before": {_RANGES: _overlaps_before},
    "overlaps after": {_RANGES: _swapped(_overlaps_before)},
    "finishes": {_POINT_RANGE: _point_finishes, _RANGES: _finishes},
    "finished by": {_RANGE_POINT: _swapped(_point_finishes), _RANGES: _swapped(_finishes)},
    "includes": {_RANGE_POINT: _swapped(_point_in), _RANGES: _includes},
    "during": {_POINT_RANGE: _point_in, _RANGES: _swapped(_includes)},
    "starts": {_POINT_RANGE: _point_starts, _RANGES: _starts},
    "started by": {_RANGE_POINT: _swapped(_point_starts), _RANGES: _swapped(_starts)},
    "coincides": {
        _POINTS: lambda one, other: bool(one == other),
        _RANGES: _coincides,
        _POINT_RANGE: lambda _point, _range: False,
        _RANGE_POINT: lambda _range, _point: False,
    },
}


def _by_shape(tests: dict[tuple[bool, bool], _Test]) -> Callable[[Run, Any, Any], bool]:
    def function(_run: Run, one: Any, other: Any) -> bool:
        _check(one, other)
        test = tests.get((type(one) is FeelRange, type(other) is FeelRange))
        if test is None:
            # feel-scala throws for shapes that it has no case for, such as a point that overlaps.
            given = f"({display(one)},{display(other)})"
            raise EvaluationFailedError(f"scala.MatchError: {given} (of class scala.Tuple2)")
        return test(one, other)

    return function


def _signatures() -> tuple[Builtin, ...]:
    return tuple(
        # The first signature gets every call by position, and tells the shapes apart itself; the
        # others are for calls by the names of parameters.
        Builtin(name, _PARAMETERS[shape], _by_shape(tests))
        for name, tests in _TESTS.items()
        for shape in tests
    )


RANGES: Final = _signatures()
