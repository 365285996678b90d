"""The relay's side of the table: claiming, marking, cleaning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from workflow_runtime.publishing.model import Event
from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.schema import PARKED, SENT, WAITING

__all__ = ["Claimed", "Run", "State", "Store"]

_LONGEST_ERROR = 1000
"""Characters of an error that the table keeps."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event in this relay's hands until its lease ends, after so many ``attempts``."""

    row_id: int
    event: Event
    attempts: int


@dataclass(frozen=True, slots=True)
class State:
    """How full the outbox is; ``oldest`` is the age of the oldest waiting event in seconds."""

    waiting: int
    parked: int
    oldest: float


Run = list[Claimed]
"""Events of one correlation key, to be sent one after the other."""


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
        # A parked event that holds its key counts as the oldest one that waits.
        self._holding = (WAITING, PARKED) if strict else (WAITING,)
        self._lease = int(lease.total_seconds() * 1000)

    async def claim(self, limit: int) -> list[Run]:
        """Takes events whose turn it is, oldest first, each with what comes next for its key.

        Rows that another relay is just taking are passed over (SKIP LOCKED), and what follows
        them with them. What a dead relay held can be taken when its lease has ended.

        Args:
            limit: how many events at most.

        Returns:
            Events in runs: those of one correlation key have to be sent in their order.
        """
        now = self._outbox.now()
        async with self._outbox.engine.begin() as connection:
            heads = (await connection.execute(self._take(self._heads(now, limit), now))).all()
            # Sorted: RETURNING promises no order.
            runs = {row.id: [_claimed(row)] for row in sorted(heads, key=lambda row: int(row.id))}
            by_key = {row.correlation_key: runs[row.id] for row in heads if row.correlation_key}
            if by_key and len(heads) < limit:
                rows = (await connection.execute(self._after(heads, limit))).all()
                followers = list(_unbroken(rows, now))
                await connection.execute(self._take([row.id for row in followers], now))
                for row in followers:
                    by_key[row.correlation_key].append(_claimed(row))
        return list(runs.values())

    async def sent(self, claimed: Sequence[Claimed]) -> None:
        """Notes that the engine has these events."""
        await self._mark(claimed, state=SENT, sent_at=self._outbox.now(), last_error="")

    async def release(self, claimed: Sequence[Claimed]) -> None:
        """Gives events back whose turn has not come after all."""
        await self._mark(claimed)

    async def later(self, claimed: Claimed, error: str, wait: float, *, counts: bool) -> None:
        """Lets an event come again in ``wait`` seconds; ``counts``: it has one attempt less."""
        await self._mark(
            [claimed],
            attempts=claimed.attempts + counts,
            next_at=self._outbox.now() + int(wait * 1000),
            last_error=error[:_LONGEST_ERROR],
        )

    async def park(self, claimed: Claimed, error: str) -> None:
        """Lets an event wait until a person lets it go on; ``error`` is what they read."""
        await self._mark(
            [claimed],
            state=PARKED,
            attempts=claimed.attempts + 1,
            last_error=error[:_LONGEST_ERROR],
        )

    async def state(self) -> State:
        """Counts what waits and what is parked."""
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

    def _heads(self, now: int, limit: int) -> Select[Any]:
        table = self._table
        waiting = table.c.state == WAITING
        # Events without a key start processes: they have no order among themselves.
        oldest = select(func.min(table.c.id)).where(
            table.c.state.in_(self._holding), table.c.correlation_key != ""
        )
        turn = or_(
            table.c.correlation_key == "",
            table.c.id.in_(oldest.group_by(table.c.correlation_key)),
        )
        free = select(table.c.id).where(waiting, turn, table.c.next_at <= now)
        free = free.where(table.c.claimed_until <= now).order_by(table.c.id).limit(limit)
        # By way of a CTE, which is evaluated once: an IN is evaluated for every row.
        return select(free.with_for_update(skip_locked=True).cte("heads").c.id)

    def _after(self, heads: Sequence[Row[Any]], limit: int) -> Select[Any]:
        table = self._table
        following = select(table).where(
            table.c.state == WAITING,
            table.c.correlation_key.in_({row.correlation_key for row in heads} - {""}),
            table.c.id.not_in([row.id for row in heads]),
        )
        return following.order_by(table.c.id).limit(limit - len(heads))

    def _take(self, ids: Select[Any] | list[int], now: int) -> ReturningUpdate[Any]:
        table = self._table
        return (
            update(table)
            # Asked once more: SQLite locks no rows, and followers are not locked before.
            .where(table.c.id.in_(ids), table.c.claimed_until <= now)
            .values(claimed_by=self._owner, claimed_until=now + self._lease)
            .returning(table)
        )

    async def _mark(self, claimed: Sequence[Claimed], **values: Any) -> None:
        if not claimed:
            return
        # Only rows that are still ours: after the lease another relay may hold them.
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


def _unbroken(rows: Sequence[Row[Any]], now: int) -> Iterator[Row[Any]]:
    """What may be sent now; nothing overtakes an event of its key that still has to wait."""
    held: set[str] = set()
    for row in rows:
        if row.next_at > now or row.claimed_until > now:
            held.add(row.correlation_key)
        elif row.correlation_key not in held:
            yield row


def _claimed(row: Row[Any]) -> Claimed:
    event = Event(
        row.name,
        row.correlation_key,
        json.loads(row.scope),
        timedelta(milliseconds=row.ttl),
        row.event_id,
    )
    return Claimed(int(row.id), event, int(row.attempts))
