"""``workflow stubs``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from workflow_devkit.check.service_model import ServiceModel
from workflow_devkit.cli._homes import conftest, home_of
from workflow_devkit.cli._line_length import line_length_at
from workflow_devkit.codegen.handler_stub import Stub
from workflow_devkit.codegen.stubs import stubs_of
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.cli.files import expand
from workflow_runtime.cli.options import AsJson, Files
from workflow_runtime.cli.output import emit
from workflow_runtime.cli.target import load_builder
from workflow_runtime.gateway.connect import nothing_connects

Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="The folder for the handlers: src/my_service/handlers"),
]
Tests = Annotated[Path, typer.Option("--tests", help="The folder for their tests.")]
Builder = Annotated[
    str | None,
    typer.Option(
        "--builder",
        metavar="MODULE:BUILDER",
        help="Leave out the tasks for which this builder has handlers, or which it leaves to "
        "other services.",
    ),
]


def stubs(
    files: Files,
    output: Output,
    tests: Tests = Path("tests"),
    builder: Builder = None,
    as_json: AsJson = False,
) -> None:
    """Write skeletons of handlers: a typed scope, a function and a test for each task.

    The scope is made of the task's input mappings. Files that exist already are not
    changed. The tests run by plain `pytest`, and fail until the handlers are written.

    Exit codes: 0 written or there already, 1 a diagram is unreadable, 2 usage error.
    """
    wanted = list(_files(_stubs(files, builder), output, tests))
    written = [path for path, text, _ in wanted if _write(path, text)]
    kept = [path for path, _, _ in wanted if path not in written]
    data = {"written": list(map(str, written)), "kept": list(map(str, kept))}
    hints = [hint for path, _, hint in wanted if hint and path in written]
    emit(as_json, data, _lines(written, kept, hints))


def _stubs(files: list[Path], builder: str | None) -> list[Stub]:
    diagrams = [parse_file(path) for path in expand(files)]
    if builder is None:
        return stubs_of(diagrams, ServiceModel())
    with nothing_connects():
        found = load_builder(builder)
    return stubs_of(diagrams, ServiceModel(external=found.external), handled=found.job_types)


def _files(found: list[Stub], output: Path, tests: Path) -> Iterator[tuple[Path, str, str]]:
    """Paths with their text, and how to register what is in them."""
    (root, home), width = home_of(output), line_length_at(output)
    if found:
        yield tests / "conftest.py", conftest(tests, root), ""
    for stub in found:
        register = f"builder.with_handler({stub.job_type!r}, {stub.name})"
        yield output / f"{stub.name}.py", stub.module(width), register
        test = tests / f"test_{stub.name.strip('_')}.py"
        yield test, stub.test(f"{home}.{stub.name}", line_length_at(tests)), ""


def _write(path: Path, text: str) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    # "x" never writes over a file, whoever made it in the meantime.
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _lines(written: list[Path], kept: list[Path], hints: list[str]) -> Iterator[str]:
    yield from (f"{path}: written" for path in written)
    yield from (f"{path}: is there already, left as it is" for path in kept)
    if hints:
        yield ""
        yield "Register them:"
        yield from (f"    {hint}" for hint in hints)
    if not (written or kept):
        yield "every task has a handler"
