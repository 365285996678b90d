"""Fire and forget: events that wait in memory, in a bounded buffer."""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime.errors import CommandFailed, EventNotPublished
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.model import Event
from workflow_runtime.publishing.publisher import Publisher

__all__ = ["EventBuffer"]

OnDrop = Callable[[Event, str], None]


def _nothing(_event: Event, _reason: str) -> None:
    pass


class EventBuffer:
    """Sends events one after the other, as long as it takes; a crash loses what waits here.

    Every event that is not published is reported: by a log line, to the observers as
    ``dropped``, and to ``on_drop``.

    Args:
        publisher: sends them.
        observers: are told of every drop.
        limit: how many events may wait.
        on_drop: is called with a dropped event and the reason.
    """

    def __init__(
        self,
        publisher: Publisher,
        observers: Observer,
        *,
        limit: int,
        on_drop: OnDrop = _nothing,
    ) -> None:
        self._publisher = publisher
        self._observers = observers
        self._limit = limit
        self._on_drop = on_drop
        self._waiting: deque[Event] = deque()
        self._news = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._sender: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, event: Event) -> bool:
        """Takes an event and returns at once.

        Args:
            event: sent after those that wait already.

        Returns:
            False if there was no room, and the event was dropped.
        """
        if len(self._waiting) >= self._limit:
            self._drop(event, f"{self._limit} events wait already")
            return False
        self._waiting.append(event)
        self._empty.clear()
        self._news.set()
        if self._sender is None:
            # Not in the context of whoever came first: its trace is not that of the others.
            loop, nobody = asyncio.get_running_loop(), contextvars.Context()
            self._sender = loop.create_task(self._send_all(), context=nobody)
        return True

    async def close(self, seconds: float) -> None:
        """Lets what waits be sent for a while; the rest is dropped and reported.

        Args:
            seconds: how long that while is.
        """
        if self._sender is None:
            return
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            logger.warning("{} events wait in the buffer as the service ends", len(self))
        self._sender.cancel()
        await asyncio.gather(self._sender, return_exceptions=True)
        while self._waiting:
            self._drop(self._waiting.popleft(), "the service has ended")

    async def _send_all(self) -> None:
        while True:
            while self._waiting:
                # It leaves the queue after it was sent: until then it counts as waiting.
                if await self._sent(self._waiting[0]):
                    self._waiting.popleft()
            self._empty.set()
            self._news.clear()
            await self._news.wait()

    async def _sent(self, event: Event) -> bool:
        try:
            # Any long time would do: what is not sent within it is tried again.
            await self._publisher.publish(event, patience=timedelta(hours=1))
        except EventNotPublished:
            # It stays the first one, so the order stays too.
            return False
        except CommandFailed as error:
            self._drop(event, str(error))
        except Exception as error:  # noqa: BLE001 - the others still have to be sent
            self._drop(event, kind_and_place(error))
        return True

    def _drop(self, event: Event, reason: str) -> None:
        logger.error("event {} ({}) was dropped: {}", event.name, event.event_id, reason)
        self._observers.event_published(event.name, "dropped")
        try:
            self._on_drop(event, reason)
        except Exception as error:  # noqa: BLE001 - a report that fails must not stop the rest
            logger.warning("on_drop failed: {}", kind_and_place(error))
