"""The statement that writes an event, and what it means that it wrote nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy import table as table_clause
from sqlalchemy.dialects import postgresql, sqlite

from workflow_runtime.gateway.encoding import encode
from workflow_runtime.gateway.values import Scope
from workflow_runtime.publishing.outbox.schema import SENT

__all__ = ["DIALECTS", "differs", "known_scope", "write"]


def _next_of_postgresql(_: Table) -> ColumnElement[int]:
    # Of whichever table it is: its schema may be known to the connection only.
    return literal_column("DEFAULT")


def _next_of_sqlite(table: Table) -> ColumnElement[int]:
    counters = table_clause("sqlite_sequence", column("seq", Integer), column("name"))
    given = select(counters.c.seq).where(counters.c.name == table.name).scalar_subquery()
    highest = select(func.max(table.alias().c.id)).scalar_subquery()
    return func.max(func.coalesce(given, 0), highest) + 1


_SAME = ("event_id", "name", "correlation_key")
"""The columns that tell a repetition: there is a unique index of them."""
_Next = Callable[[Table], ColumnElement[int]]
DIALECTS: Mapping[str, tuple[Callable[[Table], Any], _Next]] = {
    "postgresql": (postgresql.insert, _next_of_postgresql),
    "sqlite": (sqlite.insert, _next_of_sqlite),
}
"""By dialect: its INSERT, and the next number of the sequence that the order hangs on."""


def write(table: Table, dialect: str, row: Mapping[str, Any], now: ColumnElement[int]) -> Any:
    """Makes the statement that writes an event.

    Args:
        table: the outbox's.
        dialect: of the database.
        row: the columns of the event.
        now: the time, in milliseconds since 1970.

    Returns:
        The statement. It writes no row if the id is known: as long as the event waits, or is
        parked, and then for its time to live, as the engine does.
    """
    insert, next_id = DIALECTS[dialect]
    statement = insert(table).values(row)
    # Of this index only: where the table's sequence lags behind, as after a restore or a change to
    # a replica, the number of the row is taken, and the transaction has to fail.
    if row["new_id"]:
        # Only the same statement, executed again, has this id.
        return statement.on_conflict_do_nothing(index_elements=_SAME)
    # Not the sum of both: of a time to live that somebody has edited it may be too large.
    forgotten = and_(table.c.state == SENT, table.c.sent_at <= now - table.c.ttl)
    return statement.on_conflict_do_update(
        index_elements=_SAME,
        where=forgotten,
        # A new event, behind all others of its key.
        set_={each: statement.excluded[each] for each in row}
        | {"id": next_id(table), "sent_at": None},
    )


def known_scope(table: Table, row: Mapping[str, Any]) -> Select[Any]:
    """Asks for the scope of the event that is known by the id of another.

    Args:
        table: the outbox's.
        row: the columns of the other.
    """
    return select(table.c.scope).where(*(table.c[name] == row[name] for name in _SAME))


def differs(scope: Scope, text: str) -> bool:
    """Compares a scope with what was written of another.

    Args:
        scope: the variables.
        text: the other's, which may have a trace's context beside its own variables.

    Returns:
        Whether a variable has another value there.
    """
    try:
        known = json.loads(text)
        return any(
            known.get(name, known) != value for name, value in json.loads(encode(scope)).items()
        )
    except (ValueError, AttributeError, RecursionError):
        return True  # edited by hand
