"""How a relay looks at the table, whatever the service's own transactions and settings are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from workflow_runtime.publishing.outbox.beginning import READ_COMMITTED, begin, take_write_lock
from workflow_runtime.publishing.outbox.outbox import Outbox

__all__ = ["alone", "by_index", "relay_engine"]

_SETTINGS = {
    # A relay that stands still in a transaction, with its machine, must not hold up the others.
    "idle_in_transaction_session_timeout": "30s",
    # Every question has its index. A planner whose statistics are older than the backlog believes
    # that a few rows wait, and would collect and sort all of them for each round.
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
}
"""Of PostgreSQL, until the transaction ends."""


def relay_engine(outbox: Outbox) -> AsyncEngine:
    """Gives the engine with which a relay looks at the table.

    Args:
        outbox: where the events are.

    Returns:
        The outbox's engine; on PostgreSQL each statement sees what was committed before it,
        whatever the service's own transactions do.
    """
    if outbox.engine.dialect.name == "postgresql":
        return outbox.engine.execution_options(isolation_level=READ_COMMITTED)
    return outbox.engine


@asynccontextmanager
async def alone(outbox: Outbox) -> AsyncIterator[AsyncConnection]:
    """Opens a transaction in which nobody else's relay changes the table; it is short.

    Args:
        outbox: where the events are.

    Yields:
        Its connection.
    """
    async with by_index(outbox) as connection:
        if connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
            await connection.execute(lock, {"name": f"relay of {outbox.table.name}"})
        else:
            await take_write_lock(connection)
        yield connection


@asynccontextmanager
async def by_index(outbox: Outbox) -> AsyncIterator[AsyncConnection]:
    """Opens a transaction whose questions follow the table's indexes.

    Args:
        outbox: where the events are.

    Yields:
        Its connection.
    """
    async with begin(outbox.engine) as connection:
        if connection.dialect.name == "postgresql":
            each = (f"set_config('{name}', '{value}', true)" for name, value in _SETTINGS.items())
            await connection.execute(text(f"SELECT {', '.join(each)}"))
        yield connection
