"""What an annotation of a handler's parameter stands for."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Collection, Iterable
from typing import Annotated, Any, Final, NewType, Union

from pydantic import BaseModel
from pydantic.dataclasses import is_pydantic_dataclass
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from typing_extensions import TypeAliasType, is_typeddict

__all__ = [
    "eager",
    "has_alias",
    "is_marker",
    "is_object_class",
    "is_scope",
    "is_unknown",
    "markers_of",
    "plain_type",
    "without_none",
]

_ALIASES: Final = tuple({TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType)})
_UNIONS: Final = (Union, types.UnionType)
_MARKERS: Final = frozenset(
    {
        *("Depends", "Security", "TaskiqDepends", "Provide", "Provider", "Inject", "Injected"),
        *("FromComponent", "OptionInfo", "ArgumentInfo"),
        *("ParameterKwarg", "DependencyKwarg", "BodyKwarg"),
    }
)
"""Classes by which other libraries mark what they inject."""


def plain_type(hint: Any) -> Any:
    """The type below ``Annotated``, aliases and ``… | None``."""
    while True:
        origin = typing.get_origin(hint)
        if origin is Annotated:
            hint = hint.__origin__
        elif isinstance(hint, _ALIASES):
            hint = hint.__value__
        elif isinstance(origin, _ALIASES):
            hint = origin.__value__[typing.get_args(hint)]
        elif origin in _UNIONS and without_none(hint) != hint:
            hint = without_none(hint)
        else:
            return hint


def without_none(hint: Any) -> Any:
    """``S`` of ``S | None``; other types as they are."""
    return Union[_choices(hint)]  # noqa: UP007 - of a tuple


def is_scope(hint: Any) -> bool:
    """Whether a parameter of this type takes the scope: pydantic can make one of JSON."""
    hint = plain_type(hint)
    if isinstance(hint, NewType):
        return is_scope(hint.__supertype__)
    choices = _choices(hint)
    if len(choices) > 1:
        return all(map(is_scope, choices))
    kind = typing.get_origin(hint) or hint
    if not inspect.isclass(kind):
        return False
    # Settings come from the environment, never from a process.
    model = issubclass(kind, BaseModel) and not issubclass(kind, BaseSettings)
    return model or is_typeddict(kind) or is_pydantic_dataclass(kind)


def is_object_class(hint: Any) -> bool:
    """Whether pydantic could read this, but it is an object of the program's own all the same.

    Settings come from the environment. A plain dataclass or named tuple may be a dependency, the
    whole scope or one variable: the annotation has to tell.
    """
    kind = plain_type(hint)
    if isinstance(kind, NewType):
        return is_object_class(kind.__supertype__)
    if not inspect.isclass(kind):
        return typing.get_origin(kind) is type
    record = dataclasses.is_dataclass(kind) and not is_pydantic_dataclass(kind)
    return record or issubclass(kind, BaseSettings) or hasattr(kind, "_fields")


def eager(hint: Any) -> Any:
    """A list for what is only known to be iterable: pydantic would look at it as it is read."""
    origin, inside = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin is Iterable or origin is Collection:
        return types.GenericAlias(list, inside or (Any,))
    if origin is Annotated:
        return Annotated[(eager(hint.__origin__), *hint.__metadata__)]
    if origin in _UNIONS:
        return Union[tuple(map(eager, inside))]  # noqa: UP007 - of a tuple
    return hint


def is_unknown(hint: Any) -> bool:
    """Whether an annotation says nothing: there is none, or it takes everything."""
    return hint is None or hint is Any or hint is object


def has_alias(hint: Any, default: Any = None) -> bool:
    """Whether pydantic's ``Field`` says what the variable of a parameter is called."""
    marks = (*getattr(hint, "__metadata__", ()), default)
    fields = [each for each in marks if isinstance(each, FieldInfo)]
    return any(each.validation_alias is not None for each in fields)


def markers_of(hint: Any) -> list[Any]:
    """The marks of other libraries in an annotation."""
    return [each for each in getattr(hint, "__metadata__", ()) if is_marker(each)]


def is_marker(value: Any) -> bool:
    """Whether another library would replace this value by what it injects."""
    # FastAPI's Query, Body and their like are fields of pydantic too.
    foreign = isinstance(value, FieldInfo) and type(value) is not FieldInfo
    # Of dishka's FromComponent the class has an underscore, what people call it has none.
    return foreign or any(kind.__name__.lstrip("_") in _MARKERS for kind in type(value).__mro__)


def _choices(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a union, None apart; any other type is the only one."""
    if typing.get_origin(hint) not in _UNIONS:
        return (hint,)
    return tuple(each for each in typing.get_args(hint) if each is not type(None))
