"""Opens an outbox for a command: that needs SQLAlchemy (the extra ``outbox``)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import URL, MetaData
from sqlalchemy.exc import SQLAlchemyError

from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.extras import lacking
from workflow_runtime.publishing.outbox import Outbox, outbox_table

__all__ = ["use_outbox"]

Result = TypeVar("Result")

_PATIENCE: Final = 10
"""Seconds in which the database is to answer."""
_NO_TABLE: Final = (
    "the database has no table {table}: a migration or with_outbox(outbox, create_table=True) "
    "makes it; --table names another"
)


async def use_outbox(url: str, table: str, use: Callable[[Outbox], Awaitable[Result]]) -> Result:
    """The result of a function that is given the outbox of a database.

    Raises:
        UsageError: the URL cannot be read.
        CommandError: the database cannot be used, or has no such table.
    """
    outbox = _open(url, table)
    try:
        _refuse_absent_file(outbox.engine.url)
        async with asyncio.timeout(_PATIENCE):
            found = await _has_table(outbox)
        if not found:
            raise CommandError(_NO_TABLE.format(table=table))
        return await use(outbox)
    except (SQLAlchemyError, OSError) as error:
        # The driver's words: SQLAlchemy's own show the statement and its values too.
        reason = str(getattr(error, "orig", None) or error) or f"no answer within {_PATIENCE} s"
        raise CommandError(f"the outbox's database: {reason}", ExitCode.UNREACHABLE) from error
    finally:
        await outbox.engine.dispose()


def _refuse_absent_file(url: URL) -> None:
    """SQLite would make an empty one."""
    name = url.database or ""
    in_memory = name in {"", ":memory:"} or name.startswith("file:")
    if url.get_backend_name() == "sqlite" and not in_memory and not Path(name).exists():
        raise CommandError(
            f"the outbox's database: no file {Path(name).absolute()}; the service makes it when it "
            "starts, in the folder that it runs in",
            ExitCode.UNREACHABLE,
        )


async def _has_table(outbox: Outbox) -> bool:
    try:
        return await outbox.has_table()
    except TypeError as error:
        # What stands behind the ? of a URL becomes arguments of the driver, which names them.
        raise UsageError(f"--url: the driver does not take what follows the ?: {error}.") from None


def _open(url: str, table: str) -> Outbox:
    try:
        schema, _, name = table.rpartition(".")
        return Outbox(url, table=outbox_table(MetaData(schema=schema or None), name))
    except ConfigurationError as error:
        missing = error.__cause__
        if isinstance(missing, ImportError) and lacking(missing):
            raise missing from None
        raise UsageError(f"--url: {error}.") from None
