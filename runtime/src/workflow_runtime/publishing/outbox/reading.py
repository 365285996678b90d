"""Rows become events, each by itself: one that cannot be read keeps no other from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime.gateway.wire import MESSAGE_LIMIT
from workflow_runtime.publishing.model import Event
from workflow_runtime.publishing.outbox.checks import UnreadableRow, read_event

__all__ = ["Claimed", "load", "rows_one_by_one"]

_MOST_COUNTED = 1_000_000
"""Attempts and failures of a row; more were never made, but written by hand."""
_LONGEST_SHOWN = 200
"""Characters of a name or an id that people are shown of a row that is no event."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event in this relay's hands until its lease ends.

    Attributes:
        row_id: its row.
        event: what is to be sent.
        attempts: how often the engine has refused it.
        failures: how often it has reached nobody.
        fault: why it cannot be sent; then ``event`` has what could be read of it.
    """

    row_id: int
    event: Event
    attempts: int
    failures: int
    fault: str = ""


async def load(engine: AsyncEngine, table: Table, ids: Sequence[int]) -> dict[int, Claimed]:
    """Reads events.

    Args:
        engine: of the database.
        table: the outbox.
        ids: which rows.

    Returns:
        What was found, by row. A row that is no event has a ``fault``.

    Raises:
        SQLAlchemyError: the database is away.
    """
    # Not fetched if it is too long: such a row must not take the service's memory.
    fits = func.length(table.c.scope) <= MESSAGE_LIMIT
    columns = [
        table.c.id,
        table.c.name,
        table.c.correlation_key,
        table.c.event_id,
        table.c.new_id,
        case((fits, table.c.scope)).label("scope"),
        table.c.ttl,
        table.c.attempts,
        table.c.failures,
    ]
    rows, faults = await rows_one_by_one(engine, table, columns, ids)
    unread = {row_id: _unreadable(row_id, fault) for row_id, fault in faults.items()}
    return {int(row.id): _claimed(row) for row in rows} | unread


async def rows_one_by_one(
    engine: AsyncEngine, table: Table, columns: Sequence[Any], ids: Sequence[int]
) -> tuple[list[Row[Any]], dict[int, str]]:
    """Reads rows, all at once or else one by one: one bad text fails a whole SELECT.

    Args:
        engine: of the database.
        table: the outbox.
        columns: what to read.
        ids: which rows.

    Returns:
        Those that could be read, and why the others could not, by row.

    Raises:
        SQLAlchemyError: the database is away.
    """

    async def read(which: Sequence[int], what: Sequence[Any] = columns) -> list[Row[Any]]:
        if not which:
            return []
        query = select(*what).where(table.c.id.in_(which)).order_by(table.c.id)
        async with engine.connect() as connection:
            return list((await connection.execute(query)).all())

    try:
        return await read(ids), {}
    except Exception:  # noqa: BLE001 - whatever a driver raises of a text that is none
        rows: list[Row[Any]] = []
        faults: dict[int, str] = {}
    for row_id in ids:
        try:
            rows += await read([row_id])
        except Exception as error:  # noqa: BLE001 - as above
            # Raises if it is the database that is away, and not the row that is wrong.
            await read([row_id], [table.c.id])
            faults[row_id] = f"cannot be read ({kind_and_place(error)})"
    return rows, faults


def _claimed(row: Row[Any]) -> Claimed:
    try:
        event = read_event(row)
    except UnreadableRow as fault:
        return _unreadable(int(row.id), str(fault), row.name, row.event_id)
    return Claimed(int(row.id), event, _count(row.attempts), _count(row.failures))


def _count(found: object) -> int:
    return found if isinstance(found, int) and 0 <= found <= _MOST_COUNTED else 0


def _unreadable(row_id: int, fault: str, name: object = "", event_id: object = "") -> Claimed:
    event = Event(
        _shown(name) or "unreadable", "", {}, timedelta(0), _shown(event_id) or f"of row {row_id}"
    )
    return Claimed(row_id, event, 0, 0, f"the row {row_id} is no event: {fault}")


def _shown(text: object) -> str:
    """A text if it can be a label of metrics and a part of an alert, or none."""
    short = isinstance(text, str) and text.isprintable() and len(text) <= _LONGEST_SHOWN
    return str(text) if short else ""
