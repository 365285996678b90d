"""Savepoints of SQLite that belong to their transaction."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event

__all__ = ["begin_before_savepoints"]


def begin_before_savepoints() -> None:
    """Makes a rollback undo what was written within a savepoint, on every engine of this process.

    Python's driver begins a transaction before the first INSERT, UPDATE or DELETE, and not before
    a SAVEPOINT. One that comes first is the transaction itself for SQLite: its RELEASE commits,
    and the rollback around it finds nothing. Of every engine, because a service may write its
    events by one that we do not know (`Outbox.statement`); all others go on as they were: nothing
    happens where a transaction has begun, as after the recipe in SQLAlchemy's documentation
    (https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable), nor where the
    driver begins none: with AUTOCOMMIT a RELEASE is all that keeps what was written.
    """
    if not event.contains(Engine, "savepoint", _begin):
        event.listen(Engine, "savepoint", _begin)


def _begin(connection: Connection, _name: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.driver_connection
    if driver is None or driver.isolation_level is None:
        return
    if not driver.in_transaction:
        connection.exec_driver_sql("BEGIN")
