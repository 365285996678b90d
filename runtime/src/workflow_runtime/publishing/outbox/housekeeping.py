"""What a relay does beside sending: counting, forgetting, and mending what was edited by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, literal_column, or_, select, update

from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.queries import Queries
from workflow_runtime.publishing.outbox.schema import (
    BEHIND,
    NEW,
    PARKED,
    SENT,
    WAITING,
    in_state,
)
from workflow_runtime.publishing.outbox.transactions import alone, by_index, relay_engine

__all__ = ["Housekeeping", "State"]

_SLICE = 5000
"""Rows that are deleted, or looked at, in one transaction: others want to write too."""
_SLICES = 5
"""Slices that are deleted at most before the next look."""
_FAR = timedelta(hours=1)
"""Later than any relay lets an event come again: the clock was wrong, or somebody's edit is."""


@dataclass(frozen=True, slots=True)
class State:
    """How full the outbox is; ``oldest`` is the age of the oldest waiting event in seconds."""

    waiting: int
    parked: int
    oldest: float


class Housekeeping:
    """Keeps one outbox in order; several relays may do so at the same time.

    Args:
        outbox: where the events are.
        lease: how long a relay may hold an event.
        strict: whether a parked event holds its key.
    """

    def __init__(self, outbox: Outbox, lease: timedelta, *, strict: bool) -> None:
        self._outbox = outbox
        self._table = outbox.table
        self._far = (_FAR + lease) // timedelta(milliseconds=1)
        self._queries = Queries(outbox, strict=strict)
        self._looked_at: int | None = None

    async def state(self) -> State:
        """Counts what waits and what is parked."""
        table = self._table
        waiting = select(func.count(), func.min(table.c.id)).where(in_state(table, WAITING))
        parked = select(func.count()).select_from(table).where(in_state(table, PARKED))
        async with relay_engine(self._outbox).connect() as connection:
            count, first = (await connection.execute(waiting)).one()
            oldest = select(self._outbox.now(), table.c.created_at).where(table.c.id == first)
            times = (await connection.execute(oldest)).first() or (None, None)
            held = (await connection.execute(parked)).scalar_one()
        return State(int(count), int(held), _age(*times))

    async def forget_sent(self, older_than: timedelta) -> int:
        """Deletes events that were sent so long ago; returns how many."""
        table, forgotten = self._table, 0
        before = self._outbox.now() - older_than // timedelta(milliseconds=1)
        old = (
            select(table.c.id)
            .where(in_state(table, SENT), table.c.sent_at < before)
            .order_by(table.c.sent_at)
            .limit(_SLICE)
        )
        for _ in range(_SLICES):
            async with by_index(self._outbox) as connection:
                gone = (await connection.execute(delete(table).where(table.c.id.in_(old)))).rowcount
            forgotten += gone
            if gone < _SLICE:
                break
        return forgotten

    async def mend(self) -> int:
        """Finds events that nobody would come to any more; returns how many.

        What they wait for was deleted by hand, or their time is none. Each call looks at the next
        stretch of those that wait behind another one. What a person has marked as sent was sent
        now, and is forgotten in its time.
        """
        table = self._table
        stretch = self._queries.orphans(self._looked_at, _SLICE)
        async with alone(self._outbox) as connection:
            rows = (await connection.execute(stretch)).all()
            self._looked_at = int(rows[-1].id) if len(rows) == _SLICE else None
            lost = [row.id for row in rows if row.before is None]
            again = update(table).where(
                in_state(table, WAITING),
                or_(
                    table.c.id.in_(lost),
                    table.c.due_at > self._outbox.now() + self._far,
                    table.c.due_at < literal_column(str(BEHIND)),
                ),
            )
            mended = await connection.execute(again.values(due_at=NEW, claimed_by=""))
            marked = update(table).where(in_state(table, SENT), table.c.sent_at.is_(None))
            await connection.execute(marked.values(sent_at=self._outbox.now()))
        return int(mended.rowcount)


def _age(now: object, created_at: object) -> float:
    """The seconds between two times, of which somebody may have edited the second."""
    if not isinstance(now, int) or not isinstance(created_at, int):
        return 0.0
    # Not by the database, where a difference may be too large.
    return max(0.0, (now - created_at) / 1000)
