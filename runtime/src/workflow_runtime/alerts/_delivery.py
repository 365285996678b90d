"""Sending notices to one channel: until it takes them, each once, without blocking anybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from workflow_runtime._log.lines import write_line
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.alerts.channels import Channel, ChannelFailed, is_in_thread
from workflow_runtime.alerts.model import Notice
from workflow_runtime.alerts.summaries import MOST_TITLES, length
from workflow_runtime.alerts.waiting import LATE, Batch, Entry, Waiting
from workflow_runtime.backoff import Backoff
from workflow_runtime.observers import Observer
from workflow_runtime.urls import redacted
from workflow_runtime.visible import one_line

__all__ = ["Delivery", "Sleep"]

_PATIENCE = 60.0
"""Seconds that a channel has for one notice: one that never answers must not keep its queue, one
that is slow should not be told twice."""
_DEAF = 1.0
"""Seconds for what was cancelled to end."""
_LONGEST_WAIT = 30.0
"""Seconds between two attempts at most: so soon the urgent come when the channel is back."""
_AWAY = 120.0
"""Seconds without success after which the log has an error, because people are not told."""

Sleep = Callable[[float], Awaitable[None]]


class Delivery:
    """What waits for one channel, and the task that sends it.

    Args:
        name: of the channel, for logs and metrics.
        channel: where notices go.
        waiting: what is still to be told.
        clock: gives seconds that only grow.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        name: str,
        channel: Channel,
        waiting: Waiting,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.observers: Observer = Observer()
        self._name = name
        self._channel = channel
        self._waiting = waiting
        self._clock = clock
        self._sleep = sleep
        self._news = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._ends_at: float | None = None
        self._ending = asyncio.Event()
        self._backoff = Backoff(initial=1.0, maximum=_LONGEST_WAIT, jitter=0.0)
        self._failing_since: float | None = None
        self._log = StateLog()

    def put(self, notice: Notice) -> None:
        """Takes a notice."""
        self._waiting.put(notice, self._clock())
        self._empty.clear()
        self._news.set()

    def tick(self) -> None:
        """Looks what has become due, and tells what waits; called every second."""
        if entries := self._waiting.all():
            self._news.set()
            oldest = self._clock() - min(entry.since for entry in entries)
            self.observers.alerts_waiting(self._name, _count(entries), oldest)

    async def run(self) -> None:
        """Sends what waits and what comes, until cancelled."""
        while True:
            batch = self._waiting.take(self._clock(), forced=self._ending.is_set())
            if batch is None:
                await self._idle()
            elif why := await self._attempt(batch.notice):
                self._waiting.failed()
                self._failing(why)
                await self._pause()
            else:
                self._taken(batch)

    def end(self, seconds: float) -> None:
        """Has what waits sent now, beyond the limit too: nobody will tell it later.

        Args:
            seconds: how long there is time for it.
        """
        self._ends_at = self._clock() + seconds
        self._backoff.reset()
        self._ending.set()
        self._news.set()

    async def settled(self) -> None:
        """Returns when nothing waits any more."""
        await self._empty.wait()

    def give_up(self) -> None:
        """Says what could not be sent before the end."""
        self._lost(self._waiting.all(), "the service has ended")
        self._waiting.clear()
        self.observers.alerts_waiting(self._name, 0, 0.0)
        self._empty.set()

    async def _idle(self) -> None:
        if not self._waiting.all():
            self._empty.set()
        self._news.clear()
        await self._news.wait()

    async def _attempt(self, notice: Notice) -> str:
        """Why a notice did not get through; empty if it did."""
        sending = asyncio.ensure_future(self._send(notice))
        try:
            await asyncio.wait({sending}, timeout=_PATIENCE)
            if not sending.done():
                self._failing(f"no answer for {length(_PATIENCE)}")
                # A call in a thread goes on whatever happens here, and the next one would wait for
                # its end: its answer is waited for, so that the notice is not sent once more.
                if not is_in_thread(self._channel):
                    sending.cancel()
                    await asyncio.wait({sending}, timeout=_DEAF)
                else:
                    await asyncio.wait({sending})
        finally:
            sending.cancel()
        if not sending.done() or sending.cancelled():
            return "no answer"
        error = sending.exception()
        if isinstance(error, ChannelFailed):
            return one_line(redacted(str(error))) or "it did not take it"
        # Only the kind: the text may hold the channel's address with its password.
        return type(error).__name__ if error else ""

    async def _send(self, notice: Notice) -> None:
        await self._channel.send(notice)

    async def _pause(self) -> None:
        seconds = self._backoff.next()
        if self._ends_at is None:
            # Woken by the end of the service, for a last attempt.
            waits = [asyncio.ensure_future(each) for each in self._pauses(seconds)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in waits:
                each.cancel()
        elif self._clock() + seconds < self._ends_at:
            await self._sleep(seconds)
        else:
            self.give_up()

    def _pauses(self, seconds: float) -> Sequence[Awaitable[object]]:
        return self._sleep(seconds), self._ending.wait()

    def _taken(self, batch: Batch) -> None:
        now = self._clock()
        for entry in batch.entries:
            at_once = not entry.attempts and now - entry.since <= LATE
            self._ended(entry, "sent" if at_once else "delayed")
        self._lost(self._waiting.taken(), "it is refused, and others are not")
        self._backoff.reset()
        if self._failing_since is not None:
            away, self._failing_since = length(now - self._failing_since), None
            self._log.enter(
                "", "INFO", "alerts get through to {} again, after {}", self._name, away
            )
        if not self._waiting.all():
            self.observers.alerts_waiting(self._name, 0, 0.0)

    def _failing(self, why: str) -> None:
        now = self._clock()
        if self._failing_since is None:
            self._failing_since = now
        entries = self._waiting.all()
        seconds = now - self._failing_since
        state, level = ("away", "ERROR") if seconds >= _AWAY else ("failing", "WARNING")
        text = "alerts to {} do not get through, for {} now ({}): {} wait; trying until they do"
        self._log.enter(state, level, text, self._name, length(seconds), why, _count(entries))

    def _lost(self, entries: Sequence[Entry], why: str) -> None:
        if not entries:
            return
        titles = list(dict.fromkeys(title for entry in entries for title in entry.titles))
        count, shown = _count(entries), "; ".join(titles[:MOST_TITLES])
        verb = "alert to {} was" if count == 1 else "alerts to {} were"
        text = f"{{}} {verb} not sent, {{}}: {{}}"
        write_line("ERROR", text, count, self._name, why, shown)
        for entry in entries:
            self._ended(entry, "lost")

    def _ended(self, entry: Entry, outcome: str) -> None:
        seconds = self._clock() - entry.since
        for _ in range(entry.stands_for):
            self.observers.alert_ended(self._name, outcome, seconds)


def _count(entries: Sequence[Entry]) -> int:
    return sum(entry.stands_for for entry in entries)
