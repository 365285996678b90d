"""The ``workflow`` command."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Runs the command line; the entry point of the ``workflow`` script."""
    from workflow_runtime.cli._app import app  # noqa: PLC0415 - the package stays cheap to import

    app(prog_name="workflow")
