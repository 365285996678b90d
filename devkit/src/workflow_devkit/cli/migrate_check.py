"""``workflow migrate-check``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from workflow_devkit.cli._findings import report
from workflow_devkit.cli._options import Format, OutputFormat
from workflow_runtime.cli.exits import ExitCode, UsageError
from workflow_runtime.cli.files import expand, from_here
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import counted, emit, progress, write_line

if TYPE_CHECKING:
    from workflow_devkit.migration import MigrationReport

_MANY: Final = 200
"""Files from which on it is shown how far it is."""

Files = Annotated[
    list[Path],
    typer.Argument(help="Python files, folders or globs: all of a service at once, since its "
                   "files are read together.", show_default=False),
]  # fmt: skip


def migrate_check(
    files: Files, output: OutputFormat = Format.text, as_json: AsJson = False
) -> None:
    """List what Python code uses of pyzeebe, and our word for each, with its place.

    The code is read, nothing is run or imported: imports under any name, workers, routers, clients
    and channels with their keywords, handlers and their parameters, fields of jobs, exception
    handlers by what they decide, decorators, errors, and names of pyzeebe 2 and 3. At the end
    stands how many handlers there are, what is more than another word, and a suggested order.

    info: another word for the same. warning: it behaves differently, or somebody has to decide.
    error: the runtime has nothing for it. The name behind a finding is the section of
    docs/how-to/migrate-from-pyzeebe.md that explains it. A file that cannot be read (a notebook,
    Python 2) is named with its reason, and counts as a usage error.

    For example: workflow migrate-check src tests

    Exit codes: 0 nothing of pyzeebe is left, 1 something is to be moved, 2 usage error.
    """
    # The words are 20 ms that `workflow --help` does not need.
    from workflow_devkit.migration import migration_report  # noqa: PLC0415

    found = list(dict.fromkeys(_python_files(files)))
    many = len(found) > _MANY
    with progress("reading", len(found)) if many else nullcontext(lambda: None) as advance:
        result = migration_report(found, lambda path: str(from_here(path)), advance)
    _print(result, Format.json if as_json else output)
    if result.unreadable:
        raise typer.Exit(ExitCode.USAGE)
    raise typer.Exit(ExitCode.FAILED if result.findings else ExitCode.OK)


def _python_files(given: Sequence[Path]) -> Iterator[Path]:
    from workflow_devkit.migration.python_files import files_in  # noqa: PLC0415 - as above

    for item in given:
        found = list(files_in(item)) if item.is_dir() else expand([item], ".py")
        if not found:
            raise UsageError(f"{item}: no Python file in this folder.")
        yield from found


def _print(result: MigrationReport, output: Format) -> None:
    if output is Format.json:
        emit(True, {**asdict(result), "order": result.order()}, "")
        return
    findings = (*result.unreadable, *result.findings)
    # SARIF lists them: a rule is a section of the page.
    rules = {each.rule: f"docs/how-to/migrate-from-pyzeebe.md#{each.rule}" for each in findings}
    read = counted(result.files, "file")
    report(findings, output, rules, clean=f"{read} read: nothing of pyzeebe in them")
    if output is Format.text:
        for line in result.summary():
            write_line(line)
