"""``workflow constants``."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from workflow_devkit.cli._line_length import line_length_at
from workflow_devkit.codegen.constants import module_of
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.cli.exits import ExitCode, UsageError
from workflow_runtime.cli.files import expand
from workflow_runtime.cli.options import AsJson, Files
from workflow_runtime.cli.output import emit, write_content, write_styled

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="The module to write; without it, the module is printed."),
]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; show the difference and exit with 1.")
]


def constants(
    files: Files, output: Output = None, check: Check = False, as_json: AsJson = False
) -> None:
    """Make a typed module of the names in diagrams: tasks, events, errors, signals, processes.

    The same diagrams give the same bytes, formatted as ruff would at the line length of the
    project. In CI: workflow constants bpmn -o src/my_service/constants.py --check

    Exit codes: 0 written or up to date, 1 out of date or unreadable, 2 usage error.
    """
    if check and output is None:
        raise UsageError("--check compares with a module: name it with -o MODULE.py.")
    wanted = _module(files, output)
    if output is None:
        if as_json:
            emit(True, {"module": wanted}, "")
        else:
            write_content(wanted)
        return
    present = output.read_text(encoding="utf-8") if output.is_file() else ""
    _report(output, present, wanted, check=check, as_json=as_json)


def _module(files: list[Path], output: Path | None) -> str:
    diagrams = [parse_file(path) for path in expand(files)]
    # What is only printed is formatted as if it were written to the working directory.
    return module_of(diagrams, line_length_at((output or Path("x")).parent))


def _report(output: Path, present: str, wanted: str, *, check: bool, as_json: bool) -> None:
    changed = present != wanted
    # Line ends are not translated: the same bytes on every system.
    if changed and not check:
        output.write_text(wanted, encoding="utf-8", newline="\n")
    verb = "is up to date" if not changed else "does not fit the diagrams" if check else "written"
    if changed and check and not as_json:
        _print_difference(output, present, wanted)
    emit(as_json, {"file": str(output), "changed": changed, "written": changed and not check},
         f"{output}: {verb}")  # fmt: skip
    if changed and check:
        raise typer.Exit(ExitCode.FAILED)


def _print_difference(output: Path, present: str, wanted: str) -> None:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = difflib.unified_diff(
        present.splitlines(), wanted.splitlines(), str(output), "the diagrams", lineterm=""
    )
    for line in lines:
        write_styled((line, colours.get(line[:1], "")))
