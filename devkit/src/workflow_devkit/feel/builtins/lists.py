"""Functions about lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cmp_to_key
from typing import Any, Final

from workflow_devkit.feel.builtins.arguments import integer, items
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.comparing import identity
from workflow_devkit.feel.run import AssertionFailedError, EvaluationFailedError, Run
from workflow_devkit.feel.values import FeelFunction, enter, shown


def _contains(run: Run, given: Any, element: Any) -> bool:
    wanted = identity(element, run)
    return any(identity(item, run) == wanted for item in items(given))


def _count(_run: Run, given: Any) -> int:
    return len(items(given))


def _decide(values: list[Any], decisive: bool) -> Any:
    answer: Any = not decisive
    for value in values:
        if value is decisive:
            return decisive
        # Recorded: what is no boolean makes the answer null, without a warning.
        if type(value) is not bool:
            answer = None
    return answer


def _all(_run: Run, given: Any) -> Any:
    return _decide(items(given), decisive=False)


def _any(_run: Run, given: Any) -> Any:
    return _decide(items(given), decisive=True)


def _sublist(_run: Run, given: Any, start: Any) -> list[Any]:
    source = items(given)
    return source[max(_start(start, len(source)), 0) :]


def _sublist_of_length(_run: Run, given: Any, start: Any, length: Any) -> list[Any]:
    source = items(given)
    first = _start(start, len(source))
    return source[max(first, 0) : max(first + integer(length), 0)]


def _start(position: Any, length: int) -> int:
    start = integer(position)
    # Position 0 is behind the last element, which is why `remove(list, 0)` doubles the list.
    return start - 1 if start > 0 else length + start


def _append(_run: Run, given: Any, more: Any) -> list[Any]:
    return [*items(given), *items(more)]


def _concatenate(run: Run, lists: Any) -> list[Any]:
    joined: list[Any] = []
    for part in items(lists):
        if type(part) is list:
            joined.extend(part)
        else:
            # What is no list counts as a list of one, null too (recorded).
            joined.append(part)
        run.build(len(joined))
    return joined


def _insert_before(_run: Run, given: Any, position: Any, item: Any) -> list[Any]:
    source = list(items(given))
    source.insert(max(_start(position, len(source)), 0), item)
    return source


def _remove(_run: Run, given: Any, position: Any) -> list[Any]:
    """Leave an element out; at 0 the list is doubled, as feel-scala does."""
    source = items(given)
    before = max(_start(position, len(source)), 0)
    return [*source[:before], *source[max(_start(integer(position) + 1, len(source)), 0) :]]


def _reverse(_run: Run, given: Any) -> list[Any]:
    return items(given)[::-1]


def _index_of(run: Run, given: Any, match: Any) -> list[int]:
    wanted = identity(match, run)
    found = enumerate(items(given), start=1)
    return [place for place, item in found if identity(item, run) == wanted]


def _distinct(run: Run, values: Iterable[Any]) -> list[Any]:
    seen: dict[Any, Any] = {}
    for value in values:
        seen.setdefault(identity(value, run), value)
    return list(seen.values())


def _union(run: Run, lists: Any) -> list[Any]:
    return _distinct(run, _concatenate(run, lists))


def _distinct_values(run: Run, given: Any) -> list[Any]:
    return _distinct(run, items(given))


def _duplicate_values(run: Run, given: Any) -> list[Any]:
    keys = [identity(value, run) for value in items(given)]
    counts = Counter(keys)
    # Reversed, so that the first of equal values is the one that stays.
    first = dict(zip(reversed(keys), reversed(given), strict=True))
    return [first[key] for key in counts if counts[key] > 1]


def _flatten(run: Run, given: Any) -> list[Any]:
    flat: list[Any] = []
    # A stack of its own: lists may nest deeper than calls of Python may.
    stack = [iter(items(given))]
    while stack:
        for item in stack[-1]:
            run.step()
            if type(item) is list:
                stack.append(iter(item))
                break
            flat.append(item)
        else:
            stack.pop()
    return flat


_UNSORTED: Final = "fail to sort list by given precedes function"


def _sort(run: Run, given: Any, precedes: Any) -> list[Any]:
    items(given)
    if type(precedes) is not FeelFunction:
        raise IllegalArgumentError
    count = len(precedes.parameters)
    if count != 2:  # noqa: PLR2004
        raise IllegalArgumentError(f"expect boolean function with 2 arguments, but found '{count}'")

    def before(left: Any, right: Any) -> bool:
        try:
            answer = precedes.invoke([enter(left), enter(right)], run)
        except AssertionFailedError:
            raise  # what the expression demands itself is no reason to go on with null
        except EvaluationFailedError as error:
            reason = str(error).removeprefix("java.lang.IllegalArgumentException: ")
            raise IllegalArgumentError(f"{_UNSORTED}: {reason}") from error
        if type(answer) is not bool:
            raise IllegalArgumentError(f"{_UNSORTED}: expected boolean but found '{shown(answer)}'")
        return answer

    def compare(left: Any, right: Any) -> int:
        # Asked both ways: where neither precedes the other, they keep their order.
        if before(left, right):
            return -1
        return 1 if before(right, left) else 0

    return sorted(items(given), key=cmp_to_key(compare))


def _truth_functions() -> tuple[Builtin, ...]:
    family = {"all": _all, "and": _all, "any": _any, "or": _any}
    return tuple(Builtin(name, ("list",), call, variadic=True) for name, call in family.items())


LISTS: Final = (
    *_truth_functions(),
    Builtin("list contains", ("list", "element"), _contains),
    Builtin("count", ("list",), _count),
    Builtin("sublist", ("list", "start"), _sublist),
    Builtin("sublist", ("list", "start", "length"), _sublist_of_length),
    Builtin("append", ("list", "items"), _append, variadic=True),
    Builtin("concatenate", ("lists",), _concatenate, variadic=True),
    Builtin("insert before", ("list", "position", "newItem"), _insert_before),
    Builtin("remove", ("list", "position"), _remove),
    Builtin("reverse", ("list",), _reverse),
    Builtin("index of", ("list", "match"), _index_of),
    Builtin("union", ("lists",), _union, variadic=True),
    Builtin("distinct values", ("list",), _distinct_values),
    Builtin("duplicate values", ("list",), _duplicate_values),
    Builtin("flatten", ("list",), _flatten),
    Builtin("sort", ("list", "precedes"), _sort),
)
