"""Which variables pydantic models give."""

from __future__ import annotations

import inspect
import types
import typing
from typing import Any

from pydantic import BaseModel, RootModel
from typing_extensions import is_typeddict

from workflow_runtime.handlers import plain_type

__all__ = ["given_by", "given_by_result"]


def given_by(model: type[BaseModel]) -> frozenset[str] | None:
    """Variables that a model writes into a scope; None where it may write more than its fields."""
    if issubclass(model, RootModel):
        return given_by_result(model.model_fields["root"].annotation)
    # Such a model may carry variables that no field names.
    if model.model_config.get("extra") == "allow" or _reshapes(model):
        return None
    fields = model.model_fields.items()
    # Aliases, because a scope is written by them.
    plain = {f.serialization_alias or name for name, f in fields if f.exclude is not True}
    # A class has `model_computed_fields` since pydantic 2.10 only; this is what it is made of.
    computed = model.__pydantic_decorators__.computed_fields.items()
    return frozenset(plain | {field.info.alias or name for name, field in computed})


def given_by_result(hint: Any) -> frozenset[str] | None:
    """Variables of a handler's result by its annotation; None where that does not tell."""
    # Only `-> None` says that nothing is set; a function without annotation has the hint Any.
    if hint is None or hint is type(None):
        return frozenset()
    hint = plain_type(hint)
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        found = [given_by_result(each) for each in typing.get_args(hint)]
        known = [names for names in found if names is not None]
        # One alternative that is unknown makes the whole result unknown.
        return frozenset[str]().union(*known) if len(known) == len(found) else None
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return given_by(hint)
    # Not by its annotations: reading runs them since Python 3.14, and their names may be missing.
    return hint.__required_keys__ | hint.__optional_keys__ if is_typeddict(hint) else None


def _reshapes(model: type[BaseModel]) -> bool:
    # Not documented by pydantic, whose `model_fields` do not tell of serializers.
    return bool(model.__pydantic_decorators__.model_serializers)
