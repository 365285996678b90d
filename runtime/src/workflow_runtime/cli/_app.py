"""The command line put together: a verb is loaded when it is called."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group
from typing_extensions import override

from workflow_runtime.cli._verbs import NEEDS_DEVKIT, Verb, find_verbs
from workflow_runtime.cli.exits import CommandError, UsageError, reporting
from workflow_runtime.cli.output import write_line
from workflow_runtime.extras import how_to_install
from workflow_runtime.plugins import owner
from workflow_runtime.visible import one_line


class _Later(TyperCommand):
    """A verb as the help shows it; the module behind it is imported when it is called."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(verb.name, callback=None, help=verb.summary, rich_help_panel=verb.panel)
        self._verb = verb

    @override
    def make_context(self, *args: Any, **settings: Any) -> Any:
        # click asks for it when the verb is called, and invokes the command that the context names.
        return _loaded(self._verb).make_context(*args, **settings)


class _Verbs(TyperGroup):
    """All verbs that are installed, and the devkit's."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for verb in find_verbs():
            self.add_command(_Later(verb))

    @override
    def make_context(self, *args: Any, **settings: Any) -> Any:
        with _mistakes_shown():
            return super().make_context(*args, **settings)

    @override
    def invoke(self, *args: Any, **settings: Any) -> Any:
        with _mistakes_shown():
            return super().invoke(*args, **settings)


@contextmanager
def _mistakes_shown() -> Iterator[None]:
    # click's errors repeat what was typed, or what a script has passed on; their class is one of
    # typer's own or of click, as the version of typer is.
    try:
        yield
    except Exception as error:
        message = getattr(error, "message", None)
        if hasattr(error, "format_message") and isinstance(message, str):
            error.message = one_line(message)  # type: ignore[attr-defined]
        raise


@reporting
def _loaded(verb: Verb) -> Any:
    """The command behind a verb.

    Raises:
        UsageError: it belongs to the devkit, which is not installed.
        CommandError: its package cannot be imported, or names something else.
    """
    point = verb.entry_point
    if point is None:
        what = verb.summary.removesuffix(f" {NEEDS_DEVKIT}").rstrip(".")
        raise UsageError(
            f"{verb.name} ({what[0].lower()}{what[1:]}) belongs to the devkit, which is not "
            f"installed: {how_to_install('dev')}"
        )
    try:
        return _as_command(verb.name, point.load())
    except Exception as error:
        # Whatever another package raises: its fault must break no other verb.
        reason = f"{type(error).__name__}: {error}"
        raise CommandError(f"{verb.name} of {owner(point)} cannot be loaded: {reason}") from error


def _as_command(name: str, found: Any) -> Any:
    holder = typer.Typer(add_completion=False)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    elif callable(found):
        holder.command(name)(reporting(found))
    else:
        raise TypeError(f"expected a function or a typer app, got {found!r}")
    # Not get_command: that gives an app of one command without its name.
    command = get_group(holder).commands[name]
    _unwrap(command)
    return command


def _unwrap(command: Any) -> None:
    """Leaves it to the terminal where lines of a help end: those of the code are longer than 80."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    command.help = "\n\n".join(" ".join(each.splitlines()) for each in paragraphs)
    for inner in getattr(command, "commands", {}).values():
        _unwrap(inner)


app = typer.Typer(
    name="workflow",
    cls=_Verbs,
    help="BPMN processes on Zeebe: run services, check diagrams, operate the engine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # `main` shows them, without what may be passwords
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        write_line(f"workflow {version('zeebe-workflow-runtime')}")
        raise typer.Exit


@app.callback()
def workflow(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,  # before the rest of the line is looked at
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """BPMN processes on Zeebe: run services, check diagrams, operate the engine."""
