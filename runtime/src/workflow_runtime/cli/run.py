"""``workflow run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workflow_runtime.cli import _supervise
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.options import Target
from workflow_runtime.cli.target import load_builder
from workflow_runtime.serving import serve


def run(
    target: Target,
    reload: Annotated[
        bool, typer.Option("--reload", help="Restart whenever a .py or .bpmn file changes.")
    ] = False,
    watch: Annotated[
        list[Path] | None,
        typer.Option(help="What --reload watches; without it, the working directory."),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="How many processes run the service side by side.")
    ] = 1,
) -> None:
    """Run a service until it is told to stop; it finishes its running jobs first.

    For example: workflow run my_service.main:build --processes 2

    Exit codes: 0 drained, 1 the builder failed or a handler did not end, 2 usage error.
    """
    if reload and processes > 1:
        raise UsageError("--reload is for one process; leave --processes out.")
    for path in watch or ():
        if not path.exists():
            raise UsageError(f"--watch {path}: no such file or folder.")
    if reload:
        raise typer.Exit(_supervise.run_and_reload(target, watch or [Path()]))
    if processes > 1:
        raise typer.Exit(_supervise.run_side_by_side(target, processes))
    serve(lambda: load_builder(target))
