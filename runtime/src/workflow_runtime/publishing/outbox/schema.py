"""The outbox's table, and how it comes into a database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    literal_column,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from workflow_runtime.publishing.outbox.beginning import begin, take_write_lock

__all__ = [
    "BEHIND",
    "NEW",
    "PARKED",
    "SENT",
    "WAITING",
    "create_table",
    "in_state",
    "outbox_table",
    "table_exists",
    "upgrade",
]

WAITING, SENT, PARKED = "waiting", "sent", "parked"
NEW, BEHIND = 0, -1
"""What ``due_at`` says instead of a time: nobody has looked yet; another of its key goes first."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('workflow_outbox'))"
"""What holds up others on PostgreSQL until the transaction ends."""


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
        *_columns(),
        # An edit by hand that no relay would ever find is refused.
        CheckConstraint(
            f"state IN ('{WAITING}', '{SENT}', '{PARKED}')", name=f"{name}_known_state"
        ),
        *_indexes(name),
        # Ids are never given twice, not even those of deleted rows: the order hangs on them.
        sqlite_autoincrement=True,
    )


def _columns() -> list[Column[Any]]:
    return [
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("name", Text, nullable=False),
        Column("correlation_key", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        # Made for this one event: if the engine knows it, it was sent before.
        Column("new_id", Boolean, nullable=False),
        Column("scope", Text, nullable=False),
        Column("ttl", BigInteger, nullable=False),
        Column("state", String(10), nullable=False),
        # When its turn comes, or NEW or BEHIND. While a relay has it in hand: when the lease ends.
        Column("due_at", BigInteger, nullable=False),
        Column("claimed_by", String(64), nullable=False),
        # How often the engine has refused it; how often in a row it has reached nobody.
        Column("attempts", Integer, nullable=False),
        Column("failures", Integer, nullable=False),
        Column("last_error", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("sent_at", BigInteger, nullable=True),
    ]


def _indexes(name: str) -> list[Index]:
    def index(suffix: str, *columns: str, state: str) -> Index:
        # Partial: what was sent, and stays for days, must not slow down what waits.
        where = text(f"state = '{state}'")
        return Index(f"{name}_{suffix}", *columns, postgresql_where=where, sqlite_where=where)

    return [
        # A repetition; whose turn it is; the next of a key; what a person looks for; what is old.
        Index(f"{name}_same", "event_id", "name", "correlation_key", unique=True),
        index("turn", "due_at", "id", state=WAITING),
        index("order", "correlation_key", "id", state=WAITING),
        index("parked", "correlation_key", "id", state=PARKED),
        index("sent", "sent_at", state=SENT),
    ]


def in_state(rows: FromClause, state: str) -> ColumnElement[bool]:
    """Chooses rows of one state, in the words of the partial indexes.

    Args:
        rows: the table, or an alias of it.
        state: one of the constants above.

    Returns:
        The condition. The state is part of the text: of a parameter the database could not know
        that it is the index's.
    """
    assert state in {WAITING, SENT, PARKED}, "it becomes a part of the statement's text"
    found: ColumnElement[bool] = rows.c.state == literal_column(f"'{state}'")
    return found


async def create_table(where: AsyncEngine | AsyncConnection, table: Table | None = None) -> None:
    """Creates the table where it is missing; calling it at every start is fine.

    Args:
        where: an engine, or a connection whose transaction the caller commits.
        table: the table; None is `outbox_table` with its own name.
    """
    table = outbox_table() if table is None else table
    if isinstance(where, AsyncEngine):
        async with begin(where) as connection:
            await _one_at_a_time(connection)
            await connection.run_sync(table.create, checkfirst=True)
    else:
        await where.run_sync(table.create, checkfirst=True)


def table_exists(connection: Connection, table: Table) -> bool:
    """Looks for a table.

    Args:
        connection: of the database; may choose the schema (``schema_translate_map``).
        table: the one to look for.
    """
    chosen = connection.get_execution_options().get("schema_translate_map") or {}
    schema = chosen.get(table.schema, table.schema)
    return inspect(connection).has_table(table.name, schema=schema)


async def _one_at_a_time(connection: AsyncConnection) -> None:
    # Replicas that start together would all find the table missing, and all but one would fail.
    if connection.dialect.name == "sqlite":
        await take_write_lock(connection)
    elif connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(_LOCK)


def upgrade(op: Any, table: Table | None = None) -> None:
    """Creates the table in an Alembic revision.

    Args:
        op: the revision's ``alembic.op``.
        table: the table; None is `outbox_table` with its own name.
    """
    (outbox_table() if table is None else table).create(op.get_bind(), checkfirst=True)
