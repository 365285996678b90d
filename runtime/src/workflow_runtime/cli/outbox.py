"""``workflow outbox``: events that wait in a database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._grouped import grouped
from workflow_runtime.cli.exits import UsageError, reporting
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import emit, note, print_table
from workflow_runtime.urls import redacted

if TYPE_CHECKING:
    from workflow_runtime.publishing.outbox import Outbox

Result = TypeVar("Result")


class State(StrEnum):
    """The state of an event."""

    waiting = "waiting"
    parked = "parked"
    sent = "sent"


Name = Annotated[str | None, typer.Option("--name", help="Only events of this name.")]
Ids = Annotated[
    list[int] | None, typer.Argument(help="Ids of rows; none: all that the options choose.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many events, change nothing.")]


@dataclass(frozen=True, slots=True)
class Database:
    """Where the outbox is."""

    url: Annotated[
        str,
        typer.Option(
            envvar="WORKFLOW_OUTBOX_URL",
            help="The database: sqlite+aiosqlite:///file.db or postgresql+asyncpg://host/name. "
            "Without it, that of the service: a variable that ends with _OUTBOX_URL, of the "
            "environment or of .env, or outbox_url of its settings. Better not on a command line, "
            "which other users of the machine can see.",
            show_default=False,
        ),
    ] = ""
    table: Annotated[
        str, typer.Option(help="The table of the outbox, with its schema if it has one.")
    ] = "workflow_outbox"

    def use(self, act: Callable[[Outbox], Awaitable[Result]]) -> Result:
        """The result of a function that is given the outbox.

        Raises:
            UsageError: the URL cannot be read.
            CommandError: the database cannot be used, or has no such table.
        """
        from workflow_runtime.cli._outbox import use_outbox  # noqa: PLC0415 - an extra

        url = self.url
        if not url:
            from workflow_runtime.cli._outbox_url import find_url  # noqa: PLC0415 - 0.1 s of --help

            url, place = find_url()
            note(f"outbox: {redacted(url)} ({place})")
        return asyncio.run(use_outbox(url, self.table, act))


app = typer.Typer(help="List, retry and purge the events of an outbox.", no_args_is_help=True)


@app.command("list")
@reporting
@grouped
def list_(
    database: Database,
    state: Annotated[State | None, typer.Option(help="Only events in this state.")] = None,
    name: Name = None,
    limit: Annotated[int, typer.Option(min=1, help="The largest number of events.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List events, oldest first; their scopes are not shown.

    Exit codes: 0 listed, 1 no such table, 2 usage error, 3 no answer.
    """
    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    entries = database.use(
        lambda outbox: admin.list_events(outbox, state=state, name=name, limit=limit)
    )
    if as_json:
        emit(True, [asdict(entry) for entry in entries], "")
        return
    columns = ("id", "state", "event", "key", "attempts", "written", "last error")
    rows = (
        (
            e.id,
            e.state,
            e.name,
            e.correlation_key,
            e.attempts,
            f"{e.created_at:%F %T}" if e.created_at else "?",
            e.last_error,
        )
        for e in entries
    )
    print_table(_events(len(entries)), columns, rows)


@app.command()
@reporting
@grouped
def retry(
    database: Database,
    ids: Ids = None,
    name: Name = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send parked events again.

    For example: workflow outbox retry --name order_paid --dry-run

    Exit codes: 0 done, 1 no such table, 2 usage error, 3 no answer.
    """
    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    chosen = tuple(ids or ())
    count = database.use(lambda outbox: admin.retry(outbox, name=name, ids=chosen, dry_run=dry_run))
    verb = "would be sent again" if dry_run else "will be sent again"
    emit(as_json, {"events": count, "dry_run": dry_run}, f"{_events(count, 'parked')} {verb}")


@app.command()
@reporting
@grouped
def purge(
    database: Database,
    ids: Ids = None,
    state: Annotated[
        State, typer.Option(help="sent, or parked: parked events are lost.")
    ] = State.sent,
    older_than: Annotated[str, typer.Option(help="Only events older than this: 12h, 7d.")] = "7d",
    name: Name = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete events that were sent, or parked events that are no longer wanted.

    Exit codes: 0 done, 1 no such table, 2 usage error, 3 no answer.
    """
    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    if state is State.waiting:
        raise UsageError(
            "purge: waiting events are about to be sent; only sent or parked events can be deleted."
        )
    age = read_duration("--older-than", older_than)
    chosen = tuple(ids or ())
    count = database.use(
        lambda outbox: admin.purge(
            outbox, state=state, older_than=age, name=name, ids=chosen, dry_run=dry_run
        )
    )
    verb = "would be deleted" if dry_run else "deleted"
    emit(as_json, {"events": count, "dry_run": dry_run}, f"{_events(count, state)} {verb}")


def _events(count: int, state: str = "") -> str:
    return " ".join(filter(None, (str(count), state, "event" if count == 1 else "events")))
