"""One round: a few events are sent, each key's one after the other, and what came of each."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import timedelta

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.repeats import Repeats
from workflow_runtime.backoff import exponential
from workflow_runtime.errors import CommandFailed, EventNotPublished
from workflow_runtime.gateway.errors import InvalidArgument, MessageTooLarge, ResourceExhausted
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox.reading import Claimed
from workflow_runtime.publishing.outbox.store import Marks, Run
from workflow_runtime.publishing.publisher import Publisher

__all__ = ["Round", "Sender"]

_AT_ONCE = 50
"""Correlation keys whose events are sent at the same time."""
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 300.0
"""Seconds until an event that was refused comes again, at first and at most."""
_AWAY_WAIT = 10.0
"""Seconds at most until an event comes again that reached nobody: some partitions may be away."""
_REFUSED_CREDENTIALS = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})
_PERMANENT = (InvalidArgument, MessageTooLarge)
"""Answers that are about the event, and stay as they are (semantics#grpc-statuses)."""


@dataclass(slots=True)
class Round:
    """What one round has come to; it begins nothing after ``until``, which is monotonic.

    ``away`` counts events that reached nobody, ``pressed`` those of them that the broker turned
    away because it has too much to do; ``last_error`` is what was said of the last of them.
    """

    until: float
    marks: Marks = field(default_factory=Marks)
    in_hand: int = 0
    away: int = 0
    pressed: int = 0
    last_error: str = ""

    @property
    def good(self) -> int:
        """How many events the engine has answered."""
        return len(self.marks.sent) + len(self.marks.parked)


class Sender:
    """Sends runs of events.

    Args:
        publisher: sends an event.
        observers: are told of parked events.
        patience: how long one try may take.
        attempts: how often the engine may refuse an event before it is parked.
        strict: whether a parked event holds up its key.
    """

    def __init__(
        self,
        publisher: Publisher,
        observers: Observer,
        *,
        patience: timedelta,
        attempts: int,
        strict: bool,
    ) -> None:
        self._publisher = publisher
        self._repeats = Repeats()
        self._observers = observers
        self._patience = patience
        self._attempts = attempts
        self._strict = strict

    async def send(self, runs: list[Run], this: Round) -> None:
        """Sends events; what became of them is in the round, also if this is cancelled.

        Args:
            runs: in each, the events of one correlation key.
            this: the round.
        """
        gate = asyncio.Semaphore(_AT_ONCE)

        async def send(run: Run) -> None:
            begun = False
            try:
                async with gate:
                    begun = True
                    await self._send_run(run, this)
            finally:
                if not begun:
                    this.marks.freed.append(run[0])

        this.in_hand = sum(map(len, runs))
        await asyncio.gather(*map(send, runs))

    async def _send_run(self, run: Run, this: Round) -> None:
        for claimed in run:
            # What is not begun in good time could be another relay's before it ends; and a broker
            # that has too much to do is not given the rest of the round.
            if time.monotonic() > this.until or this.pressed >= _AT_ONCE:
                this.marks.freed.append(claimed)
                return
            if not await self._send(claimed, this):
                return
        this.marks.last.append(run[-1])

    async def _send(self, claimed: Claimed, this: Round) -> bool:
        """Whether its successors may go."""
        if claimed.fault:
            return self._park(claimed, claimed.fault, this)
        try:
            # The table remembers what has to come again, and others need not wait for it meanwhile.
            await self._publisher.publish(claimed.event, self._patience, once=True)
        except asyncio.CancelledError:
            # The next service need not wait for the lease to end.
            this.marks.freed.append(claimed)
            raise
        except Exception as error:  # noqa: BLE001 - the others of the round still have to be sent
            return self._judge(claimed, error, this)
        this.marks.sent.append(claimed)
        return True

    def _judge(self, claimed: Claimed, error: Exception, this: Round) -> bool:
        """Whether its successors may go, after an answer that is no yes."""
        if isinstance(error, EventNotPublished):
            this.pressed += isinstance(error.__cause__, ResourceExhausted)
            return self._not_reached(claimed, str(error.__cause__ or error), this)
        if not isinstance(error, CommandFailed):
            return self._refused(claimed, kind_and_place(error), this)
        # Not the event's fault: parked, each one would wait for a person.
        if error.status in _REFUSED_CREDENTIALS:
            return self._not_reached(claimed, str(error), this)
        settled = isinstance(error.__cause__, _PERMANENT)
        return (self._park if settled else self._refused)(claimed, str(error), this)

    def _not_reached(self, claimed: Claimed, error: str, this: Round) -> bool:
        this.away += 1
        this.last_error = error
        wait = exponential(claimed.failures + 1, initial=_FIRST_WAIT, maximum=_AWAY_WAIT)
        # Spread: what failed together does not come again together.
        wait *= 1 - 0.2 * random.random()  # noqa: S311 - no secret
        this.marks.later.append((claimed, error, wait, False))
        return False

    def _refused(self, claimed: Claimed, error: str, this: Round) -> bool:
        if claimed.attempts + 1 >= self._attempts:
            return self._park(claimed, error, this)
        wait = exponential(claimed.attempts + 1, initial=_FIRST_WAIT, maximum=_LONGEST_WAIT)
        this.marks.later.append((claimed, error, wait, True))
        return False

    def _park(self, claimed: Claimed, error: str, this: Round) -> bool:
        this.marks.parked.append((claimed, error))
        event = claimed.event
        text = "outbox: event {} ({}) is parked"
        self._repeats.say(event.name, "ERROR", text, event.name, event.event_id)
        self._observers.event_parked(event.name, event.event_id, error)
        return not self._strict
