"""Python's text as a tree."""

from __future__ import annotations

import ast
import gc
from typing import Literal, overload

__all__ = ["tree_of"]


@overload
def tree_of(text: str) -> ast.Module: ...


@overload
def tree_of(text: str, mode: Literal["eval"]) -> ast.Expression: ...


def tree_of(text: str, mode: Literal["exec", "eval"] = "exec") -> ast.Module | ast.Expression:
    """Parses as `ast.parse` does, and collects no garbage meanwhile.

    Before 3.11.8 and 3.12.2 finalizers that run while a tree is made, those of a service's own
    objects too, may make it a `SystemError` ("AST constructor recursion depth mismatch",
    https://github.com/python/cpython/issues/106905).

    Args:
        text: Python.
        mode: a module, or one expression.

    Raises:
        SyntaxError: it is no Python; and whatever else `ast.parse` raises.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text, mode="eval") if mode == "eval" else ast.parse(text)
    finally:
        if collects:
            gc.enable()
