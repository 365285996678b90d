"""How a transaction of the outbox's own begins, whatever the service's engine is set to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["READ_COMMITTED", "begin", "take_write_lock"]

READ_COMMITTED = "READ COMMITTED"
"""PostgreSQL's level at which each statement sees what was committed before it."""


@asynccontextmanager
async def begin(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Opens a transaction, also where the engine is one of AUTOCOMMIT.

    Args:
        engine: of the database.

    Yields:
        Its connection. On SQLite it is a transaction after `take_write_lock`.
    """
    async with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Of the connection: what is set for an engine is set again by an option of the same
            # kind that the service's engine has.
            await connection.execution_options(isolation_level=READ_COMMITTED)
        async with connection.begin():
            yield connection


async def take_write_lock(connection: AsyncConnection) -> None:
    """Holds up all others that would write into a database of SQLite, until the transaction ends.

    Args:
        connection: nothing has been asked or written by it yet.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None, "the pool has just given it out"
    if driver.in_transaction:
        # Begun by the service's own listener, as in SQLAlchemy's recipe, and without the lock.
        await connection.exec_driver_sql("ROLLBACK")
    # Not left to the driver, which begins none for an engine of AUTOCOMMIT.
    await connection.exec_driver_sql("BEGIN IMMEDIATE")
