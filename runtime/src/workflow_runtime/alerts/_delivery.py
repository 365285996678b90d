"""Sending notices to one channel: in order, again after a failure, without blocking anybody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from loguru import logger

from workflow_runtime.alerts.channels import Channel
from workflow_runtime.alerts.model import Notice
from workflow_runtime.backoff import Backoff

_SEND_SECONDS = 30.0
"""Seconds that a channel has for one notice: one that never answers must not keep its queue."""

Sleep = Callable[[float], Awaitable[None]]


class Delivery:
    """A queue of ``limit`` notices and the task that empties it."""

    def __init__(
        self, channel: Channel, *, attempts: int, limit: int = 1000, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.channel = channel
        self._attempts = attempts
        self._limit = limit
        self._sleep = sleep
        self._waiting: deque[Notice] = deque()
        self._news = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def put(self, notice: Notice) -> None:
        """Takes a notice; the oldest goes if there is no room."""
        if len(self._waiting) >= self._limit:
            self._lost(self._waiting.popleft(), "too many wait")
        self._waiting.append(notice)
        self._empty.clear()
        self._news.set()

    async def run(self) -> None:
        """Sends what waits and what comes, until cancelled."""
        while True:
            while self._waiting:
                # It leaves the queue after it was sent, for `settled` and `give_up`.
                notice = self._waiting[0]
                await self._deliver(notice)
                # `put` may have dropped it meanwhile, to make room.
                if self._waiting and self._waiting[0] is notice:
                    self._waiting.popleft()
            self._empty.set()
            self._news.clear()
            await self._news.wait()

    async def settled(self) -> None:
        """Returns when every notice was sent, or lost after its last attempt."""
        await self._empty.wait()

    def give_up(self) -> None:
        """Logs what could not be sent before the end."""
        while self._waiting:
            self._lost(self._waiting.popleft(), "the service has ended")

    async def _deliver(self, notice: Notice) -> None:
        backoff = Backoff(initial=1.0, maximum=60.0, jitter=0.0)
        for attempt in range(1, self._attempts + 1):
            try:
                await asyncio.wait_for(self.channel.send(notice), _SEND_SECONDS)
            except Exception as error:  # noqa: BLE001 - channels may raise anything
                # Only the kind: the text may hold the channel's address with its password.
                kind = type(error).__name__
            else:
                return
            # At the first failure and, by `_lost`, at the end: not at each attempt between.
            if attempt == 1:
                logger.warning(
                    "alert to {} failed ({}); trying again: {}",
                    self.channel.name,
                    kind,
                    notice.title,
                )
            if attempt < self._attempts:
                await self._sleep(backoff.next())
        self._lost(notice, f"{self._attempts} attempts failed")

    def _lost(self, notice: Notice, why: str) -> None:
        logger.error("alert to {} was not sent, {}: {}", self.channel.name, why, notice.title)
