"""Work on a database that ends in time, whatever hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from workflow_runtime.publishing.outbox.beginning import READ_COMMITTED, take_write_lock

__all__ = ["brief", "in_time"]

Result = TypeVar("Result")

_SHARE = 0.6
"""Of the time, that the database itself may take: its own answer says more than silence."""
_abandoned: set[asyncio.Task[Any]] = set()
"""What was given up and has not ended yet; asyncio itself does not keep tasks."""


async def in_time(work: Coroutine[Any, Any, Result], seconds: float) -> Result:
    """Does work in a task of its own, and waits no longer than so many seconds.

    Not `asyncio.timeout`: it waits for the end of what it has cancelled, and drivers say goodbye to
    a database that does not answer for seconds, or wait for a thread.

    Args:
        work: what is done; it is cancelled when the time is over.
        seconds: how long.

    Returns:
        What it returns.

    Raises:
        TimeoutError: it has not ended in time.
    """
    task = asyncio.get_running_loop().create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if late := not task.done():
            task.cancel()
            _abandoned.add(task)
            task.add_done_callback(_forget)
    if late:
        raise TimeoutError
    return task.result()


def _forget(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # nobody waits for it any more


@asynccontextmanager
async def brief(engine: AsyncEngine, seconds: float) -> AsyncIterator[AsyncConnection]:
    """Opens a transaction for writing, in which the database itself gives up in time.

    Args:
        engine: of the database.
        seconds: for all of it; neither a lock nor a statement is waited for longer.

    Yields:
        Its connection; on SQLite it holds the lock.
    """
    limit = int(seconds * _SHARE * 1000)
    async with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            async with _patience(connection, limit), connection.begin():
                await take_write_lock(connection)
                yield connection
            return
        await connection.execution_options(isolation_level=READ_COMMITTED)
        async with connection.begin():
            # The shorter one first: who waits for a lock hears of the lock.
            limits = {"lock_timeout": limit * 9 // 10, "statement_timeout": limit}
            each = (f"set_config('{name}', '{ms}ms', true)" for name, ms in limits.items())
            await connection.execute(text(f"SELECT {', '.join(each)}"))
            yield connection


@asynccontextmanager
async def _patience(connection: AsyncConnection, milliseconds: int) -> AsyncIterator[None]:
    """How long this connection waits for SQLite's lock; afterwards it is as it was."""
    found = await connection.exec_driver_sql("PRAGMA busy_timeout")
    before = int(found.scalar_one())
    await connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    # What SQLAlchemy has begun with the first word.
    await connection.rollback()
    try:
        yield
    finally:
        # One that is broken is not used again.
        with suppress(SQLAlchemyError):
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {before}")
