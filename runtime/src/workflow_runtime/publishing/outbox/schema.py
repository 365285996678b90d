"""The outbox's table, and how it comes into a database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["PARKED", "SENT", "WAITING", "create_table", "outbox_table", "upgrade"]

WAITING, SENT, PARKED = "waiting", "sent", "parked"
_LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(hashtext('workflow_outbox'))",
}
"""What holds up others until the transaction ends, by dialect."""


def outbox_table(metadata: MetaData | None = None, name: str = "workflow_outbox") -> Table:
    """Describes the outbox's table; times in it are milliseconds since 1970.

    Args:
        metadata: that of the service's models, so that Alembic finds the table by itself.
        name: the table's name.

    Returns:
        The table, for `Outbox` and `create_table`.
    """
    return Table(
        name,
        MetaData() if metadata is None else metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("name", Text, nullable=False),
        Column("correlation_key", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("scope", Text, nullable=False),
        Column("ttl", BigInteger, nullable=False),
        Column("state", String(10), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("last_error", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("next_at", BigInteger, nullable=False),
        Column("claimed_by", String(64), nullable=False),
        Column("claimed_until", BigInteger, nullable=False),
        Column("sent_at", BigInteger, nullable=True),
        # A repetition; what is due; the next of a key.
        Index(f"{name}_same", "event_id", "name", "correlation_key", unique=True),
        Index(f"{name}_next", "state", "next_at"),
        Index(f"{name}_order", "correlation_key", "state", "id"),
        # Ids are never given twice, not even those of deleted rows: the order hangs on them.
        sqlite_autoincrement=True,
    )


async def create_table(where: AsyncEngine | AsyncConnection, table: Table | None = None) -> None:
    """Creates the table where it is missing; calling it at every start is fine.

    Args:
        where: an engine, or a connection whose transaction the caller commits.
        table: the table; None is `outbox_table` with its own name.
    """
    table = outbox_table() if table is None else table
    if isinstance(where, AsyncEngine):
        async with where.begin() as connection:
            await _one_at_a_time(connection)
            await connection.run_sync(table.create, checkfirst=True)
    else:
        await where.run_sync(table.create, checkfirst=True)


async def _one_at_a_time(connection: AsyncConnection) -> None:
    # Replicas that start together would all find the table missing, and all but one would fail.
    if lock := _LOCKS.get(connection.dialect.name):
        await connection.exec_driver_sql(lock)


def upgrade(op: Any, table: Table | None = None) -> None:
    """Creates the table in an Alembic revision.

    Args:
        op: the revision's ``alembic.op``.
        table: the table; None is `outbox_table` with its own name.
    """
    (outbox_table() if table is None else table).create(op.get_bind(), checkfirst=True)
