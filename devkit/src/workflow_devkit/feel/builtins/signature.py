"""What a built-in function takes, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workflow_devkit.feel.run import Run
from workflow_devkit.feel.values import shown


class IllegalArgumentError(Exception):
    """A function was given what it does not take: null and a warning."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """One signature of a built-in function.

    ``call`` takes the run and the arguments; the last parameter takes all that are left if
    ``variadic``.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., Any]
    variadic: bool = False

    def takes(self, count: int, names: list[str] | None) -> bool:
        """Tell whether a call with so many arguments, or with these names, is meant for it."""
        if names is not None:
            # A parameter that is not named is null, as in feel-scala.
            return set(names) <= set(self.parameters)
        wanted = len(self.parameters)
        return count == wanted or (self.variadic and count > wanted)


def call_builtin(builtin: Builtin, names: list[str] | None, values: list[Any], run: Run) -> Any:
    """Call a built-in function with values, which stand in the order of ``names`` if given."""
    if names is not None:
        given = dict(zip(names, values, strict=True))
        values = [given.get(name) for name in builtin.parameters]
    if builtin.variadic:
        values = _gather(builtin, values, names)
    # Long arguments use up more steps: a function may look at each element.
    run.step(_work(values))
    try:
        result = builtin.call(run, *values)
    except (IllegalArgumentError, ArithmeticError, ValueError, TypeError) as error:
        return _refuse(builtin, error, values, run)
    if type(result) is list:
        # Results use up steps too: what a loop makes in all stays within bounds.
        run.build(len(result))
        run.step(len(result) // 8)
    elif type(result) is str:
        run.step(len(result) // 64)
    return result


def _gather(builtin: Builtin, values: list[Any], names: list[str] | None) -> list[Any]:
    fixed = len(builtin.parameters) - 1
    if names is not None:
        # By name the arguments come as one list already: `union(lists: [[1], [2]])`.
        return values
    rest = values[fixed:]
    # As in feel-scala one list stands for the arguments: `min([1, 2])` is `min(1, 2)`.
    if len(rest) == 1 and type(rest[0]) is list and fixed == 0:
        return rest
    return [*values[:fixed], rest]


def _work(values: list[Any]) -> int:
    return 1 + sum(len(value) // 64 for value in values if type(value) in (list, str, dict))


def _refuse(builtin: Builtin, error: Exception, values: list[Any], run: Run) -> None:
    given = ", ".join(f"'{shown(value)}'" for value in values)
    # Errors of Python's own have texts that the real engine's warnings do not have.
    reason = str(error) if isinstance(error, IllegalArgumentError) and str(error) else None
    text = reason or f"Illegal arguments: {given}"
    run.warn("FUNCTION_INVOCATION_FAILURE", f"Failed to invoke function '{builtin.name}': {text}")
