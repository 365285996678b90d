"""Scopes as JSON text: encoded once, checked once."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pydantic_core import to_jsonable_python

from workflow_runtime.gateway.values import Scope

__all__ = ["MAX_LEVELS", "EncodedScope", "encode", "unfit"]

MAX_LEVELS: Final = 200
"""Levels of lists and objects in one variable.

Readers and writers of JSON call themselves for each level: pydantic ends at 255, Python at what is
left of its stack, Zeebe's at 1,000. A number says the same everywhere.
"""

# JSON has no NaN and no Infinity, which Python would write all the same.
_encode = json.JSONEncoder(allow_nan=False, default=to_jsonable_python).encode

_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class EncodedScope(dict[str, Any]):
    """A scope that carries its own JSON text, so that nobody has to encode it again.

    Not to be changed after it was made.

    Args:
        scope: the variables.

    Raises:
        ValueError: they are no JSON object; names the first variable that is not.
    """

    __slots__ = ("text",)

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.text = _dumps(scope)


def encode(scope: Scope) -> str:
    """Makes the JSON text of a scope.

    Dates, decimals, UUIDs, models and the like become what pydantic makes of them.

    Args:
        scope: the variables.

    Returns:
        The text; ASCII only, so its length is its size in bytes.

    Raises:
        ValueError: it is no JSON object, or one that not everybody can read (`unfit`); names the
            first variable that is not. Nothing else, whatever the scope's own code raises.
    """
    return scope.text if isinstance(scope, EncodedScope) else _dumps(scope)


def unfit(text: str) -> str:
    """Looks for what is JSON, and yet cannot be read or kept everywhere.

    Args:
        text: JSON that can be parsed.

    Returns:
        What is wrong with it; empty if nothing is.
    """
    if text.count("[") + text.count("{") > MAX_LEVELS and _is_deep(text):
        return f"nested deeper than {MAX_LEVELS} levels"
    if "\\u" in text and _has_half(text):
        return "a text has half of a surrogate pair, which is no Unicode"
    return ""


def _is_deep(text: str) -> bool:
    # What is escaped is in texts, and every other part between quotes is one.
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    brackets = outside.encode("ascii", "replace").translate(_ONE_KIND, _NO_BRACKETS)
    # Each round takes the innermost level away. The outermost one is the scope itself.
    for _ in range(MAX_LEVELS + 1):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _has_half(text: str) -> bool:
    # Without written-out backslashes each that is left begins an escape.
    return _HALF.search(_PAIR.sub("", text.replace("\\\\", ""))) is not None


def _dumps(scope: Scope) -> str:
    try:
        if not scope:
            return "{}"
        text = _encode(scope if isinstance(scope, dict) else dict(scope))
    # Mappings, iterators and models are the caller's own: they may raise anything.
    except Exception as error:
        raise ValueError(_explain(scope, _reason(error))) from error
    if reason := unfit(text):
        raise ValueError(_explain(scope, reason))
    return text


def _explain(scope: Scope, reason: str) -> str:
    """The reason, with the first variable for which there is one."""
    try:
        for name, value in scope.items():
            if found := _fault_of(name, value):
                return f"variable {name!a}: {found}"
    except Exception:  # noqa: BLE001 - then it is the scope itself
        return reason
    return reason


def _fault_of(name: Any, value: Any) -> str:
    try:
        return unfit(_encode({name: value}))
    except Exception as error:  # noqa: BLE001 - as in `_dumps`
        return _reason(error)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"nested deeper than {MAX_LEVELS} levels"
    # json and pydantic say themselves what they do not take.
    if isinstance(error, ValueError | TypeError | OverflowError):
        return str(error)
    return f"{type(error).__name__}: {error}"
