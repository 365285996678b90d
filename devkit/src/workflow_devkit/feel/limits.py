"""What keeps an expression from running for ever or eating memory without bound."""

from __future__ import annotations

from typing import Final

MAX_DEPTH: Final = 300
"""Levels of brackets, calls and control structures that one expression may nest."""

MAX_SOURCE: Final = 1_000_000
"""Characters of one expression."""

MAX_DIGITS: Final = 10_000
"""Characters of one number."""

MAX_STEPS: Final = 1_000_000
"""Iterations and function calls of one evaluation."""

MAX_ITEMS: Final = 1_000_000
"""Elements of a list that an evaluation may build."""

MAX_RESULT: Final = 2_000_000
"""Values that a result may consist of, all levels counted, shared parts once for each use."""

# `to_json` and writers of JSON call themselves for each level.
MAX_LEVELS: Final = 300
"""Levels of lists and contexts that a result may nest."""

MAX_TEXT: Final = 4_000_000
"""Characters of a string that an evaluation may build."""

MAX_PATTERN: Final = 10_000
"""Characters of a regular expression, its counted repeats written out."""

PATTERN_SECONDS: Final = 1.0
"""Time that one evaluation may spend on matching regular expressions."""


class LimitReachedError(Exception):
    """An evaluation went past a limit; it ends with null and a warning."""
