"""What a process test runs on: an engine of its own, or a broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from workflow_runtime.config import WorkflowSettings
from workflow_runtime.engine import ControlledClock, Engine
from workflow_runtime.gateway.connect import connect
from workflow_runtime.gateway.embedded import EmbeddedGateway
from workflow_runtime.gateway.errors import NotFound
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.testing._clock import BrokerClock, Clock, EmbeddedClock, Settle
from workflow_runtime.testing._journal import RecordLike

__all__ = ["BrokerStand", "EmbeddedStand", "Stand"]

Follow = Callable[[RecordLike], None]

_LOOK = 0.02
"""Seconds between two looks into the file of records."""
_QUIET = 0.6
"""Seconds without a record after which a broker counts as idle."""


class Stand(Protocol):
    """What `Process` needs of it."""

    gateway: Gateway

    def clock(self, settle: Settle) -> Clock:
        """Its clock; ``settle`` lets happen what can."""
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
        """Lets go of it."""
        ...


class EmbeddedStand:
    """An engine for this test alone."""

    def __init__(self) -> None:
        self._gateway = EmbeddedGateway(Engine(ControlledClock(), keep_records=0))
        self.gateway: Gateway = self._gateway

    def clock(self, settle: Settle) -> Clock:
        """Its clock."""
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
        """Nothing: the engine goes with its test."""

    async def close(self) -> None:
        """Ends what waits for the engine."""
        await self._gateway.close()


@dataclass(frozen=True, slots=True)
class _FileRecord:
    value_type: str
    intent: str
    key: int
    value: Mapping[str, Any]


class BrokerStand:
    """A broker somewhere, and the file that its exporter's records are written to."""

    def __init__(
        self,
        settings: WorkflowSettings,
        records: str,
        monitoring: str,
        unavailable: Callable[[str], None],
    ) -> None:
        self.gateway = connect(settings)
        self._monitoring = monitoring
        self._unavailable = unavailable
        self._followers: list[Follow] = []
        self._file: TextIO | None = None
        if records:
            self._file = Path(records).open(encoding="utf-8")  # noqa: SIM115 - closed by close
            self._file.seek(0, 2)

    def clock(self, settle: Settle) -> Clock:
        """The broker's clock."""
        return BrokerClock(self._monitoring, settle, self._unavailable)

    def follow(self, follow: Follow) -> None:
        """Calls ``follow`` with each record from now on."""
        self._followers.append(follow)

    async def has_news(self) -> bool:
        """Reads records until none has come for a while."""
        if self._file is None:
            self._unavailable("what a broker does is unknown without --workflow-records")
            return False
        return await self._read_until_quiet(self._file)

    async def wait(self, happened: asyncio.Event) -> None:  # noqa: ARG002 - the file knows more
        """Waits a moment: records come by the file."""
        await asyncio.sleep(_LOOK)

    async def clear(self, instances: Iterable[int]) -> None:
        """Cancels those that are still active: they would take the messages of later tests."""
        for instance in instances:
            with contextlib.suppress(NotFound):
                await self.gateway.cancel_instance(instance)

    async def close(self) -> None:
        """Closes the connection and the file."""
        if self._file is not None:
            self._file.close()
        await self.gateway.close()

    async def _read_until_quiet(self, file: TextIO) -> bool:
        loop, news = asyncio.get_running_loop(), False
        quiet_since = loop.time()
        while loop.time() - quiet_since < _QUIET:
            for record in _read(file):
                news, quiet_since = True, loop.time()
                for follow in self._followers:
                    follow(record)
            await asyncio.sleep(_LOOK)
        return news


def _read(file: TextIO) -> Iterator[RecordLike]:
    while True:
        begin = file.tell()
        line = file.readline()
        if not line.endswith("\n"):
            # The exporter is in the middle of it: the rest comes later.
            file.seek(begin)
            return
        plain = json.loads(line)
        if plain.get("recordType", "EVENT") == "EVENT":
            yield _FileRecord(plain["valueType"], plain["intent"], plain["key"], plain["value"])
