"""Which BPMN errors code raises, as far as its source tells."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any

from workflow_devkit._contract.source import UNKNOWN, Piece, calls, function_piece, value_of
from workflow_runtime.errors import BpmnError

__all__ = ["codes_in", "codes_of"]


def codes_of(function: Callable[..., Any]) -> frozenset[str]:
    """Codes that a handler is seen to raise, by itself or by what it calls in its package."""
    pieces = _reached(function, set())
    return frozenset(c for piece in pieces for c in _codes(piece) if isinstance(c, str))


def codes_in(pieces: Iterable[Piece]) -> frozenset[str] | None:
    """Codes of all errors in these modules; None where one cannot be read."""
    found = [code for piece in pieces for code in _codes(piece)]
    return None if any(not isinstance(c, str) for c in found) else frozenset(map(str, found))


def _codes(piece: Piece) -> Iterator[Any]:
    for called, node in calls(piece):
        if _is_error(called):
            yield _code(called, node, piece)
    for each in ast.walk(piece.tree):
        if isinstance(each, ast.Raise) and isinstance(each.exc, ast.Name | ast.Attribute):
            kind = value_of(each.exc, piece.names)
            if _is_error(kind):
                yield _own_code(kind)


def _is_error(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BpmnError)


def _code(kind: type[BpmnError], node: ast.Call, piece: Piece) -> Any:
    if kind.__init__ is not BpmnError.__init__:
        return _own_code(kind)
    named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
    given = [*node.args[:1], *named]
    return _text(value_of(given[0], piece.names)) if given else UNKNOWN


def _own_code(kind: type[BpmnError]) -> Any:
    """The code that the constructor of an error of the user's own hands on."""
    piece = function_piece(kind.__init__)
    for node in ast.walk(piece.tree) if piece else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="__init__"), args=[first, *_]) if piece:
                return _text(value_of(first, piece.names))
    return UNKNOWN


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, str) else UNKNOWN


def _reached(function: Callable[..., Any], seen: set[int]) -> Iterator[Piece]:
    """The function, and what it calls that is of the same package."""
    owner = getattr(function, "__self__", None)
    plain = inspect.unwrap(getattr(function, "__func__", function))
    if id(plain) in seen:
        return
    seen.add(id(plain))
    piece = function_piece(plain, owner)
    if piece is None:
        return
    yield piece
    for called, _ in calls(piece):
        if isinstance(called, FunctionType) and _package(called) == _package(plain):
            yield from _reached(_bound(called, owner), seen)


def _bound(called: FunctionType, owner: object) -> Callable[..., Any]:
    of_owner = owner is not None and getattr(type(owner), called.__name__, None) is called
    return getattr(owner, called.__name__) if of_owner else called


def _package(function: Any) -> str:
    return str(getattr(function, "__module__", "")).partition(".")[0]
