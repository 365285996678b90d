"""What middlewares do to variables, as far as their source tells; nothing is run for it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from workflow_devkit.check.source_unit import attributes_of, function_unit
from workflow_runtime.handlers import plain_function

__all__ = ["Passing", "passing"]


class Passing(NamedTuple):
    """What goes through a middleware unchanged for sure."""

    scope: bool = False
    """Whether the handler is given the variables that were fetched."""
    result: bool = False
    """Whether the handler's result is what comes back, and whether there is no other."""


def passing(middleware: Callable[..., Any]) -> Passing:
    """Reads a middleware; what cannot be read may change everything."""
    function = plain_function(middleware)
    function = getattr(function, "__func__", function)
    unit = None if hasattr(function, "__wrapped__") else function_unit(function)
    parameters = list(inspect.signature(middleware).parameters) if unit else []
    used = attributes_of(unit) if unit else frozenset()
    if unit is None or "set_scope" in used or len(parameters) < 2:  # noqa: PLR2004 - the task and `call_next`
        return Passing()
    task, following = parameters[:2]
    names = [each for each in ast.walk(unit.tree) if isinstance(each, ast.Name)]
    calls = [each for each in ast.walk(unit.tree) if _is_call(each, task, following)]
    # Whoever else gets hold of either may do anything with it.
    scope = len(calls) == _loads(names, following) and not _stores(names, task)
    # `task.job.variables` is a dictionary.
    scope = scope and "variables" not in used
    kept = set(_kept(unit.tree, following, names))
    returned = [each.value for each in ast.walk(unit.tree) if isinstance(each, ast.Return)]
    result = all(
        _is_result(each, following) or (isinstance(each, ast.Name) and each.id in kept)
        for each in returned
    )
    return Passing(scope, result)


def _kept(tree: ast.AST, following: str, names: list[ast.Name]) -> Iterator[str]:
    """Variables that hold the handler's result, and are used for nothing but giving it back."""
    made: list[str] = []
    for each in ast.walk(tree):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_result(
                value, following
            ):
                made.append(name)
    given = [
        each.value.id
        for each in ast.walk(tree)
        if isinstance(each, ast.Return) and isinstance(each.value, ast.Name)
    ]
    for name in made:
        only_made = made.count(name) == _stores(names, name)
        if only_made and given.count(name) == _loads(names, name):
            yield name


def _is_call(node: ast.AST, task: str, following: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=given)], keywords=[]):
            return (called, given) == (following, task)
    return False


def _is_result(node: ast.AST | None, following: str) -> bool:
    match node:
        case ast.Await(value=ast.Call(func=ast.Name(id=called))):
            return called == following
    return False


def _loads(names: list[ast.Name], name: str) -> int:
    return sum(each.id == name and isinstance(each.ctx, ast.Load) for each in names)


def _stores(names: list[ast.Name], name: str) -> int:
    return sum(each.id == name and not isinstance(each.ctx, ast.Load) for each in names)
