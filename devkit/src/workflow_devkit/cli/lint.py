"""``workflow lint``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_devkit.cli._options import Format, ListRules, OutputFormat
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.files import expand
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import emit
from workflow_runtime.versions import OLDEST

if TYPE_CHECKING:
    from workflow_devkit.findings import Finding
    from workflow_devkit.lint import Options


def lint(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="BPMN files, folders or globs.", show_default=False),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="Which elements are allowed: description (tasks, gateways, timers, events) or "
            f"zeebe (all that Zeebe {OLDEST} runs). Wins over pyproject.toml."
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=LEVEL]",
            help="Only this rule; or, with off, info, warning or error, this rule at this level. "
            "May be repeated.",
        ),
    ] = None,
    output: OutputFormat = Format.text,
    as_json: AsJson = False,
    list_rules: ListRules = False,
) -> None:
    """Check diagrams: what the engine refuses, what would stop at run time, what is unclear.

    Settings are in the table tool.workflow.lint of the nearest pyproject.toml that has it:
    profile, rules, task-name, event-name.

    Exit codes: 0 no errors, 1 errors found, 2 usage error.
    """
    if list_rules:
        _print_rules(as_json or output is Format.json)
        return
    if not files:
        raise UsageError("lint: which files? For example: workflow lint bpmn")
    found = _lint(expand(files), profile, rule or [])
    from workflow_devkit.cli._findings import report, verdict  # noqa: PLC0415 - as above
    from workflow_devkit.lint import RULES  # noqa: PLC0415 - costs start-up time

    summaries = {name: each.summary for name, each in RULES.items()}
    report(found, Format.json if as_json else output, summaries, clean="no findings")
    raise typer.Exit(int(verdict(found)))


def _lint(files: Sequence[Path], profile: str | None, asked: Sequence[str]) -> Sequence[Finding]:
    from workflow_devkit.lint import LintConfigError, lint_files  # noqa: PLC0415 - as above

    only = [word for word in asked if "=" not in word]
    try:
        return lint_files(map(_shown, files), _Settings(profile, asked).of, only)
    except LintConfigError as error:
        raise UsageError(str(error)) from None


def _shown(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


class _Settings:
    """The options of each file: pyproject.toml, then the command line."""

    def __init__(self, profile: str | None, asked: Sequence[str]) -> None:
        from workflow_devkit import lint  # noqa: PLC0415 - as above

        self._profile = lint.read_profile(profile, "--profile") if profile else None
        pairs = [word.partition("=") for word in asked]
        for name, _, _ in pairs:
            lint.check_rule(name, lint.RULES, "--rule")
        self._levels = {name: lint.read_level(text, f"--rule {name}") for name, eq, text in pairs
                        if eq}  # fmt: skip
        self._by_folder: dict[Path, Options] = {}

    def of(self, file: Path) -> Options:
        """The options for one file."""
        if file.parent not in self._by_folder:
            self._by_folder[file.parent] = self._read(file)
        return self._by_folder[file.parent]

    def _read(self, file: Path) -> Options:
        from dataclasses import replace  # noqa: PLC0415 - as above

        from workflow_devkit import lint  # noqa: PLC0415 - as above

        options = lint.read_config(lint.find_config(file), lint.RULES)
        return replace(
            options,
            profile=self._profile or options.profile,
            levels={**options.levels, **self._levels},
        )


def _print_rules(as_json: bool) -> None:
    from workflow_devkit.lint import RULES  # noqa: PLC0415 - as above

    width = max(map(len, RULES))
    data = [
        {"name": each.name, "level": each.severity, "refused": each.refused,
         "profile": each.profile, "summary": each.summary}
        for each in RULES.values()
    ]  # fmt: skip
    lines = [f"{each.name:<{width}}  {each.severity:<7}  {each.summary}" for each in RULES.values()]
    emit(as_json, data, "\n".join(lines))
