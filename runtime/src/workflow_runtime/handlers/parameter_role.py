"""What a parameter of a handler is filled with, or why nothing can fill it."""

from __future__ import annotations

import inspect
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal
from uuid import UUID

from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, to_json

from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.errors import HandlerError
from workflow_runtime.handlers.annotations import (
    has_alias,
    is_marker,
    is_object_class,
    is_scope,
    is_unknown,
    markers_of,
    plain_type,
)
from workflow_runtime.handlers.plain_parameters import is_data
from workflow_runtime.task import WorkflowTask

__all__ = ["Role", "role_of"]

Role = Literal["task", "scope", "variable", "rest", "dependency", "default"]

_EMPTY: Final = inspect.Parameter.empty
_VALUES: Final = frozenset(
    {
        *(type(None), str, int, float, bool, bytes, Decimal, UUID, date, datetime, time),
        *(timedelta, list, tuple, set, frozenset, dict),
    }
)
"""What values of JSON become; a default of these types stands for a variable's value."""


def role_of(
    where: str, parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None
) -> Role:
    """Decides what fills a parameter.

    Args:
        where: the handler, for errors.
        parameter: as the handler declares it.
        hint: its annotation as an object; None without one.
        resolver: gives dependencies; None if the service has none.

    Raises:
        HandlerError: nothing can fill it; names handler, parameter and remedy.
    """
    role = _role(where, parameter, hint, resolver)
    if role is None:
        stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        remedy = _remedy(parameter, hint, resolver)
        raise HandlerError(
            f"{where}: parameter '{stars}{parameter.name}' cannot be filled; {remedy}"
        )
    return role


def _role(
    where: str, parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None
) -> Role | None:
    given, kind = parameter.default, plain_type(hint)
    if parameter.kind is parameter.VAR_KEYWORD:
        return "rest"
    if parameter.kind is parameter.VAR_POSITIONAL or _foreign(parameter, hint):
        return None
    aliased = has_alias(hint, given)
    # A parameter without annotation is known by its name.
    if kind is WorkflowTask or (is_unknown(kind) and _is_called_task(parameter) and not aliased):
        return "task"
    if is_scope(hint) and not markers_of(hint) and not aliased:
        return "scope"
    if _is_variable(where, parameter, hint):
        return "variable"
    return _object_role(parameter, hint, resolver)


def _object_role(
    parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None
) -> Role | None:
    """The role of what is no JSON, but an object of the program."""
    if parameter.default is not _EMPTY:
        # Nobody would ever give another value than None.
        return None if parameter.default is None and _is_record(hint) else "default"
    return None if resolver is None or is_unknown(plain_type(hint)) else "dependency"


def _is_called_task(parameter: inspect.Parameter) -> bool:
    # Whoever does not use it calls it so, and linters ask for that. `_=gettext` is something else.
    unused = parameter.name in {"_task", "_"} and parameter.default is _EMPTY
    return unused or parameter.name == "task"


def _is_variable(where: str, parameter: inspect.Parameter, hint: Any) -> bool:
    given = parameter.default
    if is_unknown(plain_type(hint)) and not has_alias(hint, given):
        return not _is_left_over(parameter, hint) and (given is _EMPTY or _is_value(given))
    if markers_of(hint) or (is_object_class(hint) and not has_alias(hint, given)):
        return False
    # Most are of these types, and pydantic takes a millisecond to answer.
    known = any(hint is each for each in _VALUES) and not isinstance(given, FieldInfo)
    return known or is_data(where, parameter, hint)


def _is_value(given: Any) -> bool:
    """Whether JSON can hold a default: what stands for an object of the program is none."""
    if isinstance(given, FieldInfo):
        return True
    if type(given) not in _VALUES and not isinstance(given, Enum):
        return False
    try:
        to_json(given)
    except PydanticSerializationError:
        return False
    return True


def _foreign(parameter: inspect.Parameter, hint: Any) -> list[Any]:
    """What another framework would replace: a default, or what it reads from a request.

    Other marks of an annotation may stand for a dependency of ours too.
    """
    fields = [each for each in markers_of(hint) if isinstance(each, FieldInfo)]
    return [parameter.default] if is_marker(parameter.default) else fields


def _is_left_over(parameter: inspect.Parameter, hint: Any) -> bool:
    """Whether this is the object that a method has before it is taken from one."""
    return parameter.name in {"self", "cls"} and hint is None and parameter.default is _EMPTY


def _is_record(hint: Any) -> bool:
    return is_object_class(hint) and inspect.isclass(plain_type(hint))


def _remedy(parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None) -> str:
    kind = plain_type(hint)
    if parameter.kind is parameter.VAR_POSITIONAL:
        return (
            "variables have names: take each by its name, or all of them by **variables; a "
            "decorator's wrapper needs functools.wraps to show the parameters of its function"
        )
    for mark in _foreign(parameter, hint):
        return (
            f"nothing here replaces {type(mark).__name__}(...), which belongs to another library; "
            "for a variable write its type alone, for a dependency its class without a default, "
            "and give the builder a resolver"
        )
    if _is_left_over(parameter, hint):
        return "pass the method of an instance, such as Handlers().pay, not that of the class"
    by_resolver = "with the type of a dependency" if resolver else "give the builder a resolver"
    if _is_record(hint):
        return (
            f"{kind.__name__} may be the whole scope, one variable or a dependency: for the scope "
            f"make it a pydantic model, or decorate it with pydantic.dataclasses.dataclass; for a "
            f"variable write Annotated[{kind.__name__}, Field(alias={parameter.name!r})]; for a "
            "dependency " + ("leave the default away" if resolver else by_resolver)
        )
    return (
        "annotate it as WorkflowTask or as a pydantic model of the scope, as what JSON can hold "
        f"if it is a variable, or {by_resolver}" + ("" if resolver else " for it")
    )
