"""Sending what the outbox holds, for as long as the service lives."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.backoff import exponential
from workflow_runtime.errors import CommandFailed, EventNotPublished
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.store import Claimed, Run, Store
from workflow_runtime.publishing.publisher import Publisher

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["Relay"]

_BATCH = 100
"""Events that are claimed at once."""
_AT_ONCE = 20
"""Correlation keys whose events are sent at the same time."""
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 300.0
"""Seconds until an event that was refused comes again, at first and at most."""
_AWAY_WAIT = 2.0
"""Seconds until an event comes again that reached nobody."""
_HOUSEKEEPING = 10.0
"""Seconds between two looks at how full the outbox is."""
_REFUSED_CREDENTIALS = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})


@dataclass(slots=True)
class _Step:
    """What one round has come to; ``until`` is monotonic, ``away`` says that nobody answers."""

    until: float
    away: bool = False
    sent: list[Claimed] = field(default_factory=list)


class Relay:
    """Sends committed events; several services may have one each on the same table.

    Args:
        outbox: where the events are.
        interval: the time between two looks when nobody tells it of a commit.
        lease: how long events claimed by a relay that died wait for another one; longer than
            one event may take.
        patience: how long one event is tried before its turn comes again.
        attempts: how often the engine may refuse an event before it is parked. An engine that
            is away refuses nothing: such events wait.
        strict: whether a parked event holds up its key until a person has retried or purged it;
            otherwise its successors go on without it, in their order.
        create_table: whether the relay creates the table, for services without migrations.
        retention: how long sent events are kept, to recognise the same id; at least the
            longest time to live.
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        interval: timedelta = timedelta(seconds=1),
        lease: timedelta = timedelta(seconds=60),
        patience: timedelta = timedelta(seconds=10),
        attempts: int = 10,
        retention: timedelta = timedelta(days=7),
        strict: bool = False,
        create_table: bool = False,
    ) -> None:
        self._outbox = outbox
        self._interval = interval.total_seconds()
        self._lease = lease
        self._patience = patience
        self._attempts = attempts
        self._retention = retention
        self._strict = strict
        self._create_table = create_table
        # In containers all have the same process id.
        owner = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._store = Store(outbox, owner, lease, strict=strict)
        self._publisher: Publisher | None = None
        self._observers: Observer = Observer()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._kept_at = 0.0
        self._log = StateLog()

    async def start(self, workflow: Workflow) -> None:
        """Begins to send in the background.

        Args:
            workflow: the service whose gateway the events go to.
        """
        self.connect(workflow.publisher, workflow.observers)
        self._outbox.carry = workflow.carry
        self._outbox.on_commit(_from_any_thread(self._news.set))
        self._task = asyncio.get_running_loop().create_task(self._run())

    def connect(self, publisher: Publisher, observers: Observer) -> None:
        """Gives the relay what it needs to send by `step`, in programs without a workflow.

        Args:
            publisher: sends the events.
            observers: are told of parked events and of how full the outbox is.
        """
        self._publisher, self._observers = publisher, observers

    async def stop(self) -> None:
        """Ends after the events in hand; what waits is the next one's."""
        self._stopping = True
        self._news.set()
        if self._task is None:
            return
        # The event in hand has so long, by the publisher's own limit.
        _, late = await asyncio.wait([self._task], timeout=self._patience.total_seconds())
        if late:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def step(self) -> int:
        """Sends what is due now, once.

        Returns:
            How many events were in hand; 0 too if the engine is away, so that the relay pauses.

        Raises:
            SQLAlchemyError: the database is away.
        """
        if self._create_table:
            await self._outbox.create_table()
            self._create_table = False
        runs = await self._store.claim(_BATCH)
        # Half of the lease is for beginning events, the other half for ending the last of them.
        step = _Step(until=time.monotonic() + self._lease.total_seconds() / 2)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def send(run: Run) -> None:
            async with gate:
                await self._send_run(run, step)

        try:
            await asyncio.gather(*map(send, runs))
        finally:
            # Also when one send fails or is cancelled: what the engine has is not sent again.
            await self._store.sent(step.sent)
        return 0 if step.away else sum(map(len, runs))

    async def _run(self) -> None:
        while not self._stopping:
            # Before the look, not after it: a commit meanwhile must not be missed.
            self._news.clear()
            try:
                busy = await self.step()
                await self._keep_house()
                self._log.enter("", "INFO", "outbox: events are sent again")
            except (SQLAlchemyError, OSError) as error:
                busy = 0
                self._complain(f"the database: {type(error).__name__}")
            except Exception as error:  # noqa: BLE001 - the relay never ends
                busy = 0
                self._complain(kind_and_place(error))
            if not busy and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._interval)

    async def _send_run(self, run: Run, step: _Step) -> None:
        for number, claimed in enumerate(run):
            # What is not begun in good time could be another relay's before it ends.
            if step.away or time.monotonic() > step.until or not await self._send(claimed, step):
                await self._store.release(run[number:])
                return

    async def _send(self, claimed: Claimed, step: _Step) -> bool:
        """Whether its successors may go."""
        assert self._publisher is not None, "start or connect comes before step"
        try:
            await self._publisher.publish(claimed.event, patience=self._patience)
        except EventNotPublished as error:
            return await self._gateway_away(claimed, str(error.__cause__ or error), step)
        except CommandFailed as error:
            # Not the event's fault: parked, each one would wait for a person.
            if error.status in _REFUSED_CREDENTIALS:
                return await self._gateway_away(claimed, str(error), step)
            return await self._refused(claimed, str(error))
        step.sent.append(claimed)
        return True

    async def _gateway_away(self, claimed: Claimed, error: str, step: _Step) -> bool:
        step.away = True
        await self._store.later(claimed, error, _AWAY_WAIT, counts=False)
        return False

    async def _refused(self, claimed: Claimed, error: str) -> bool:
        if claimed.attempts + 1 < self._attempts:
            wait = exponential(claimed.attempts + 1, initial=_FIRST_WAIT, maximum=_LONGEST_WAIT)
            await self._store.later(claimed, error, wait, counts=True)
            return False
        await self._store.park(claimed, error)
        event = claimed.event
        logger.error("outbox: event {} ({}) is parked", event.name, event.event_id)
        self._observers.event_parked(event.name, event.event_id, error)
        return not self._strict

    async def _keep_house(self) -> None:
        if time.monotonic() - self._kept_at < _HOUSEKEEPING:
            return
        self._kept_at = time.monotonic()
        await self._store.forget_sent(self._retention)
        state = await self._store.state()
        self._observers.outbox_state(state.waiting, state.parked, state.oldest)

    def _complain(self, what: str) -> None:
        text = "outbox: events wait, {} fails; trying again until it works"
        self._log.enter(what, "WARNING", text, what)


def _from_any_thread(call: Callable[[], None]) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def tell() -> None:
        # A commit may come when the loop is closed: the next relay finds the row.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(call)

    return tell
