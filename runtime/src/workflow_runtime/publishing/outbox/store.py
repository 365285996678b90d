"""The relay's side of the table: who takes which events, and what became of them.

Who is next hangs on the rows alone, by ``due_at``. A new row whose key has nothing before it is
taken; otherwise it is put behind, and nobody looks at it again until what goes first has ended
and wakes it. So a key in hand, or one that has to wait, is one row with a time, and however many
come after it cost nothing. Changes are made by one relay at a time; sending is done by all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.queries import Queries, is_behind, is_new
from workflow_runtime.publishing.outbox.reading import Claimed, load
from workflow_runtime.publishing.outbox.schema import (
    BEHIND,
    NEW,
    PARKED,
    SENT,
    WAITING,
    in_state,
)
from workflow_runtime.publishing.outbox.transactions import alone, relay_engine

__all__ = ["Lane", "Marks", "Run", "Store"]

_LONGEST_ERROR = 1000
"""Characters of an error that the table keeps."""
_LONG_RUNS = 20
"""Keys of one round of which more is taken than what was found with the first event."""

_FROM_THE_START = 20
"""Every so many searches for new rows begin at the first one."""

Run = list[Claimed]
"""Events of one correlation key, to be sent one after the other."""


class Lane(Enum):
    """Which events: those that were never tried, or those whose time has come again."""

    NEW = "new"
    AGAIN = "again"


@dataclass(slots=True)
class Marks:
    """What became of the events of a round.

    Attributes:
        sent: those that the engine has.
        parked: those that wait for a person, and why.
        later: those that come again: why, in how many seconds, and whether the engine refused.
        freed: those whose turn has not come after all.
        last: of each key, the one after which the next may go.
    """

    sent: list[Claimed] = field(default_factory=list)
    parked: list[tuple[Claimed, str]] = field(default_factory=list)
    later: list[tuple[Claimed, str, float, bool]] = field(default_factory=list)
    freed: list[Claimed] = field(default_factory=list)
    last: list[Claimed] = field(default_factory=list)


class Store:
    """One relay's view of the outbox.

    Args:
        outbox: where the events are.
        owner: tells relays apart.
        lease: how long events belong to the relay that has claimed them.
        strict: whether the successors of a parked event wait until a person has decided.
    """

    def __init__(
        self, outbox: Outbox, owner: str, lease: timedelta, *, strict: bool = False
    ) -> None:
        self._outbox = outbox
        self._table = outbox.table
        self._owner = owner
        self._queries = Queries(outbox, strict=strict)
        self._lease = lease // timedelta(milliseconds=1)
        self._idle: set[Lane] = set()
        # Where the search for new rows goes on: what is before it was there, and has been taken.
        # Where PostgreSQL cannot clean up, as during a dump, it would be read again each time.
        self._after: int | None = None
        self._searches = 0

    async def claim(self, lane: Lane, limit: int) -> list[Run]:
        """Takes events whose turn it is, each with what comes next for its key.

        What a dead relay held can be taken when its lease has ended.

        Args:
            lane: which events.
            limit: how many at most.

        Returns:
            Events in runs: those of one correlation key have to be sent in their order.
        """
        if lane in self._idle and not await self._anything(lane):
            return []
        async with alone(self._outbox) as connection:
            if lane is Lane.NEW:
                runs, behind = await self._new_runs(connection, limit)
            else:
                found = await connection.execute(self._queries.due(limit))
                runs, behind = [[row.id] for row in found], []
            await self._take([run[0] for run in runs], connection)
            if behind:
                await self._change(connection, behind, due_at=BEHIND)
            await self._lengthen(runs, limit, connection)
        (self._idle.discard if runs or behind else self._idle.add)(lane)
        return await self._loaded(runs)

    async def settle(self, marks: Marks) -> None:
        """Notes what became of events, and lets go on what waits behind them.

        What another relay has taken meanwhile is left to it, but for what the engine has.

        Args:
            marks: of events that this relay has claimed.
        """
        async with alone(self._outbox) as connection:
            await self._note(marks, connection)
            if marks.last:
                after = self._queries.successors(_ids(marks.last))
                nexts = [row.next for row in await connection.execute(after) if row.next]
                if self._after is not None:
                    self._after = min([self._after, *(each - 1 for each in nexts)])
                await self._change(connection, nexts, is_behind(self._table), due_at=NEW)

    async def _anything(self, lane: Lane) -> bool:
        # Without the lock: relays that have nothing to do hold up nobody.
        new = select(self._table.c.id).where(is_new(self._table)).limit(1)
        query = new if lane is Lane.NEW else self._queries.due(1).order_by(None)
        async with relay_engine(self._outbox).connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def _new_runs(
        self, connection: AsyncConnection, limit: int
    ) -> tuple[list[list[int]], list[int]]:
        rows = await self._next_rows(connection, limit)
        run_of: dict[int, list[int]] = {}
        runs: list[list[int]] = []
        behind: list[int] = []
        for row in rows:
            run = run_of.get(row.before)
            if row.before is not None and run is None:
                behind.append(row.id)
                continue
            if run is None:
                runs.append(run := [])
            run.append(row.id)
            run_of[row.id] = run
        return runs, behind

    async def _next_rows(self, connection: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
        self._searches += 1
        if self._searches % _FROM_THE_START == 0:
            # Rows that were committed late, or that another relay has given back.
            self._after = None
        rows: Sequence[Row[Any]]
        rows = (await connection.execute(self._queries.new(limit, self._after))).all()
        if len(rows) < limit and self._after is not None:
            rows = (await connection.execute(self._queries.new(limit))).all()
        self._after = int(rows[-1].id) if len(rows) == limit else None
        return rows

    async def _take(self, heads: Sequence[int], connection: AsyncConnection) -> None:
        until = self._outbox.now() + self._lease
        await self._change(connection, heads, due_at=until, claimed_by=self._owner)

    async def _lengthen(
        self, runs: list[list[int]], limit: int, connection: AsyncConnection
    ) -> None:
        """Adds what waits behind: as the key is this relay's, so is what comes after it."""
        if not (room := limit - sum(map(len, runs))):
            return
        by_last = {run[-1]: run for run in runs}
        after = await connection.execute(self._queries.successors(list(by_last)))
        longer = [row.id for row in after if row.next][:_LONG_RUNS]
        if not longer:
            return
        each = max(1, room // len(longer))
        found = await connection.execute(self._queries.followers(longer, each))
        ended: set[int] = set()
        for row in found:
            if row.id is None or row.held or row.head in ended:
                ended.add(row.head)
            else:
                by_last[row.head].append(row.id)

    async def _loaded(self, runs: list[list[int]]) -> list[Run]:
        found = await load(
            relay_engine(self._outbox), self._table, [row_id for run in runs for row_id in run]
        )
        # One that is gone was deleted by hand.
        loaded = [[found[row_id] for row_id in run if row_id in found] for run in runs]
        return [run for run in loaded if run]

    async def _note(self, marks: Marks, connection: AsyncConnection) -> None:
        table = self._table
        if marks.sent:
            # Whoever holds it now: it is true.
            values = {"state": SENT, "sent_at": self._outbox.now(), "last_error": ""}
            await self._change(connection, _ids(marks.sent), claimed_by="", **values)
        # What another relay has taken meanwhile is left to it.
        ours = or_(table.c.claimed_by == self._owner, table.c.due_at <= NEW)
        if marks.freed:
            self._after = None
            await self._change(connection, _ids(marks.freed), ours, due_at=NEW, claimed_by="")
        if not marks.parked and not marks.later:
            return
        one = update(table).where(table.c.id == bindparam("row"), in_state(table, WAITING), ours)
        one = one.values(
            state=bindparam("new_state"),
            due_at=self._outbox.now() + bindparam("wait", type_=table.c.due_at.type),
            claimed_by="",
            # As they were read: of a number that somebody has edited, one more may be too large.
            attempts=bindparam("refused"),
            failures=bindparam("failed"),
            last_error=bindparam("error"),
        )
        parked = [_changed(each, error, 0.0, True, PARKED) for each, error in marks.parked]
        later = [_changed(*each, WAITING) for each in marks.later]
        await connection.execute(one, [*parked, *later])

    async def _change(
        self,
        connection: AsyncConnection,
        ids: Sequence[int],
        *where: ColumnElement[bool],
        **values: Any,
    ) -> None:
        if not ids:
            return
        table = self._table
        chosen = update(table).where(table.c.id.in_(ids), in_state(table, WAITING), *where)
        await connection.execute(chosen.values(**values))


def _ids(claimed: Sequence[Claimed]) -> list[int]:
    return [each.row_id for each in claimed]


def _changed(
    claimed: Claimed, error: str, wait: float, refused: bool, state: str
) -> Mapping[str, Any]:
    return {
        "row": claimed.row_id,
        "new_state": state,
        "wait": int(wait * 1000),
        "refused": claimed.attempts + refused,
        "failed": claimed.failures + (not refused),
        "error": error[:_LONGEST_ERROR],
    }
