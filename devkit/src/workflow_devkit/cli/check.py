"""``workflow check``."""

from __future__ import annotations

from typing import Annotated

import typer

from workflow_devkit.check.compare import RULES
from workflow_devkit.check.service_findings import check_service
from workflow_devkit.cli._findings import report, verdict
from workflow_devkit.cli._options import Format, ListRules, OutputFormat
from workflow_runtime.cli.exits import CommandError, UsageError
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import counted, emit
from workflow_runtime.cli.target import load_builder
from workflow_runtime.gateway.connect import nothing_connects

Target = Annotated[
    str,
    typer.Argument(
        metavar="MODULE:BUILDER",
        help="The WorkflowBuilder, or a function that returns one: my_service.main:build.",
        show_default=False,
    ),
]


def check(
    target: Target = "",  # --list-rules needs none; what is missing otherwise is refused below
    output: OutputFormat = Format.text,
    as_json: AsJson = False,
    list_rules: ListRules = False,
) -> None:
    """Compare diagrams and handlers: what one has and the other lacks.

    Task types without handler, handlers without task, variables that nobody sets, events that
    nobody awaits, errors that nobody catches, retries said twice. The table tool.workflow.check of
    pyproject.toml says which task types are of other services (external), with what instances
    start (starts), and what is off (rules).

    Exit codes: 0 no errors, 1 errors found, 2 usage error.
    """
    if list_rules:
        _print_rules(as_json or output is Format.json)
        return
    if not target:
        raise UsageError("check: which builder? For example: workflow check my_service.main:build")
    summaries = {name: text for name, (_, text) in RULES.items()}
    _check(target, Format.json if as_json else output, summaries)


def _check(target: str, output: Format, summaries: dict[str, str]) -> None:
    with nothing_connects():
        builder = load_builder(target)
    if not builder.diagrams:
        raise CommandError(
            f"{target} declares no process, so there is nothing to compare: "
            "builder.with_process('bpmn')."
        )
    found = check_service(builder)
    handlers = counted(len(builder.job_types), "handler")
    clean = f"{target}: {handlers} and {counted(len(builder.diagrams), 'diagram')} fit"
    report(found, output, summaries, clean=clean)
    raise typer.Exit(verdict(found))


def _print_rules(as_json: bool) -> None:
    data = [{"name": n, "severity": bad, "summary": text} for n, (bad, text) in RULES.items()]
    width = max(map(len, RULES))
    lines = [f"{n:<{width}}  {severity:<7}  {text}" for n, (severity, text) in RULES.items()]
    emit(as_json, data, lines)
