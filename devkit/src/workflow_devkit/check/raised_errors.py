"""Which BPMN errors code raises, as far as its source tells."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any

from workflow_devkit.check.source_unit import UNKNOWN, SourceUnit, calls, function_unit, value_of
from workflow_runtime.errors import BpmnError, error_code

__all__ = ["codes_in", "codes_of"]


def codes_of(function: Callable[..., Any]) -> frozenset[str]:
    """Codes that a handler is seen to raise, by itself or by what it calls in its package."""
    units = _reached(function, set())
    return frozenset(c for unit in units for c in _codes(unit) if isinstance(c, str))


def codes_in(units: Iterable[SourceUnit]) -> frozenset[str] | None:
    """Codes of all errors in these modules; None where one cannot be read."""
    found = [code for unit in units for code in _codes(unit)]
    return None if any(not isinstance(c, str) for c in found) else frozenset(map(str, found))


def _codes(unit: SourceUnit) -> Iterator[Any]:
    for called, node in calls(unit):
        # An error that is made counts as raised: what becomes of it depends on the run.
        if _is_error(called):
            yield _code(called, node, unit)
    # `raise Refused` without a call: Python makes the error, with no arguments.
    for each in ast.walk(unit.tree):
        if isinstance(each, ast.Raise) and isinstance(each.exc, ast.Name | ast.Attribute):
            kind = value_of(each.exc, unit.names)
            if _is_error(kind):
                yield _own_code(kind)


def _is_error(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BpmnError)


def _code(kind: type[BpmnError], node: ast.Call, unit: SourceUnit) -> Any:
    # With a constructor of its own its arguments may be anything, so the code is looked up there.
    if kind.__init__ is not BpmnError.__init__:
        return _own_code(kind)
    named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
    given = [*node.args[:1], *named]
    return _text(value_of(given[0], unit.names)) if given else UNKNOWN


def _own_code(kind: type[BpmnError]) -> Any:
    """The code that the constructor of an error of the user's own hands on."""
    unit = function_unit(kind.__init__)
    for node in ast.walk(unit.tree) if unit else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="__init__"), args=[first, *_]) if unit:
                return _text(value_of(first, unit.names))
    # Or the class says it.
    return _text(getattr(kind, "code", UNKNOWN))


def _text(value: Any) -> Any:
    code = error_code(value)
    return str(code) if isinstance(code, str) else UNKNOWN


def _reached(function: Callable[..., Any], seen: set[int]) -> Iterator[SourceUnit]:
    """The function, and what it calls of its own package: libraries raise no BPMN errors."""
    owner = getattr(function, "__self__", None)
    # Behind decorators stands the function whose source raises the errors.
    plain = inspect.unwrap(getattr(function, "__func__", function))
    if id(plain) in seen:
        return
    # Functions may call each other in circles.
    seen.add(id(plain))
    unit = function_unit(plain, owner)
    if unit is None:
        return
    yield unit
    for called, _ in calls(unit):
        if isinstance(called, FunctionType) and _package(called) == _package(plain):
            yield from _reached(_bound(called, owner), seen)


def _bound(called: FunctionType, owner: object) -> Callable[..., Any]:
    # Bound to the handler again, so that the names behind its `self` are known there too.
    of_owner = owner is not None and getattr(type(owner), called.__name__, None) is called
    return getattr(owner, called.__name__) if of_owner else called


def _package(function: Any) -> str:
    return str(getattr(function, "__module__", "")).partition(".")[0]
