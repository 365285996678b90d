"""Writes docs/reference/cli.md from the command itself: ``python -m tools.cli_reference``."""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from workflow_runtime.cli._app import app
from workflow_runtime.cli.exits import ExitCode

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
HEAD = """# The `workflow` command

<!-- Made by `python -m tools.cli_reference`: do not edit. -->

`workflow --help` and `workflow COMMAND --help` say the same in the terminal. Results go to
standard output, everything else to standard error. `--json` prints results for programs.
What others have written (messages, names, answers) is shown as it is: control characters as
`\\x1b`, no markup, keys and ids whole.
`workflow --install-completion` lets the shell complete commands and options.

A package of yours adds a verb by an entry point of the group `workflow_runtime.verbs`, such as
`greet = "my_package:greet"`: a function as typer takes it, or a typer app.

## Exit codes

| code | meaning |
|---|---|
"""


def meanings() -> Iterator[tuple[int, str]]:
    """The exit codes with what stands below them in the source."""
    (definition,) = ast.parse(inspect.getsource(ExitCode)).body
    assert isinstance(definition, ast.ClassDef)
    for node, below in pairwise([*definition.body, None]):
        if isinstance(node, ast.Assign):
            written = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            code = ExitCode[ast.unparse(node.targets[0])]
            yield int(code), " ".join(below.value.value.split()) if written else "Done."


def page() -> str:
    """The whole page."""
    root = get_command(app)
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in meanings())
    panels: dict[str, list[str]] = {}
    for name, listed in root.commands.items():
        command = listed.make_context(name, [], resilient_parsing=True).command
        panel = panels.setdefault(str(listed.rich_help_panel), [])
        panel.append(section(f"workflow {name}", command, 3))
    parts = [f"## {panel}\n\n" + "\n".join(texts) for panel, texts in panels.items()]
    return HEAD + codes + "| 130 | Interrupted by Ctrl+C. |\n\n" + "\n".join(parts)


def section(name: str, command: Any, level: int) -> str:
    """One command, or a group with its commands below."""
    context = typer.Context(command, info_name=name)
    text = f"{'#' * level} {name}\n\n{inspect.cleandoc(command.help or '')}\n"
    if not hasattr(command, "commands"):
        usage = " ".join([name, *command.collect_usage_pieces(context)])
        text += f"\n```text\n{usage}\n```\n"
    rows = [row for each in command.params if (row := described(each, context))]
    if rows:
        text += "\n| | |\n|---|---|\n" + "".join(rows)
    for inner, each in getattr(command, "commands", {}).items():
        text += "\n" + section(f"{name} {inner}", each, level + 1)
    return text


def described(parameter: Any, context: typer.Context) -> str:
    """A row of the table of arguments and options."""
    if getattr(parameter, "hidden", False) or parameter.name == "help":
        return ""
    record = parameter.get_help_record(context)
    if record is None:
        return ""
    name, meaning = (cell.replace("|", "\\|") for cell in record)
    return f"| `{name}` | {' '.join(meaning.split())} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
