"""The ``workflow`` command."""

from __future__ import annotations

import sys
import traceback

from workflow_runtime.cli._variables import read_as_meant
from workflow_runtime.cli.output import note
from workflow_runtime.extras import how_to_install
from workflow_runtime.urls import redacted

__all__ = ["main"]


def main() -> None:
    """Runs the command line; the entry point of the ``workflow`` script.

    Raises:
        SystemExit: always, with the exit code; 2 where the extra ``cli`` is not installed.
    """
    try:
        from workflow_runtime.cli._app import app  # noqa: PLC0415 - typer is an extra
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        note(f"workflow: the command needs {error.name}: {how_to_install('cli')}")
        sys.exit(2)  # ExitCode.USAGE, whose module imports typer
    read_as_meant()
    try:
        app(prog_name="workflow")
    except Exception:  # noqa: BLE001 - a fault of ours or of the service's: to be seen whole
        # Errors of drivers and of strangers' modules repeat URLs.
        note(redacted(traceback.format_exc().rstrip()))
        sys.exit(1)
