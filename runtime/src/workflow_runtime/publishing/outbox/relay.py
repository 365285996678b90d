"""Sending what the outbox holds, for as long as the service lives."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.health import OutboxHealth
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox.faults import in_words
from workflow_runtime.publishing.outbox.housekeeping import Housekeeping
from workflow_runtime.publishing.outbox.in_time import in_time
from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.pace import Pace
from workflow_runtime.publishing.outbox.sending import Round, Sender
from workflow_runtime.publishing.outbox.store import Lane, Store
from workflow_runtime.publishing.outbox.watch import Watch
from workflow_runtime.publishing.publisher import Publisher

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["Relay", "relays"]

_BATCH = 500
"""Events that are claimed at once."""
_LEAST = {Lane.NEW: 200, Lane.AGAIN: 50}
"""Events that are claimed at once while nobody answers, or the broker has too much to do."""
_HOUSEKEEPING = 10.0
"""Seconds between two looks at how full the outbox is."""
_DATABASE = 30.0
"""Seconds for one step in the database: a line that is dead says nothing, and no lock ends."""
_BEGINNING = 3.0
"""Seconds in which a start waits for the table to be made."""
_SLACK = 30.0
"""Seconds above its own limits after which a round counts as stuck."""
_LATE = timedelta(minutes=5)
_TO_NOTE = 3.0
"""Seconds at the end for noting what became of the last events."""
_SHORTEST_LEASE = timedelta(seconds=1)
"""Half of a lease is for beginning events: of a shorter one nothing would be left."""
_SHARE = 100
"""Counting takes at most one part in so many of the time."""


class Relay:
    """Sends committed events; several services may have one each on the same table.

    Args:
        outbox: where the events are; learns the lease.
        interval: the time between two looks when nobody tells it of a commit.
        lease: how long events claimed by a relay that died wait for another one; longer than
            one event may take, and no longer than any time to live.
        patience: how long one try to send an event may take before its turn comes again.
        attempts: how often the engine may refuse an event before it is parked; at once if it
            says that the event itself is wrong. An engine that is away refuses nothing: such
            events wait.
        strict: whether a parked event holds up its key until a person has retried or purged it;
            otherwise its successors go on without it, in their order.
        create_table: whether the relay creates the table, for services without migrations.
        retention: how long sent events are kept for people who look. Their ids are known for
            their time to live, at the engine as well.

    Raises:
        ConfigurationError: the outbox has one connection for everybody (SQLite in memory).
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        interval: timedelta = timedelta(seconds=1),
        lease: timedelta = timedelta(seconds=60),
        patience: timedelta = timedelta(seconds=5),
        attempts: int = 10,
        retention: timedelta = timedelta(days=7),
        strict: bool = False,
        create_table: bool = False,
    ) -> None:
        # Its commits and rollbacks would end transactions of the service.
        if isinstance(outbox.engine.pool, StaticPool):
            raise ConfigurationError(
                "the outbox's engine has one connection for everybody, as a SQLite in memory has, "
                "and the relay needs its own: give it a file, such as sqlite+aiosqlite:///shop.db"
            )
        self._outbox = outbox
        outbox.lease = lease
        self._interval = interval.total_seconds()
        self._lease = lease.total_seconds()
        self._patience = patience
        self._attempts = attempts
        self._retention = retention
        self._strict = strict
        self._create_table = create_table
        # In containers all have the same process id.
        owner = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._store = Store(outbox, owner, lease, strict=strict)
        self._house = Housekeeping(outbox, lease, strict=strict)
        self._sender: Sender | None = None
        self._watch = self._watch_for(Observer(), _LATE)
        self._paces = {
            lane: Pace(least=min(least, _BATCH), most=_BATCH, interval=self._interval)
            for lane, least in _LEAST.items()
        }
        self._news, self._end, self._recount = (asyncio.Event() for _ in range(3))
        # A relay takes one of the service's connections at a time.
        self._turn = asyncio.Lock()
        self._tell: Callable[[], None] = self._news.set
        self._tasks: list[asyncio.Task[None]] = []
        self._rounds: list[Round] = []
        self._engine = StateLog()

    async def start(self, workflow: Workflow) -> None:
        """Looks at the database, and begins to send in the background.

        What starts after it, such as HTTP, finds the table that is created here; a database that is
        away holds it up for six seconds at most, and is what health says from then on.

        Args:
            workflow: the service whose gateway the events go to.
        """
        self.connect(workflow.publisher, workflow.observers)
        self._watch = self._watch_for(workflow.observers, workflow.settings.outbox_late)
        # Of the loop that runs now: the one of an earlier run may be another.
        self._news, self._end, self._recount = (asyncio.Event() for _ in range(3))
        self._turn = asyncio.Lock()
        self._outbox.carry = workflow.carry
        self._outbox.told = workflow.observers.event_published
        with contextlib.suppress(Exception):  # the look says what is wrong
            await in_time(self._prepare(), _BEGINNING)
        await self._watch.look()
        self._tell = _from_any_thread(self._news.set)
        self._outbox.on_commit(self._tell)
        loop = asyncio.get_running_loop()
        self._tasks = [
            *(
                loop.create_task(self._again_and_again(lane.value, partial(self._lane, lane)))
                for lane in Lane
            ),
            loop.create_task(self._again_and_again("house", self._housekeeping)),
        ]
        self._watching = loop.create_task(self._watch.run())

    def connect(self, publisher: Publisher, observers: Observer) -> None:
        """Gives the relay what it needs to send by `step`, in programs without a workflow.

        Args:
            publisher: sends the events.
            observers: are told of parked events and of how full the outbox is.
        """
        self._watch = self._watch_for(observers, _LATE)
        self._sender = Sender(
            publisher,
            observers,
            patience=self._patience,
            attempts=self._attempts,
            strict=self._strict,
        )

    async def stop(self) -> None:
        """Ends after the events in hand; what waits is the next one's."""
        self._outbox.off_commit(self._tell)
        for event in (self._end, self._news, self._recount):
            event.set()
        if not self._tasks:
            return
        self._watching.cancel()
        for each in self._rounds:
            each.until = 0.0
        # The events in hand have so long, by the limit of each; the others are given back.
        most = self._patience.total_seconds() + _TO_NOTE
        try:
            await asyncio.wait(self._tasks, timeout=most)
        finally:
            # Also where the service has less time left than that, and cancels this.
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, self._watching, return_exceptions=True)
        self._tasks = []
        await self._outbox.rest()

    async def step(self) -> int:
        """Sends what is due now, once: what is new, and what was tried before.

        Returns:
            How many events were in hand.

        Raises:
            SQLAlchemyError: the database is away.
        """
        again = await self._round(Lane.AGAIN)
        new = await self._round(Lane.NEW)
        return again.in_hand + new.in_hand

    async def _round(self, lane: Lane) -> Round:
        assert self._sender is not None, "start or connect comes before step"
        await self._prepare()
        # Half of the lease is for beginning events, the other half for ending the last of them.
        this = Round(until=time.monotonic() + self._lease / 2)
        async with self._turn, asyncio.timeout(_DATABASE):
            runs = await self._store.claim(lane, self._paces[lane].limit)
        self._rounds.append(this)
        try:
            await self._sender.send(runs, this)
        finally:
            self._rounds.remove(this)
            # Also when it is cancelled: what the engine has is not sent again.
            if runs:
                async with self._turn, asyncio.timeout(_DATABASE):
                    await self._store.settle(this.marks)
        self._paces[lane].went(this)
        return this

    async def _prepare(self) -> None:
        if self._create_table:
            await self._outbox.create_table()
            self._create_table = False

    async def _lane(self, lane: Lane) -> None:
        """Sends once, and pauses."""
        if lane is Lane.NEW:
            # Before the look, not after it: a commit meanwhile must not be missed.
            self._news.clear()
        this = await self._round(lane)
        self._watch.turned()
        if this.away and not this.good:
            text = "outbox: events wait, the engine takes none: {}"
            self._engine.enter("away", "WARNING", text, this.last_error)
        elif this.good:
            self._engine.enter("", "INFO", "outbox: the engine takes events again")
        pace = self._paces[lane]
        # Whoever waits because of the engine is not woken by a commit.
        await self._wait(self._news if lane is Lane.NEW and not pace.bad else self._end, pace.pause)

    async def _housekeeping(self) -> None:
        begun = time.monotonic()
        self._recount.clear()
        await self._keep_house()
        took = time.monotonic() - begun
        await self._wait(self._recount, max(_HOUSEKEEPING, took * _SHARE))

    async def _keep_house(self) -> None:
        await self._prepare()
        async with self._turn, asyncio.timeout(_DATABASE):
            await self._house.forget_sent(self._retention)
        async with self._turn, asyncio.timeout(_DATABASE):
            await self._house.mend()
            state = await self._house.state()
        self._watch.counted(state)

    async def _again_and_again(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        story = self._outbox.story
        while not self._end.is_set():
            try:
                await act()
                story.end(name)
                continue
            except (SQLAlchemyError, OSError) as error:
                story.begin(name, f"events cannot be sent: {in_words(error)}")
            except Exception as error:  # noqa: BLE001 - the relay never ends
                story.begin(name, f"events cannot be sent: {kind_and_place(error)}")
            await self._wait(self._end, self._interval)

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        if seconds and not self._end.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), seconds)

    def outbox_health(self) -> tuple[str, OutboxHealth]:
        """Looks at the outbox; may be called from any thread.

        Returns:
            The name of its table, and how it is.
        """
        return self._outbox.table.name, self._watch.health()

    def _watch_for(self, observers: Observer, late: timedelta) -> Watch:
        most = self._lease / 2 + self._patience.total_seconds() + _SLACK
        return Watch(
            self._outbox,
            observers,
            late=late,
            round_limit=most,
            recount=self._count_anew,
        )

    def _count_anew(self) -> None:
        self._recount.set()  # of the run that is going on


def relays(outbox: object, ttl: timedelta, options: Mapping[str, Any]) -> Callable[[], Relay]:
    """Prepares the relays of a service: one for each run, of which there may be two at once.

    Args:
        outbox: where the service writes its events.
        ttl: how long events live that do not say so themselves, if the outbox does not either.
        options: the keyword arguments of each relay.

    Returns:
        What makes a relay.

    Raises:
        ConfigurationError: what is given is no `Outbox`, or nothing would be sent in the lease.
    """
    if not isinstance(outbox, Outbox):
        raise ConfigurationError(
            f"with_outbox: expected an Outbox, found {type(outbox).__name__}; make one of the "
            "service's engine or its URL: Outbox(engine)"
        )
    if outbox.default_ttl is None:
        outbox.default_ttl = ttl
    make = partial(Relay, outbox, **options)
    # Here only the options are looked at; the outbox learns the lease.
    make()
    if outbox.lease < _SHORTEST_LEASE:
        raise ConfigurationError(
            f"with_outbox: lease is {outbox.lease.total_seconds():g} s; a relay begins only what "
            f"it can end within it: give it at least {_SHORTEST_LEASE.total_seconds():g} s"
        )
    return make


def _from_any_thread(call: Callable[[], None]) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def tell() -> None:
        # A commit may come when the loop is closed: the next relay finds the row.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(call)

    return tell
