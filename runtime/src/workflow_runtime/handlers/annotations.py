"""What an annotation of a handler's parameter stands for."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, NewType, Union
from uuid import UUID

from pydantic import BaseModel
from pydantic.dataclasses import is_pydantic_dataclass
from pydantic_settings import BaseSettings
from typing_extensions import TypeAliasType, is_typeddict

__all__ = ["is_json_type", "is_marker", "is_scope", "markers_of", "plain_type", "without_none"]

_ALIASES: Final = tuple({TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType)})
_UNIONS: Final = (Union, types.UnionType)
_JSON_TYPES: Final = (
    *(str, int, float, bool, bytes, Decimal, UUID, date, datetime, time, timedelta),
    *(dict, list, set, frozenset, tuple, Mapping, MutableMapping, Sequence, object),
)
_MARKERS: Final = frozenset(
    {
        *("Depends", "Security", "TaskiqDepends", "Provide", "Provider", "Inject", "Injected"),
        "FromComponent",
    }
)
"""Classes by which other libraries, FastAPI above all, mark what they inject."""


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


def is_json_type(hint: Any) -> bool:
    """Whether this is what single variables are, or all of them: no dependency, and no model."""
    hint = plain_type(hint)
    choices = _choices(hint)
    if len(choices) > 1:
        return all(map(is_json_type, choices))
    if any(hint is each for each in _JSON_TYPES):
        return True
    # What is inside tells: a resolver may have a list of its own things.
    inside = (each for each in typing.get_args(hint) if each not in {Any, ...})
    origin = typing.get_origin(hint)
    return any(origin is each for each in _JSON_TYPES) and all(map(is_json_type, inside))


def markers_of(hint: Any) -> list[Any]:
    """The marks of other libraries in an annotation."""
    return [each for each in getattr(hint, "__metadata__", ()) if is_marker(each)]


def is_marker(value: Any) -> bool:
    """Whether another library would replace this value by what it injects."""
    return any(kind.__name__ in _MARKERS for kind in type(value).__mro__)


def _choices(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a union, None apart; any other type is the only one."""
    if typing.get_origin(hint) not in _UNIONS:
        return (hint,)
    return tuple(each for each in typing.get_args(hint) if each is not type(None))
