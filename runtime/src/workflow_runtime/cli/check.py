"""``workflow check``."""

from __future__ import annotations

import typer

from workflow_runtime.cli._exits import CommandError
from workflow_runtime.cli._options import AsJson, Target
from workflow_runtime.cli._output import counted


def check(target: Target, as_json: AsJson = False) -> None:
    """Compare diagrams and handlers: what one has and the other lacks.

    Task types without handler, handlers without task, variables that nobody sets, events that
    nobody awaits, errors that nobody catches, retries said twice. Exits with 1 if something is
    an error. The table tool.workflow.check of pyproject.toml says which task types are of
    other services (external), with what instances start (starts), and what is off (rules).
    """
    from workflow_runtime.cli._findings import print_findings, verdict  # noqa: PLC0415 - start-up
    from workflow_runtime.cli._target import load_builder  # noqa: PLC0415

    builder = load_builder(target)
    if not builder.resources:
        raise CommandError(
            f"{target} declares no process, so there is nothing to compare: "
            "builder.with_process('bpmn')."
        )
    found = builder.check()
    handlers = counted(len(builder.job_types), "handler")
    clean = f"{target}: {handlers} and {counted(len(builder.resources), 'diagram')} fit"
    print_findings(found, as_json=as_json, clean=clean)
    raise typer.Exit(verdict(found))
