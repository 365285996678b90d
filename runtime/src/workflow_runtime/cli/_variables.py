"""Variables of the environment as the command's options read them: an empty one is not set."""

from __future__ import annotations

import os

__all__ = ["PREFIXES", "forget_blanks"]

PREFIXES = ("WORKFLOW_", "ZEEBE_", "CAMUNDA_")
"""How the names begin."""


def forget_blanks() -> None:
    """Takes empty ones out of this process: what reads settings does so itself, typer does not."""
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        if not os.environ[name].strip():
            del os.environ[name]
