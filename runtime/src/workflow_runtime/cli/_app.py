"""The command line put together: which commands there are, under which headings."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated

import typer

from workflow_runtime.cli._exits import reporting
from workflow_runtime.cli.cancel import cancel
from workflow_runtime.cli.check import check
from workflow_runtime.cli.constants import constants
from workflow_runtime.cli.deploy import deploy
from workflow_runtime.cli.dev import dev
from workflow_runtime.cli.doctor import doctor
from workflow_runtime.cli.lint import lint
from workflow_runtime.cli.publish import publish
from workflow_runtime.cli.render import render
from workflow_runtime.cli.resolve import resolve
from workflow_runtime.cli.retries import retries
from workflow_runtime.cli.run import run
from workflow_runtime.cli.set_scope import set_scope
from workflow_runtime.cli.signal import signal
from workflow_runtime.cli.start import start
from workflow_runtime.cli.status import status
from workflow_runtime.cli.stubs import stubs

_COMMANDS: dict[str, dict[str, Callable[..., None]]] = {
    "Develop": {"run": run, "dev": dev, "doctor": doctor},
    "Diagrams": {
        "lint": lint,
        "check": check,
        "constants": constants,
        "stubs": stubs,
        "render": render,
    },
    "Engine": {
        "deploy": deploy,
        "start": start,
        "publish": publish,
        "signal": signal,
        "cancel": cancel,
        "set-scope": set_scope,
        "retries": retries,
        "resolve": resolve,
        "status": status,
    },
}
_GROUPS = ("incidents", "outbox")
"""Modules with a typer app of their own, present where their feature is installed."""

app = typer.Typer(
    name="workflow",
    help="BPMN processes on Zeebe: run services, check diagrams, talk to the engine.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - costs start-up time

        typer.echo(f"workflow {version('zeebe-workflow-runtime')}")
        raise typer.Exit


@app.callback()
def workflow(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and leave."
        ),
    ] = False,
) -> None:
    """BPMN processes on Zeebe: run services, check diagrams, talk to the engine."""


def _add_commands() -> None:
    for panel, commands in _COMMANDS.items():
        for name, command in commands.items():
            app.command(name, rich_help_panel=panel)(reporting(command))


def _add_groups() -> None:
    for name in _GROUPS:
        module = f"workflow_runtime.cli.{name}"
        if find_spec(module):
            app.add_typer(importlib.import_module(module).app, name=name, rich_help_panel="Engine")


_add_commands()
_add_groups()
