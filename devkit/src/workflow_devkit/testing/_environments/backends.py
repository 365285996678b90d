"""What a process test runs on: an embedded engine of its own, or a broker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.testing._environments.clocks import BrokerClock, Clock, EmbeddedClock, Settle
from workflow_devkit.testing._environments.record_sources import RecordSource, records_at
from workflow_devkit.testing._observed.journal import RecordLike
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.gateway.connect import connect
from workflow_runtime.gateway.errors import NotFound
from workflow_runtime.gateway.port import Gateway

__all__ = ["Backend", "BrokerBackend", "EmbeddedBackend"]

Follow = Callable[[RecordLike], None]

_LOOK = 0.02
"""Seconds between two looks at the records."""
_REMEDY = (
    "give --workflow-records (or ZEEBE_RECORDS) the address of the Elasticsearch that the broker "
    "exports to; the one of a generated service's compose file is http://127.0.0.1:9200"
)
_MARK = "workflow-testing-mark"
"""The name of the messages by which a test sees how far the exporter has come."""
_QUIET = 0.6
"""Seconds without a record after which a broker counts as idle."""


class Backend(Protocol):
    """What a process test needs of the engine below it."""

    gateway: Gateway
    patience: float
    """Seconds of real time after which something that goes on is taken for endless."""

    def clock(self, settle: Settle) -> Clock:
        """The engine's clock.

        Args:
            settle: waits until everything has happened that can; called between two moves.
        """
        ...

    def follow(self, follow: Follow) -> None:
        """Calls ``follow`` with each record from now on."""
        ...

    async def has_news(self) -> bool:
        """Whether more has happened, or may still arrive; false says that it is quiet."""
        ...

    async def wait(self, happened: asyncio.Event) -> None:
        """Waits until it is worth looking again."""
        ...

    async def clear(self, instances: Iterable[int]) -> None:
        """Ends these process instances, so that no later test meets them."""
        ...

    async def close(self) -> None:
        """Closes the connection to the engine."""
        ...


class EmbeddedBackend:
    """An engine for this test alone."""

    patience = 10.0

    def __init__(self) -> None:
        # The journal hears records as they come, so the engine need not keep them.
        self._gateway = EmbeddedGateway(Engine(ControlledClock(), keep_records=0))
        self.gateway: Gateway = self._gateway

    def clock(self, settle: Settle) -> Clock:
        """The engine's clock, which moves from one due moment to the next."""
        return EmbeddedClock(self._gateway, settle)

    def follow(self, follow: Follow) -> None:
        """Calls ``follow`` with each record from now on."""
        self._gateway.engine.records.subscribe(follow)

    async def has_news(self) -> bool:
        """Never: a command and all that follows from it is one step."""
        return False

    async def wait(self, happened: asyncio.Event) -> None:
        """Waits for the next record, or the end of a handler."""
        await happened.wait()

    async def clear(self, instances: Iterable[int]) -> None:
        """Does nothing: the engine goes with its test."""

    async def close(self) -> None:
        """Ends what waits for the engine."""
        await self._gateway.close()


class BrokerBackend:
    """A broker somewhere, and where its exporter's records are."""

    patience = 60.0

    def __init__(
        self,
        settings: WorkflowSettings,
        records: str,
        monitoring: str,
        unavailable: Callable[[str], None],
    ) -> None:
        self._records = _open(records)
        self.gateway = connect(settings)
        self._monitoring = monitoring
        self._unavailable = unavailable
        self._followers: list[Follow] = []

    def clock(self, settle: Settle) -> Clock:
        """The broker's clock, which jumps."""
        return BrokerClock(self._monitoring, settle, self._unavailable)

    def follow(self, follow: Follow) -> None:
        """Calls ``follow`` with each record from now on."""
        self._followers.append(follow)

    async def has_news(self) -> bool:
        """Reads records until none has come for a while."""
        loop, news = asyncio.get_running_loop(), await self._catch_up()
        quiet_since = loop.time()
        # One look is not enough: what the broker does of itself is exported a moment later.
        while loop.time() - quiet_since < _QUIET:
            if await self._read():
                news, quiet_since = True, loop.time()
            await asyncio.sleep(_LOOK)
        return news

    async def _catch_up(self) -> bool:
        # The exporter lags behind: it has caught up once it brings a message of just now.
        # It has no time to live, so the broker does not keep it (semantics#message-buffered).
        mark, news = uuid4().hex, False
        await self.gateway.publish_message(_MARK, mark, {}, time_to_live=timedelta(0))
        while True:
            records = await self._read()
            # More than one: PUBLISHED, and EXPIRED at once (``cases/broker/s07_message.json``).
            marks = [r for r in records if r.value.get("correlationKey") == mark]
            news |= len(records) > len(marks)
            if marks:
                return news
            await asyncio.sleep(_LOOK)

    async def _read(self) -> list[RecordLike]:
        records = await self._records.read()
        for record in records:
            for follow in self._followers:
                follow(record)
        return records

    async def wait(self, happened: asyncio.Event) -> None:  # noqa: ARG002 - nobody tells
        """Waits a moment: the records know more."""
        await asyncio.sleep(_LOOK)

    async def clear(self, instances: Iterable[int]) -> None:
        """Cancels those that are still active: they would take the messages of later tests."""
        for instance in instances:
            # Those that have ended are not found any more (semantics#instance-cancelled).
            with contextlib.suppress(NotFound):
                await self.gateway.cancel_instance(instance)

    async def close(self) -> None:
        """Closes the connection and the records."""
        self._records.close()
        await self.gateway.close()


def _open(records: str) -> RecordSource:
    if not records:
        raise ValueError(f"what a broker does cannot be seen without its records: {_REMEDY}")
    try:
        return records_at(records)
    except OSError as error:
        raise ConnectionError(f"no records at {records}: {error}; {_REMEDY}") from None
