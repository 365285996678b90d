"""Which variables a handler gives, by what its source returns."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from workflow_devkit.check.model_fields import given_by_result
from workflow_devkit.check.source_unit import SourceUnit, function_unit, value_of

__all__ = ["given_by_source"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def given_by_source(function: Callable[..., Any]) -> frozenset[str] | None:
    """Variables of a function's result, for results without a telling annotation.

    Args:
        function: the function or method that is called.

    Returns:
        The keys of all dictionaries and the fields of all models that it returns; None where one
        of its results is written in another way, or a decorator may change them.
    """
    plain = getattr(function, "__func__", function)
    unit = function_unit(plain)
    if unit is None or inspect.unwrap(plain) is not plain:
        return None
    body = unit.tree.body if isinstance(unit.tree, ast.Module) else []
    if len(body) != 1 or not isinstance(body[0], _FUNCTIONS):
        return None
    found = [_given(each.value, unit) for each in _returns(body[0])]
    known = [names for names in found if names is not None]
    return frozenset[str]().union(*known) if len(known) == len(found) else None


def _returns(node: ast.AST) -> Iterator[ast.Return]:
    """The ends of a function, not those of functions within."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.Return):
            yield each
        elif not isinstance(each, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            yield from _returns(each)


def _given(value: ast.expr | None, unit: SourceUnit) -> frozenset[str] | None:
    match value:
        case None | ast.Constant(value=None):
            return frozenset()
        case ast.Dict(keys=keys):
            names = [value_of(key, unit.names) if key else None for key in keys]
        case ast.Call(func=ast.Name("dict"), args=[], keywords=keywords) if (
            "dict" not in unit.names
        ):
            names = [keyword.arg for keyword in keywords]
        case ast.IfExp(body=first, orelse=second):
            both = (_given(first, unit), _given(second, unit))
            return None if both[0] is None or both[1] is None else both[0] | both[1]
        case ast.Call(func=made):
            kind = value_of(made, unit.names)
            return given_by_result(kind) if isinstance(kind, type) else None
        case _:
            return None
    # Not `str`, which gives the name of a member of `class Names(str, Enum)`.
    known = [str.__str__(each) for each in names if isinstance(each, str)]
    return frozenset(known) if len(known) == len(names) else None
