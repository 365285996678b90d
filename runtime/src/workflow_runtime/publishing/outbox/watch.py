"""Whether the outbox can be written and is sent in time: asked again and again, for health."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime.errors import OutboxUnavailable
from workflow_runtime.health import OutboxHealth, Trouble
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox.housekeeping import State
from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.story import PROBED_WRITER, WRITER, Story
from workflow_runtime.publishing.outbox.transacting import transact

__all__ = ["Watch"]

_EVERY = 3.0
"""Seconds between an answer and the next question."""
_PATIENCE = 3.0
"""Seconds for an answer."""
_UNSEEN = 15.0
"""Seconds without a look after which health says that nobody looks."""
_QUIET = 600.0
"""Seconds after which a writer that has failed, and has not written again, is forgotten."""
_NO_ROW = -1


class Watch:
    """Looks after one outbox; `health` may be asked for in any thread.

    Args:
        outbox: what is looked at.
        observers: are told as long as it is not well, and how full it is otherwise.
        late: the age from which on the oldest waiting event is too old.
        round_limit: seconds in which a relay surely ends a round.
        recount: called as the outbox is well again: what was counted before is no longer so.
    """

    def __init__(
        self,
        outbox: Outbox,
        observers: Observer,
        *,
        late: timedelta,
        round_limit: float,
        recount: Callable[[], None],
    ) -> None:
        self._outbox = outbox
        self._observers = observers
        self._late = late.total_seconds()
        self._round_limit = round_limit
        self._lateness = Story(
            "outbox: {}; the relay is behind, or the engine does not take them",
            "outbox: no event waits too long any more, after {}",
        )
        self._recount = recount
        self._state: State | None = None
        self._away = False
        self._looked = self._turned = time.monotonic()

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        self._turned = time.monotonic()
        while True:
            await asyncio.sleep(_EVERY)
            await self.look()

    async def look(self) -> None:
        """Looks once, within seconds."""
        await self._ask()
        self._judge()
        self._looked = time.monotonic()

    def turned(self) -> None:
        """Notes that the relay has ended a round."""
        self._turned = time.monotonic()

    def counted(self, state: State) -> None:
        """Notes how full the outbox is."""
        if not self._outbox.story.going_on:
            self._state = state
            self._observers.outbox_state(state.waiting, state.parked, state.oldest)

    def health(self) -> OutboxHealth:
        """A snapshot; what is not known, because the database does not answer, is None."""
        troubles = [*self._outbox.story.troubles(), *self._lateness.troubles()]
        unseen = time.monotonic() - self._looked
        if unseen > _UNSEEN:
            troubles.append(Trouble("nobody looks after it: its relay does not run", "", unseen))
        state = self._state
        if state is None or self._outbox.story.going_on:
            return OutboxHealth(tuple(troubles))
        return OutboxHealth(tuple(troubles), state.waiting, state.parked, round(state.oldest, 1))

    async def _ask(self) -> None:
        table = self._outbox.table
        # It changes nothing, and needs all that a change needs: the lock, the table, the right.
        touch = update(table).where(table.c.id == _NO_ROW).values(attempts=table.c.attempts)

        async def work(transaction: AsyncConnection) -> None:
            await transaction.execute(touch)

        story, begun = self._outbox.story, time.monotonic()
        try:
            await transact(self._outbox.engine, table, work, _PATIENCE)
        except OutboxUnavailable as error:
            story.begin("database", f"the database: {error.reason}")
        except Exception as error:  # noqa: BLE001 - a probe never ends
            story.begin("database", f"the database: {kind_and_place(error)}")
        else:
            story.end("database")
            story.expire(PROBED_WRITER, time.monotonic() - begun)

    def _judge(self) -> None:
        story, now = self._outbox.story, time.monotonic()
        if (still := now - self._turned) > self._round_limit:
            story.begin("relay", f"the relay has not ended a round for {still:.0f} s")
        else:
            story.end("relay")
        story.expire(WRITER, _QUIET)
        if story.going_on:
            self._away, self._state = True, None
            self._observers.outbox_away()
            return
        if self._away:
            self._away = False
            self._recount()
        state = self._state
        if state is not None and state.oldest > self._late:
            self._lateness.begin(
                "oldest",
                f"the oldest event waits for {state.oldest:.0f} s by the database's clock, of "
                f"{state.waiting} that wait",
            )
        elif state is not None:
            self._lateness.end("oldest")
