"""``workflow outbox``: events that wait in a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError, reporting
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import emit, print_table

if TYPE_CHECKING:
    from workflow_runtime.publishing.outbox import Outbox

Result = TypeVar("Result")


class State(StrEnum):
    """Which events."""

    waiting = "waiting"
    parked = "parked"
    sent = "sent"


_NO_TABLE = (
    "the database has no table {table}: a migration or with_outbox(outbox, create_table=True) "
    "makes it; --table names another"
)

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="WORKFLOW_OUTBOX_URL",
        help="The database: sqlite+aiosqlite:///file.db or postgresql+asyncpg://host/name. "
        "Better in the environment: a command line is seen by others.",
    ),
]
Table = Annotated[str, typer.Option("--table", help="The outbox's table.")]
EventName = Annotated[str | None, typer.Option("--name", help="Only events of this name.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Rows by id; none means all that match.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many.")]

app = typer.Typer(help="Look into the outbox: list, retry, purge.", no_args_is_help=True)


@app.command("list")
@reporting
def list_(
    url: Url,
    state: Annotated[State | None, typer.Option(help="Only events in this state.")] = None,
    name: EventName = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    table: Table = "workflow_outbox",
    as_json: AsJson = False,
) -> None:
    """List events, oldest first; their scopes are not shown.

    Exit codes: 0 listed, 1 no such table, 2 usage error, 3 no answer.
    """
    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    entries = _with_outbox(
        url, table, lambda outbox: admin.list_events(outbox, state=state, name=name, limit=limit)
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
            f"{e.created_at:%F %T}",
            e.last_error,
        )
        for e in entries
    )
    print_table(_events(len(entries)), columns, rows)


@app.command()
@reporting
def retry(
    url: Url,
    ids: Ids = None,
    name: EventName = None,
    dry_run: DryRun = False,
    table: Table = "workflow_outbox",
    as_json: AsJson = False,
) -> None:
    """Let parked events be sent again.

    Exit codes: 0 done, 1 no such table, 2 usage error, 3 no answer.
    """
    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    async def act(outbox: Outbox) -> int:
        return await admin.retry(outbox, name=name, ids=tuple(ids or ()), dry_run=dry_run)

    count = _with_outbox(url, table, act)
    verb = "would be sent again" if dry_run else "will be sent again"
    emit(as_json, {"events": count, "dry_run": dry_run}, f"{_events(count, 'parked')} {verb}")


@app.command()
@reporting
def purge(
    url: Url,
    ids: Ids = None,
    state: Annotated[
        State, typer.Option(help="sent, or parked: those are lost then.")
    ] = State.sent,
    older_than: Annotated[str, typer.Option(help="Only events written so long ago.")] = "7d",
    name: EventName = None,
    dry_run: DryRun = False,
    table: Table = "workflow_outbox",
    as_json: AsJson = False,
) -> None:
    """Delete events that were sent, or parked ones that nobody wants any more.

    Exit codes: 0 done, 1 no such table, 2 usage error, 3 no answer.
    """
    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    if state is State.waiting:
        raise UsageError("purge: waiting events are about to be sent; only sent or parked ones go.")
    age = read_duration("--older-than", older_than)

    async def act(outbox: Outbox) -> int:
        chosen = tuple(ids or ())
        return await admin.purge(
            outbox, state=state, older_than=age, name=name, ids=chosen, dry_run=dry_run
        )

    count = _with_outbox(url, table, act)
    verb = "would be deleted" if dry_run else "deleted"
    emit(as_json, {"events": count, "dry_run": dry_run}, f"{_events(count, state)} {verb}")


def _events(count: int, state: str = "") -> str:
    return " ".join(filter(None, (str(count), state, "event" if count == 1 else "events")))


def _with_outbox(url: str, table: str, use: Callable[[Outbox], Awaitable[Result]]) -> Result:
    import asyncio  # noqa: PLC0415 - costs start-up time

    return asyncio.run(_used(url, table, use))


async def _used(url: str, table: str, use: Callable[[Outbox], Awaitable[Result]]) -> Result:
    outbox = _open(url, table)
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - an extra

    try:
        if not await outbox.has_table():
            raise CommandError(_NO_TABLE.format(table=table))
        return await use(outbox)
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise CommandError(f"the outbox's database: {reason}", ExitCode.UNREACHABLE) from error
    finally:
        await outbox.engine.dispose()


def _open(url: str, table: str) -> Outbox:
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415 - an extra

    from workflow_runtime.publishing.outbox import Outbox, outbox_table  # noqa: PLC0415

    try:
        return Outbox(url, table=outbox_table(name=table))
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(
            "--url: expected sqlite+aiosqlite:///file.db or postgresql+asyncpg://host/name "
            f"({type(error).__name__})."
        ) from None
