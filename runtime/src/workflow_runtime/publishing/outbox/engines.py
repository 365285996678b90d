"""The engine of an outbox that is given the URL of its database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import event, make_url
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from workflow_runtime.errors import ConfigurationError

__all__ = ["engine_of"]

_CONNECT = 5.0
"""Seconds for a connection."""
_TO_GIVE_UP = 1.0
"""Seconds that a connection goes on being made which nobody waits for any more."""
_given_up: set[asyncio.Task[Any]] = set()
"""Such connections; asyncio itself does not keep tasks."""


def engine_of(url: str | SecretStr) -> AsyncEngine:
    """Makes an engine that notices soon when its database is away, or another one.

    Args:
        url: of SQLite or PostgreSQL, for asyncio.

    Raises:
        ConfigurationError: it cannot be read, or its driver is not installed or not asyncio's.
    """
    text = url.get_secret_value() if isinstance(url, SecretStr) else url
    try:
        # hide_parameters: errors of SQLAlchemy would show the scopes that a statement writes.
        engine = create_async_engine(text, hide_parameters=True, **_patience(text))
    except ValueError:
        # Not its text: it has the piece that is no port, which may be half a password.
        raise ConfigurationError(
            "outbox: the URL of the database cannot be read; in a password, @ : / ? # are written "
            "as %40 %3A %2F %3F %23"
        ) from None
    except (SQLAlchemyError, ImportError) as error:
        # Of SQLAlchemy's errors neither text nor traceback: the URL and its password may be there.
        missing = error if isinstance(error, ImportError) else None
        raise ConfigurationError(
            f"outbox: no engine can be made of the URL ({missing or type(error).__name__}): "
            "expected sqlite+aiosqlite:///file.db, with the extra outbox, or "
            "postgresql+asyncpg://user:password@host/name, with the extra outbox-postgres"
        ) from missing
    if engine.dialect.name == "sqlite" and engine.url.database:
        _follow_the_file(engine, engine.url.database)
    return engine


def _patience(url: str) -> dict[str, Any]:
    """What keeps an engine of ours from waiting for minutes: asyncpg connects for one."""
    if not url.startswith("postgresql"):
        return {}
    arguments: dict[str, Any] = {}
    if url.startswith("postgresql+asyncpg"):
        arguments["async_creator_fn"] = _connect
        if "timeout" not in make_url(url).query:
            arguments["timeout"] = _CONNECT
    return {
        "connect_args": arguments,
        "pool_timeout": _CONNECT,
        # A server that was restarted leaves dead connections, of which the next writer would hear.
        "pool_pre_ping": True,
    }


async def _connect(*arguments: Any, **options: Any) -> Any:
    """Connects as asyncpg does; whoever gives up does not interrupt it before it can end cleanly.

    Within the first turns of the event loop it leaves a future behind, of which asyncio then writes
    an error that nobody can act on: under load one for each request that a database keeps waiting.
    """
    import asyncpg  # noqa: PLC0415 - not installed for SQLite

    loop = asyncio.get_running_loop()
    connecting = loop.create_task(asyncpg.connect(*arguments, **options))
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        _given_up.add(connecting)
        connecting.add_done_callback(_close)
        loop.call_later(_TO_GIVE_UP, connecting.cancel)
        raise


def _close(connecting: asyncio.Task[Any]) -> None:
    _given_up.discard(connecting)
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().terminate()


def _follow_the_file(engine: AsyncEngine, path: str) -> None:
    """Lets no connection out of the pool whose file was moved away: SQLite would refuse to write.

    Such connections would stay in the pool among others of the file that is there now.
    """

    def note(_: Any, record: Any) -> None:
        record.info["file"] = _identity(path)

    def compare(_: Any, record: Any, __: Any) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError("the file is another one")

    event.listen(engine.sync_engine, "connect", note)
    event.listen(engine.sync_engine, "checkout", compare)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:  # a file in memory has no path, and a folder may be away
        return None
    return found.st_dev, found.st_ino
