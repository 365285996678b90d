"""Words with a meaning of their own, which decide where a name begins and ends."""

from __future__ import annotations

from typing import Final

RESERVED: Final = frozenset(
    {"null", "true", "false", "function", "in"}
    | {"and", "or", "then", "else", "return", "satisfies"}
)
"""Words that cannot be names: of variables, properties, parameters."""

OPERATORS: Final = frozenset(
    {"and", "or", "between", "instance", "in", "then", "else", "return", "satisfies"},
)
"""Words that end an operand."""

NEVER_IN_CALLS: Final = OPERATORS - {"between", "instance"}
"""Words that no function's name contains; ``x between (1) and 2`` calls ``x between``."""

SPACED_PROPERTIES: Final = {"time": "offset"}
"""First and second word of the properties that contain a space."""
