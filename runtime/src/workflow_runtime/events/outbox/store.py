"""The relay's side of the table: claiming, marking, cleaning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, func, or_, select, update

from workflow_runtime.events.model import Event
from workflow_runtime.events.outbox.outbox import Outbox
from workflow_runtime.events.outbox.schema import PARKED, SENT, WAITING

__all__ = ["Claimed", "State", "Store"]

_LONGEST_ERROR = 1000


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event in this relay's hands until its lease ends."""

    row_id: int
    event: Event
    attempts: int


@dataclass(frozen=True, slots=True)
class State:
    """How full the outbox is; ``oldest`` is the age of the oldest waiting event in seconds."""

    waiting: int
    parked: int
    oldest: float


class Store:
    """One relay's view; ``owner`` tells relays apart."""

    def __init__(self, outbox: Outbox, owner: str, lease: timedelta) -> None:
        self._outbox = outbox
        self._table = outbox.table
        self._owner = owner
        self._lease = int(lease.total_seconds() * 1000)

    async def claim(self, limit: int) -> list[Claimed]:
        """Takes events that are next for their key, oldest first.

        Rows that another relay is just taking are passed over (SKIP LOCKED). What a dead relay
        held can be taken when its lease has ended.
        """
        table, now = self._table, self._outbox.now()
        heads = (
            select(table.c.id)
            .where(self._is_next(now))
            .order_by(table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("heads")
        )
        claim = (
            update(table)
            .where(table.c.id.in_(select(heads.c.id)), table.c.claimed_until <= now)
            .values(claimed_by=self._owner, claimed_until=now + self._lease)
            .returning(table)
        )
        async with self._outbox.engine.begin() as connection:
            rows = (await connection.execute(claim)).all()
        return [_claimed(row) for row in sorted(rows, key=lambda row: int(row.id))]

    async def sent(self, claimed: Sequence[Claimed]) -> None:
        """The engine has them."""
        await self._mark(claimed, state=SENT, sent_at=self._outbox.now(), last_error="")

    async def later(self, claimed: Claimed, error: str, wait: float, *, burnt: bool) -> None:
        """Try again in ``wait`` seconds; ``burnt`` counts it as an attempt."""
        await self._mark(
            [claimed],
            attempts=claimed.attempts + burnt,
            next_at=self._outbox.now() + int(wait * 1000),
            last_error=error[:_LONGEST_ERROR],
        )

    async def park(self, claimed: Claimed, error: str) -> None:
        """No more attempts until a person says so."""
        await self._mark(
            [claimed],
            state=PARKED,
            attempts=claimed.attempts + 1,
            last_error=error[:_LONGEST_ERROR],
        )

    async def state(self) -> State:
        """Counts."""
        table = self._table
        question = select(table.c.state, func.count(), func.min(table.c.created_at)).where(
            table.c.state != SENT
        )
        async with self._outbox.engine.connect() as connection:
            rows = (await connection.execute(question.group_by(table.c.state))).all()
        found = {str(state): (int(count), int(oldest)) for state, count, oldest in rows}
        now = self._outbox.now()
        waiting, oldest = found.get(WAITING, (0, now))
        return State(waiting, found.get(PARKED, (0, now))[0], max(0.0, (now - oldest) / 1000))

    async def forget_sent(self, older_than: timedelta) -> int:
        """Deletes events that were sent so long ago; returns how many."""
        before = self._outbox.now() - int(older_than.total_seconds() * 1000)
        table = self._table
        old = delete(table).where(table.c.state == SENT, table.c.sent_at < before)
        async with self._outbox.engine.begin() as connection:
            return int((await connection.execute(old)).rowcount)

    def _is_next(self, now: int) -> ColumnElement[bool]:
        table, earlier = self._table, self._table.alias("earlier")
        blocked = exists().where(
            earlier.c.correlation_key == table.c.correlation_key,
            earlier.c.state == WAITING,
            earlier.c.id < table.c.id,
        )
        return (
            (table.c.state == WAITING)
            & (table.c.next_at <= now)
            & (table.c.claimed_until <= now)
            # Events without a key start processes: they have no order among themselves.
            & or_(table.c.correlation_key == "", ~blocked)
        )

    async def _mark(self, claimed: Sequence[Claimed], **values: Any) -> None:
        table = self._table
        mark = (
            update(table)
            .where(
                table.c.id.in_([each.row_id for each in claimed]),
                table.c.claimed_by == self._owner,
                table.c.state == WAITING,
            )
            .values(claimed_by="", claimed_until=0, **values)
        )
        async with self._outbox.engine.begin() as connection:
            await connection.execute(mark)


def _claimed(row: Row[Any]) -> Claimed:
    event = Event(
        row.name,
        row.correlation_key,
        json.loads(row.scope),
        timedelta(milliseconds=row.ttl),
        row.event_id,
    )
    return Claimed(int(row.id), event, int(row.attempts))
