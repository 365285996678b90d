"""Reads a scope from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from workflow_runtime.cli.exits import UsageError


def read_scope(text: str | None, variables: list[str] | None = None) -> dict[str, Any]:
    """The scope of ``--scope`` with ``--var`` on top.

    Raises:
        UsageError: no JSON, no object, or a variable without ``=``.
    """
    scope = _parse_object(_source(text)) if text else {}
    return scope | dict(_parse_variable(item) for item in variables or ())


def _source(text: str) -> str:
    if text == "-":
        return _text(sys.stdin.read, "standard input")
    if text.startswith("@"):
        path = Path(text[1:])
        return _text(partial(path.read_text, encoding="utf-8"), str(path))
    return text


def _text(read: Callable[[], str], where: str) -> str:
    try:
        return read()
    except OSError as error:
        raise UsageError(f"--scope: cannot read {where}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--scope: {where} is no UTF-8 (byte {error.start}).") from error


def _parse_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"--scope: no JSON ({error.msg}, line {error.lineno}, column {error.colno}). "
            "Expected an object such as '{\"userId\": 42}'."
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--scope: {_unreadable(error)}.") from error
    if not isinstance(value, dict):
        raise UsageError(f"--scope: expected a JSON object, got {type(value).__name__}.")
    return value


def _parse_variable(item: str) -> tuple[str, Any]:
    name, equals, text = item.partition("=")
    if not equals or not name:
        raise UsageError(f"--var: expected NAME=VALUE, got {item!r}.")
    try:
        return name, json.loads(text)
    except json.JSONDecodeError:
        return name, text  # so that --var name=Ann needs no quotes inside of quotes
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--var: {name}: {_unreadable(error)}.") from error


def _unreadable(error: Exception) -> str:
    # Of JSON that is right Python refuses these two: deep ones, and numbers of thousands of digits.
    if isinstance(error, RecursionError):
        return "nested too deep"
    return "a number has more digits than can be read"
