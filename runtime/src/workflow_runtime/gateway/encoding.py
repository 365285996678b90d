"""Scopes as JSON text: encoded once, checked once."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import to_jsonable_python

from workflow_runtime.gateway.values import Scope

__all__ = ["EncodedScope", "encode"]

# JSON has no NaN and no Infinity, which Python would write all the same.
_encode = json.JSONEncoder(allow_nan=False, default=to_jsonable_python).encode


class EncodedScope(dict[str, Any]):
    """A scope that carries its own JSON text, so that nobody has to encode it again.

    Not to be changed after it was made.

    Args:
        scope: the variables.

    Raises:
        ValueError: they are no JSON object.
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
        ValueError: it is no JSON object.
    """
    if not scope:
        return "{}"
    return scope.text if isinstance(scope, EncodedScope) else _dumps(scope)


def _dumps(scope: Scope) -> str:
    if not scope:
        return "{}"
    try:
        return _encode(scope if isinstance(scope, dict) else dict(scope))
    # What json and pydantic say of a scope that is no JSON, besides ValueError (NaN, circles).
    except (TypeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error
