"""The extras of the runtime, and the packages that they bring."""

from __future__ import annotations

from typing import Final

__all__ = ["EXTRAS", "how_to_install", "lacking"]

EXTRAS: Final = {
    "alerts": "apprise",
    "cli": "typer",
    "dev": "workflow_devkit",
    "dishka": "dishka",
    "outbox": "sqlalchemy",
    "outbox-postgres": "asyncpg",
    "reload": "watchfiles",
    "telemetry": "opentelemetry",
}
"""By extra, the module that is there when it is installed."""


def how_to_install(extra: str) -> str:
    """Makes the shell command that installs an extra: ``pip install "…[outbox]"``."""
    return f'pip install "zeebe-workflow-runtime[{extra}]"'


def lacking(error: ImportError) -> str:
    """Says which extra brings the module that an import has missed.

    Args:
        error: the failed import.

    Returns:
        The module, and the command that installs it; empty where no extra brings it.
    """
    top = (error.name or "").partition(".")[0]
    found = [extra for extra, module in EXTRAS.items() if module == top]
    return f"this needs {top}: {how_to_install(found[0])}" if found else ""
