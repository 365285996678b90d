"""Fire and forget: events that wait in memory, in a bounded buffer, each key for itself."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.repeats import Repeats
from workflow_runtime.errors import CommandFailed, EventNotPublished
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.wire import variables_text
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.model import Event
from workflow_runtime.publishing.publisher import Publisher

__all__ = ["EventBuffer"]

_LEAST_FLUSH = 1.0
"""Seconds that waiting events have for leaving, whatever the handlers left of the grace period."""


class EventBuffer:
    """Sends events as long as it takes; a crash loses what waits here.

    Those of one correlation key are sent one after the other, by a task of their own: a key names
    the engine's partition, and where that is away, its events wait, and no others. It is made on
    the event loop that sends. Every event that is not published is reported: by a
    log line with its name and id, and to the observers as ``dropped``.

    Args:
        publisher: sends them.
        observers: are told of every drop.
        limit: how many events may wait.
    """

    def __init__(self, publisher: Publisher, observers: Observer, *, limit: int) -> None:
        self._publisher = publisher
        self._observers = observers
        self._limit = limit
        self._repeats = Repeats()
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, deque[Event]] = {}
        self._count = 0
        self._closed = False
        # Between looking whether there is room, or an end, and taking the event; and between
        # finding that none is left of a key and forgetting it.
        self._taking = threading.Lock()
        self._empty = asyncio.Event()
        self._senders: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return self._count

    def offer(self, event: Event) -> bool:
        """Takes an event and returns at once; may be called from any thread.

        Args:
            event: sent after those of its key that wait already, as it is now.

        Returns:
            False if it was dropped: there was no room, its scope is none that the engine takes,
            or the service has ended.
        """
        try:
            # Now: its sender may change what is in it as soon as this returns.
            scope = json.loads(variables_text(event.scope, "PublishMessage"))
        except GatewayError as error:
            # Not its sentence, which may quote a value.
            return self._drop(event, f"its scope is no JSON or too large, {error.status}")
        with self._taking:
            reason = self._no_room()
            if not reason:
                queue = self._waiting.setdefault(event.correlation_key, deque())
                queue.append(replace(event, scope=scope))
                self._count += 1
        if reason:
            return self._drop(event, reason)
        self._on_loop(self._wake, event.correlation_key)
        return True

    async def flush(self, seconds: float) -> None:
        """Lets what waits be sent for a while.

        Args:
            seconds: how long that while is; a second at least.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, _LEAST_FLUSH)):
                while self._count:
                    self._empty.clear()
                    await self._empty.wait()

    async def close(self) -> None:
        """Takes nothing more; what waits is dropped and reported."""
        with self._taking:
            self._closed = True
        senders = list(self._senders.values())
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        for queue in self._waiting.values():
            for event in queue:
                self._drop(event, "the service ended before it was sent")
        self._waiting.clear()
        self._count = 0

    def _no_room(self) -> str:
        if self._closed or self._loop.is_closed():
            return "the service has ended"
        return f"{self._limit} events wait already" if len(self) >= self._limit else ""

    def _wake(self, key: str) -> None:
        sender = self._senders.get(key)
        # An earlier call may have sent all of them already.
        if key in self._waiting and (sender is None or sender.done()):
            # Not in the context of whoever came first: its trace is not that of the others.
            nobody = contextvars.Context()
            self._senders[key] = self._loop.create_task(self._send_all(key), context=nobody)

    async def _send_all(self, key: str) -> None:
        while (event := self._first(key)) is not None:
            # It leaves the queue after it was sent: until then it counts as waiting.
            if await self._sent(event):
                self._forget_first(key)

    def _first(self, key: str) -> Event | None:
        with self._taking:
            if queue := self._waiting[key]:
                return queue[0]
            del self._waiting[key], self._senders[key]
        return None

    def _forget_first(self, key: str) -> None:
        with self._taking:
            self._waiting[key].popleft()
            self._count -= 1
        if not self._count:
            self._empty.set()

    async def _sent(self, event: Event) -> bool:
        try:
            # Any long time would do: what is not sent within it is tried again.
            await self._publisher.publish(event, patience=timedelta(hours=1))
        except EventNotPublished:
            # It stays the first one, so the order stays too.
            return False
        except CommandFailed as error:
            # Only the status: the answer may repeat what was sent.
            self._drop(event, f"refused, {error.status}")
        except Exception as error:  # noqa: BLE001 - the others still have to be sent
            self._drop(event, kind_and_place(error))
        return True

    def _drop(self, event: Event, reason: str) -> bool:
        text = "event {} ({}) was dropped: {}"
        kind = (event.name, reason)
        self._repeats.say(kind, "ERROR", text, event.name, event.event_id, reason)
        self._on_loop(self._observers.event_published, event.name, "dropped")
        return False

    def _on_loop(self, call: Callable[..., None], *arguments: str) -> None:
        """Calls at once where this is the loop's own thread; observers run nowhere else."""
        if _running_loop() is self._loop:
            call(*arguments)
            return
        # A loop that is closed has nobody left to be told.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
