"""One transaction of the outbox's own, for who cannot wait: a request, a probe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from workflow_runtime.errors import OutboxUnavailable
from workflow_runtime.publishing.outbox.faults import in_words, is_of_database
from workflow_runtime.publishing.outbox.in_time import brief, in_time

__all__ = ["transact"]

Result = TypeVar("Result")


async def transact(
    engine: AsyncEngine,
    table: Table,
    work: Callable[[AsyncConnection], Awaitable[Result]],
    seconds: float,
) -> Result:
    """Does work in a transaction, and commits it.

    Args:
        engine: of the database.
        table: the outbox's.
        work: is given the transaction's connection.
        seconds: for all of it, the wait for a connection included.

    Returns:
        What the work returns.

    Raises:
        OutboxUnavailable: the database did not do it in time, or refused.
        Exception: what else the work raises; then nothing is written.
    """
    connected = working = False

    async def run() -> Result:
        nonlocal connected, working
        async with brief(engine, seconds) as connection:
            connected = working = True
            result = await work(connection)
            working = False
        return result

    try:
        return await in_time(run(), seconds)
    except Exception as error:
        if working and not is_of_database(error, table):
            raise
        reason = in_words(error)
        if isinstance(error, TimeoutError):
            reason = f"no answer within {seconds:g} s"
            if not connected and _none_left(engine):
                reason = f"no connection within {seconds:g} s, the pool has none left"
        raise OutboxUnavailable(f"the outbox's database: {reason}", reason=reason) from error


def _none_left(engine: AsyncEngine) -> bool:
    """Whether the pool may open no more connections; not all kinds of pools have a limit."""
    most = getattr(engine.pool, "_max_overflow", -1)  # there is no public way
    overflow = getattr(engine.pool, "overflow", lambda: -1)
    return 0 <= most <= int(overflow())
