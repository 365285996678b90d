"""The options that choose incidents, the same for each verb that takes many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._incidents import Choice
from workflow_runtime.cli.exits import UsageError

__all__ = ["Filters", "Many"]


@dataclass(frozen=True, slots=True)
class Filters:
    """The options that choose incidents; an empty one chooses all."""

    process: Annotated[str, typer.Option(help="Only incidents of this process (BPMN id).")] = ""
    element: Annotated[str, typer.Option(help="Only incidents at this element (BPMN id).")] = ""
    error: Annotated[str, typer.Option(help="Only incidents of this type: JOB_NO_RETRIES, …")] = ""
    instance: Annotated[int, typer.Option(help="Only incidents of this process instance.")] = 0
    older_than: Annotated[
        str, typer.Option(help="Only incidents older than this: 30m, 2h, 1d.")
    ] = ""

    def choice(self, keys: Sequence[int] = ()) -> Choice:
        """What to look for.

        Args:
            keys: only these incidents; empty for all.

        Raises:
            UsageError: ``--error`` or ``--older-than`` cannot be read.
        """
        # Only its form: brokers have types that are in no list here (semantics#incident-types).
        error = self.error.upper()
        if error and not re.fullmatch(r"[A-Z_]+", error):
            raise UsageError(
                f"--error: expected a type such as JOB_NO_RETRIES, got {self.error!r}."
            )
        age = read_duration("--older-than", self.older_than) if self.older_than else None
        return Choice(tuple(keys), self.process, self.element, error, self.instance, age)


@dataclass(frozen=True, slots=True)
class Many(Filters):
    """The options of a verb that changes many."""

    everything: Annotated[
        bool, typer.Option("--all", help="Every open incident of the cluster.")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be changed, change nothing.")
    ] = False

    def chosen(self, verb: str, keys: Sequence[int] = ()) -> Choice:
        """What to change; that all are meant has to be said.

        Args:
            verb: the command, for the error.
            keys: only these incidents; empty for all.

        Raises:
            UsageError: nothing was chosen, or an option cannot be read.
        """
        choice = self.choice(keys)
        if choice.everything and not self.everything:
            raise UsageError(
                f"{verb}: which? Give keys, --process, --element, --error, --instance or "
                "--older-than; --all takes every open incident of the cluster."
            )
        return choice
