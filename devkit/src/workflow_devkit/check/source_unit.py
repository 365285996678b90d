"""Reads source code: which functions a function calls, and with what constants."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Final

from workflow_devkit.syntax import tree_of

__all__ = [
    "UNKNOWN",
    "SourceUnit",
    "attributes_of",
    "calls",
    "function_unit",
    "module_unit",
    "value_of",
]

UNKNOWN: Final = object()
"""What cannot be said without running the code."""


@dataclass(frozen=True, slots=True)
class SourceUnit:
    """A function or a module as its source says it, and the names that the source sees."""

    tree: ast.AST
    names: Mapping[str, Any]


def module_unit(module: ModuleType) -> SourceUnit | None:
    """Reads the source of a whole module; None where it has none."""
    try:
        return SourceUnit(tree_of(inspect.getsource(module)), vars(module))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None


def function_unit(function: Callable[..., Any], owner: object = None) -> SourceUnit | None:
    """Reads a function's source; None where it has none. ``owner`` is what it calls ``self``."""
    # What the decorators of the handler add has a source of its own.
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType):
        return None
    try:
        # The source of a method is indented as it is in its class.
        tree = tree_of(textwrap.dedent(inspect.getsource(plain)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    # A local name hides a global one of the same name, and its value depends on the run.
    hidden = dict.fromkeys(plain.__code__.co_varnames, UNKNOWN)
    return SourceUnit(
        tree, {**plain.__globals__, **hidden, **_enclosed(plain), **_self(plain, owner)}
    )


def _enclosed(function: FunctionType) -> dict[str, Any]:
    # Without free variables there is no closure, but None.
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    return {name: _content(cell) for name, cell in cells}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return UNKNOWN


def _self(function: FunctionType, owner: object) -> dict[str, Any]:
    # The class and not the object: attributes of an object may run code.
    first = function.__code__.co_varnames[:1]
    return {} if owner is None else dict.fromkeys(first, type(owner))


def calls(unit: SourceUnit) -> Iterator[tuple[Any, ast.Call]]:
    """Every call with what is called; `UNKNOWN` where that depends on the run."""
    for node in ast.walk(unit.tree):
        if isinstance(node, ast.Call):
            yield value_of(node.func, unit.names), node


def attributes_of(unit: SourceUnit) -> frozenset[str]:
    """The names of all attributes and methods that are used, whatever they belong to."""
    return frozenset(each.attr for each in ast.walk(unit.tree) if isinstance(each, ast.Attribute))


def value_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """A constant, or what a name stands for; nothing is run for it."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value, names)
        # Any other object could run code for its attributes.
        static = isinstance(owner, type | ModuleType)
        return getattr(owner, node.attr, UNKNOWN) if static else UNKNOWN
    return UNKNOWN
