"""What can be wrong with an outbox's database: each a block within which it is so.

Each is given a `Stand`. `OF_SQLITE` and `OF_POSTGRES` have them by their names, and what is said.
"""

import asyncio
import sys
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from tests.reliability.proxy import Proxy

from workflow_runtime.publishing.outbox import Outbox, outbox_table

_HOLD = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@dataclass
class Stand:
    """An outbox as services have it; PostgreSQL is behind a line that can be cut and frozen."""

    outbox: Outbox
    url: str
    proxy: Proxy | None = None

    @property
    def table(self):
        return self.outbox.table.name


@asynccontextmanager
async def sqlite_stand(folder):
    outbox = Outbox(f"sqlite+aiosqlite:///{folder / 'outbox.db'}")
    await outbox.create_table()
    yield Stand(outbox, str(outbox.engine.url))
    await outbox.engine.dispose()


@asynccontextmanager
async def postgres_stand(database_url):
    """A table of its own, which is dropped at the end."""
    url = make_url(database_url)
    proxy = Proxy(url.port, url.host)
    await proxy.start()
    through = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
    outbox = Outbox(through, table=outbox_table(name=f"outbox_{uuid.uuid4().hex[:10]}"))
    await outbox.create_table()
    yield Stand(outbox, database_url, proxy)
    await outbox.engine.dispose()
    await proxy.cut()
    async with _straight(database_url) as connection:
        await connection.run_sync(outbox.table.drop)


@asynccontextmanager
async def _straight(url):
    """A transaction of somebody else's, not through the proxy."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


@asynccontextmanager
async def locked_file(stand):
    """Another process has the lock of the file."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", _HOLD, stand.outbox.engine.url.database]
    other = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert await other.stdout.readline()
    yield
    other.kill()
    await other.wait()


@asynccontextmanager
async def damaged_file(stand):
    """Something else has written over its beginning."""
    await stand.outbox.engine.dispose()
    file = Path(stand.outbox.engine.url.database)
    sound = await asyncio.to_thread(file.read_bytes)
    await asyncio.to_thread(file.write_bytes, b"#" * len(sound))
    yield
    await stand.outbox.engine.dispose()
    await asyncio.to_thread(file.write_bytes, sound)


@asynccontextmanager
async def moved_file(stand):
    """Somebody has moved it away, as a backup does, and puts it back."""
    file = Path(stand.outbox.engine.url.database)
    away = file.with_suffix(".away")
    await asyncio.to_thread(file.rename, away)
    yield
    await asyncio.to_thread(away.rename, file)


@asynccontextmanager
async def file_that_cannot_be_written(stand):
    """As on a disk that the system has mounted read-only; root may write whatever is forbidden."""
    async with _told_to_connections(stand.outbox.engine, "PRAGMA query_only = 1"):
        yield


@asynccontextmanager
async def full_disk(stand):
    """No page more: SQLite answers as it does where the disk has no room."""
    async with _told_to_connections(stand.outbox.engine, "PRAGMA max_page_count = 1"):
        yield


@asynccontextmanager
async def _told_to_connections(engine, statement):
    def tell(connection, _record):
        connection.execute(statement)

    event.listen(engine.sync_engine, "connect", tell)
    await engine.dispose()
    yield
    event.remove(engine.sync_engine, "connect", tell)
    await engine.dispose()


@asynccontextmanager
async def missing_table(stand):
    """Somebody has renamed it."""
    async with _straight(stand.url) as connection:
        await connection.execute(text(f"ALTER TABLE {stand.table} RENAME TO {stand.table}_away"))
    yield
    async with _straight(stand.url) as connection:
        await connection.execute(text(f"ALTER TABLE {stand.table}_away RENAME TO {stand.table}"))


@asynccontextmanager
async def exhausted_pool(stand):
    """The service has leaked all connections of its engine."""
    pool = stand.outbox.engine.pool
    async with AsyncExitStack() as leaked:
        for _ in range(pool.size() + pool._max_overflow):
            await leaked.enter_async_context(stand.outbox.engine.connect())
        yield


@asynccontextmanager
async def locked_table(stand):
    """A migration has its lock."""
    async with _straight(stand.url) as connection:
        await connection.execute(text(f"LOCK TABLE {stand.table} IN ACCESS EXCLUSIVE MODE"))
        yield


@asynccontextmanager
async def refused_connections(stand):
    """The server is away, and its machine says so."""
    await stand.proxy.cut()
    yield
    await stand.proxy.start()


@asynccontextmanager
async def silent_line(stand):
    """Nothing passes: neither on connections that are open, nor on new ones."""
    stand.proxy.freeze()
    yield
    stand.proxy.thaw()


@asynccontextmanager
async def ended_connections(stand):
    """The server has ended all connections and takes new ones, as after a restart."""
    name = make_url(stand.url).database
    async with _straight(stand.url) as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        ours = " AND query LIKE :table AND pid <> pg_backend_pid()"
        named = {"name": name, "table": f"%{stand.table}%"}
        await connection.execute(text(ended + ours), named)
    yield


OF_SQLITE = {
    "locked file": (locked_file, "SQLITE_BUSY"),
    "moved file": (moved_file, "its table is missing"),
    "damaged file": (damaged_file, "SQLITE_NOTADB"),
    "read-only file": (file_that_cannot_be_written, "SQLITE_READONLY"),
    "missing table": (missing_table, "its table is missing"),
    "exhausted pool": (exhausted_pool, "the pool has none left"),
}
OF_POSTGRES = {
    "refused": (refused_connections, "ConnectionRefusedError"),
    "silent": (silent_line, "no answer within"),
    "locked table": (locked_table, "LockNotAvailableError"),
    "missing table": (missing_table, "UndefinedTableError"),
    "exhausted pool": (exhausted_pool, "the pool has none left"),
}
