"""Looking into the outbox and helping it along: what ``workflow outbox`` does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, true, update

from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.schema import PARKED, SENT, WAITING

__all__ = ["Entry", "list_events", "purge", "retry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the outbox, without its scope: that may hold what is nobody's business."""

    id: int
    state: str
    name: str
    correlation_key: str
    event_id: str
    attempts: int
    last_error: str
    created_at: datetime


async def list_events(
    outbox: Outbox, *, state: str | None = None, name: str | None = None, limit: int = 100
) -> list[Entry]:
    """Reads events, oldest first.

    Args:
        outbox: where they are.
        state: only those that are waiting, sent or parked; None is all.
        name: only those of this name.
        limit: how many at most.

    Returns:
        The events, without their scopes.
    """
    table = outbox.table
    query = select(table).where(_matching(outbox, state, name, ())).order_by(table.c.id)
    async with outbox.engine.connect() as connection:
        rows = await connection.execute(query.limit(limit))
        return [
            Entry(
                row.id,
                row.state,
                row.name,
                row.correlation_key,
                row.event_id,
                row.attempts,
                row.last_error,
                datetime.fromtimestamp(row.created_at / 1000, UTC),
            )
            for row in rows
        ]


async def retry(
    outbox: Outbox, *, name: str | None = None, ids: tuple[int, ...] = (), dry_run: bool = False
) -> int:
    """Lets parked events be sent again, with all attempts anew.

    Args:
        outbox: where they are.
        name: only those of this name.
        ids: only these rows; empty is all.
        dry_run: whether to count only.

    Returns:
        How many events they are.
    """
    table = outbox.table
    if dry_run:
        return await _count(outbox, _matching(outbox, PARKED, name, ids))
    again = (
        update(table)
        .where(_matching(outbox, PARKED, name, ids))
        .values(state=WAITING, attempts=0, next_at=outbox.now(), claimed_by="", claimed_until=0)
    )
    return await _run(outbox, again)


async def purge(
    outbox: Outbox,
    *,
    state: str = SENT,
    older_than: timedelta = timedelta(0),
    name: str | None = None,
    ids: tuple[int, ...] = (),
    dry_run: bool = False,
) -> int:
    """Deletes events.

    Args:
        outbox: where they are.
        state: those that are waiting, sent or parked.
        older_than: only those that were written at least so long ago.
        name: only those of this name.
        ids: only these rows; empty is all.
        dry_run: whether to count only.

    Returns:
        How many events they are.
    """
    table = outbox.table
    before = outbox.now() - int(older_than.total_seconds() * 1000)
    chosen = _matching(outbox, state, name, ids) & (table.c.created_at <= before)
    if dry_run:
        return await _count(outbox, chosen)
    return await _run(outbox, delete(table).where(chosen))


def _matching(
    outbox: Outbox, state: str | None, name: str | None, ids: tuple[int, ...]
) -> ColumnElement[bool]:
    table = outbox.table
    wanted = [
        table.c.state == state if state else true(),
        table.c.name == name if name else true(),
        table.c.id.in_(ids) if ids else true(),
    ]
    return and_(*wanted)


async def _count(outbox: Outbox, chosen: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(outbox.table).where(chosen)
    async with outbox.engine.connect() as connection:
        return int((await connection.execute(query)).scalar_one())


async def _run(outbox: Outbox, statement: Any) -> int:
    async with outbox.engine.begin() as connection:
        return int((await connection.execute(statement)).rowcount)
