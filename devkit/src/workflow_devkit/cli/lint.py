"""``workflow lint``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_devkit.cli._findings import report, verdict
from workflow_devkit.cli._options import Format, ListRules, OutputFormat
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.files import expand
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import emit
from workflow_runtime.versions import OLDEST

if TYPE_CHECKING:
    from workflow_devkit.lint.rule import Rule


def lint(
    # None: --list-rules needs none; what is missing otherwise is refused below.
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="BPMN files, folders or globs.", show_default=False),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="Which elements are allowed: description (tasks, gateways, timers, events) or "
            f"zeebe (all that Zeebe {OLDEST} runs). Takes precedence over pyproject.toml."
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=LEVEL]",
            help="Check this rule only; with off, info, warning or error, change its level. "
            "May be repeated.",
        ),
    ] = None,
    output: OutputFormat = Format.text,
    as_json: AsJson = False,
    list_rules: ListRules = False,
) -> None:
    """Check diagrams: what the engine refuses, what would stop at run time, what is unclear.

    Settings are in the table tool.workflow.lint of the nearest pyproject.toml that has it,
    above the file or else above the working directory: profile, rules, task-name, event-name.

    Exit codes: 0 no errors, 1 errors found, 2 usage error.
    """
    from workflow_devkit.cli._linting import RULES, findings_in  # noqa: PLC0415 - 80 ms

    if list_rules:
        _print_rules(RULES, as_json or output is Format.json)
        return
    if not files:
        raise UsageError("lint: which files? For example: workflow lint bpmn")
    found = findings_in(expand(files), profile, rule or [])
    summaries = {name: each.summary for name, each in RULES.items()}
    report(found, Format.json if as_json else output, summaries, clean="no findings")
    raise typer.Exit(int(verdict(found)))


def _print_rules(rules: Mapping[str, Rule], as_json: bool) -> None:
    width = max(map(len, rules))
    data = [
        {"name": each.name, "level": each.severity, "refused": each.refused,
         "profile": each.profile, "summary": each.summary}
        for each in rules.values()
    ]  # fmt: skip
    lines = [f"{each.name:<{width}}  {each.severity:<7}  {each.summary}" for each in rules.values()]
    emit(as_json, data, lines)
