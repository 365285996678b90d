"""Looking into the outbox and helping it along: what ``workflow outbox`` does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, true, update

from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.queries import is_behind
from workflow_runtime.publishing.outbox.reading import rows_one_by_one
from workflow_runtime.publishing.outbox.schema import (
    NEW,
    PARKED,
    SENT,
    WAITING,
    in_state,
)
from workflow_runtime.publishing.outbox.transactions import alone, relay_engine

__all__ = ["Entry", "list_events", "purge", "retry"]

_SHOWN = (
    "id",
    "state",
    "name",
    "correlation_key",
    "event_id",
    "attempts",
    "last_error",
    "created_at",
)
"""What people are shown: the fields of an `Entry`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the outbox, without its scope: that may hold what is nobody's business.

    Of a row that cannot be read ``last_error`` says why; ``created_at`` is None if it is no time.
    """

    id: int
    state: str
    name: str
    correlation_key: str
    event_id: str
    attempts: int
    last_error: str
    created_at: datetime | None


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
    table, engine = outbox.table, relay_engine(outbox)
    query = select(table.c.id).where(_matching(outbox, state, name, ())).order_by(table.c.id)
    async with engine.connect() as connection:
        ids = list((await connection.execute(query.limit(limit))).scalars())
    columns = [table.c[name] for name in _SHOWN]
    rows, faults = await rows_one_by_one(engine, table, columns, ids)
    entries = [
        Entry(
            row.id,
            row.state,
            row.name,
            row.correlation_key,
            row.event_id,
            row.attempts,
            row.last_error,
            _moment(row.created_at),
        )
        for row in rows
    ]
    entries += [Entry(each, "?", "?", "?", "?", 0, faults[each], None) for each in faults]
    return sorted(entries, key=lambda entry: entry.id)


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
    again = update(table).where(_matching(outbox, PARKED, name, ids))
    again = again.values(state=WAITING, attempts=0, failures=0, due_at=NEW, claimed_by="")
    async with alone(outbox) as connection:
        return int((await connection.execute(again)).rowcount)


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
    before = outbox.now() - older_than // timedelta(milliseconds=1)
    chosen = _matching(outbox, state, name, ids) & (table.c.created_at <= before)
    if dry_run:
        return await _count(outbox, chosen)
    async with alone(outbox) as connection:
        if state != SENT:
            # What waits behind them has to be looked at again: nothing may be before it any more.
            keys = select(table.c.correlation_key).where(chosen)
            held = update(table).where(is_behind(table), table.c.correlation_key.in_(keys))
            await connection.execute(held.values(due_at=NEW))
        return int((await connection.execute(delete(table).where(chosen))).rowcount)


def _matching(
    outbox: Outbox, state: str | None, name: str | None, ids: tuple[int, ...]
) -> ColumnElement[bool]:
    table = outbox.table
    wanted = [
        in_state(table, state) if state else true(),
        table.c.name == name if name else true(),
        table.c.id.in_(ids) if ids else true(),
    ]
    return and_(*wanted)


async def _count(outbox: Outbox, chosen: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(outbox.table).where(chosen)
    async with outbox.engine.connect() as connection:
        return int((await connection.execute(query)).scalar_one())


def _moment(milliseconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
