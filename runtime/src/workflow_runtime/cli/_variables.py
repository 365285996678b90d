"""Variables of the environment as the command's options read them: as settings read them."""

from __future__ import annotations

import os

from workflow_runtime.environment_text import meant

__all__ = ["PREFIXES", "read_as_meant"]

PREFIXES = ("WORKFLOW_", "ZEEBE_", "CAMUNDA_")
"""How the names begin."""


def read_as_meant() -> None:
    """Rewrites those of this process: what reads settings does so itself, typer does not."""
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        if value := meant(os.environ[name]):
            os.environ[name] = value
        else:
            del os.environ[name]
