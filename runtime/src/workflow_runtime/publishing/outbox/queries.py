"""Questions to the table whose cost does not grow with what waits in it.

Each follows one index and stops after so many rows. On PostgreSQL that must hold whatever the
planner believes to know of the table: a neighbour is looked for by comparing (key, id) with
(key, id), in whose order there is one index. For ``key = …`` it would walk through all ids where
its statistics are old, so the key is bounded from both sides instead. SQLite uses no index for
such a comparison with its row id, and takes the right one for ``key = …``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.schema import BEHIND, NEW, PARKED, WAITING, in_state

__all__ = ["Queries", "is_behind", "is_new"]


class Queries:
    """Questions to one outbox.

    Args:
        outbox: where the events are.
        strict: whether a parked event holds its key too.
    """

    def __init__(self, outbox: Outbox, *, strict: bool) -> None:
        self._outbox = outbox
        self._table = outbox.table
        self._strict = strict
        self._compares_rows = outbox.engine.dialect.name != "sqlite"

    def new(self, limit: int, after: int | None = None) -> Select[Any]:
        """Asks for rows at which nobody has looked, in the order in which they were written.

        Args:
            limit: how many at most.
            after: the id behind which the search begins; None is the very first one.

        Returns:
            A query for ``id``, and ``before``: the id of what goes first, if anything does.
        """
        table = self._table
        columns = table.c.id, self._before().label("before")
        query = select(*columns).where(is_new(table), *_behind(table, after))
        return query.order_by(table.c.id).limit(limit)

    def due(self, limit: int) -> Select[Any]:
        """Asks for rows that were tried before, or whose relay has died, and that may go now.

        Args:
            limit: how many at most.

        Returns:
            A query for ``id``, those first that are due for the longest time.
        """
        table = self._table
        is_due = table.c.due_at <= self._outbox.now()
        has_time = table.c.due_at > literal_column(str(NEW))
        query = select(table.c.id).where(in_state(table, WAITING), has_time, is_due)
        return query.order_by(table.c.due_at, table.c.id).limit(limit)

    def successors(self, ids: Sequence[int]) -> Select[Any]:
        """Asks what comes next after each of some rows.

        Args:
            ids: rows, whatever has become of them.

        Returns:
            A query for ``id``, a row, and ``next``: that of the same key, if there is one.
        """
        table = self._table
        after = self._neighbour(table, WAITING, after=True)
        has_key = table.c.correlation_key != ""
        return select(table.c.id, after.label("next")).where(table.c.id.in_(ids), has_key)

    def followers(self, ids: Sequence[int], limit: int) -> CompoundSelect[Any]:
        """Asks for a few of those that come after each of some rows.

        Args:
            ids: rows with a key; not many: each has its own part in the query.
            limit: how many at most after each of them.

        Returns:
            A query for ``head``, one of the rows; ``id``, in their order for each of them, or
            null for a row of another key; and ``held``, whether it waits for something else.
        """
        return union_all(*(self._followers(row_id, limit) for row_id in ids))

    def orphans(self, after: int | None, limit: int) -> Select[Any]:
        """Asks for a stretch of the rows that wait behind another one, and whether it is there.

        Args:
            after: the id behind which the stretch begins; None is the very first one.
            limit: how long it is.

        Returns:
            A query for ``id`` and ``before``, as `new` has them.
        """
        table = self._table
        query = select(table.c.id, self._before().label("before"))
        query = query.where(is_behind(table), *_behind(table, after))
        return query.order_by(table.c.id).limit(limit)

    def _followers(self, row_id: int, limit: int) -> Select[Any]:
        head, row = self._table.alias(), self._table.alias()
        key = select(head.c.correlation_key).where(head.c.id == row_id).scalar_subquery()
        held = row.c.due_at > literal_column(str(NEW))
        if self._strict:
            held = or_(held, self._neighbour(row, PARKED, after=False).is_not(null()))
        columns = [
            literal_column(str(int(row_id))).label("head"),
            case((row.c.correlation_key == key, row.c.id)).label("id"),
            held.label("held"),
        ]
        query = select(*columns).where(in_state(row, WAITING), self._beyond(row, key, row_id))
        query = query.order_by(row.c.correlation_key, row.c.id).limit(limit)
        return select(query.subquery())

    def _before(self) -> ColumnElement[Any]:
        table = self._table
        before = self._neighbour(table, WAITING, after=False)
        if self._strict:
            parked = self._neighbour(table, PARKED, after=False)
            # A parked one is never in the same hands: which of the two is nearer is all the same.
            before = case((parked.is_not(null()), parked), else_=before)
        # Events without a key start processes: they have no order among themselves.
        return case((table.c.correlation_key == "", null()), else_=before)

    def _neighbour(self, row: Any, state: str, *, after: bool) -> ColumnElement[Any]:
        other = self._table.alias()
        by = [other.c.correlation_key, other.c.id]
        near = self._beyond(other, row.c.correlation_key, row.c.id, after=after)
        return (
            select(case((other.c.correlation_key == row.c.correlation_key, other.c.id)))
            .where(in_state(other, state), near)
            .order_by(*(by if after else (column.desc() for column in by)))
            .limit(1)
            .correlate(row)
            .scalar_subquery()
        )

    def _beyond(self, row: Any, key: Any, row_id: Any, *, after: bool = True) -> Any:
        if not self._compares_rows:
            side = row.c.id > row_id if after else row.c.id < row_id
            return and_(row.c.correlation_key == key, side)
        mine, theirs = tuple_(key, row_id), tuple_(row.c.correlation_key, row.c.id)
        # Bounded on the other side too, or the search goes on through all other keys' dead rows.
        if after:
            return and_(theirs > mine, row.c.correlation_key <= key)
        return and_(theirs < mine, row.c.correlation_key >= key)


def is_new(table: Any) -> ColumnElement[bool]:
    """Chooses events at which no relay has looked."""
    return and_(in_state(table, WAITING), table.c.due_at == literal_column(str(NEW)))


def is_behind(table: Any) -> ColumnElement[bool]:
    """Chooses events that wait until what goes first has ended and wakes them."""
    return and_(in_state(table, WAITING), table.c.due_at == literal_column(str(BEHIND)))


def _behind(table: Any, after: int | None) -> list[ColumnElement[bool]]:
    # From the first one on without a number: somebody may have put an event in front by id 0.
    return [] if after is None else [table.c.id > after]
