"""Functions about truth and absence."""

from __future__ import annotations

from typing import Any, Final

from workflow_devkit.feel.builtins.signature import Builtin
from workflow_devkit.feel.run import AssertionFailedError, Run
from workflow_devkit.feel.values import shown


def _not(_run: Run, value: Any) -> bool | None:
    # Recorded: null without a warning, where operators would warn about a missing boolean.
    return not value if type(value) is bool else None


def _is_defined(_run: Run, value: Any) -> bool:
    return value is not None


def _get_or_else(_run: Run, value: Any, default: Any) -> Any:
    return default if value is None else value


def _assert(run: Run, value: Any, condition: Any) -> Any:
    return _assert_with_cause(run, value, condition, "The condition is not fulfilled")


def _assert_with_cause(run: Run, value: Any, condition: Any, cause: Any) -> Any:
    if condition is True:
        return value
    # A cause that is no text is complained about only where it is needed.
    if type(cause) is not str:
        given = ", ".join(f"'{shown(argument)}'" for argument in (value, condition, cause))
        cause = f"Illegal arguments: {given}"
    run.warn("ASSERT_FAILURE", cause)
    raise AssertionFailedError(cause)


BOOLEAN: Final = (
    Builtin("not", ("negand",), _not),
    Builtin("is defined", ("value",), _is_defined),
    Builtin("get or else", ("value", "default"), _get_or_else),
    Builtin("assert", ("value", "condition"), _assert),
    Builtin("assert", ("value", "condition", "cause"), _assert_with_cause),
)
