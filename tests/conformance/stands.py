"""Where scenarios run: the embedded engine and one of the user's own, both behind gRPC."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from tests.conformance.client import Answer, call
from tests.conformance.normal import Record, compared
from tests.support import own_engine
from tests.support.zeebe_stubs import GatewayStub

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing._environments.record_sources import RecordSource

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDLE = 0.04
"""Seconds without records after which a broker has nothing more to say."""
IDLE_IN_ELASTICSEARCH = 0.5
"""The same, where its records can be read only some time after they were written."""
PATIENCE = 4.0
"""Seconds to wait for records that the embedded engine has written."""


class Embedded:
    """The engine in this process; everything has happened when an answer comes."""

    name = "embedded"

    def __init__(self, engine: Engine, stub: GatewayStub) -> None:
        self.engine = engine
        self._stub = stub

    async def call(self, rpc: str, request: dict[str, Any]) -> Answer:
        return await call(self._stub, rpc, request)

    async def advance(self, milliseconds: int) -> None:
        self.engine.advance(timedelta(milliseconds=milliseconds))

    async def settle(self, expected: int) -> None:
        """Nothing to wait for."""

    def records(self) -> list[Record]:
        return [record.as_dict() for record in self.engine.records]


@asynccontextmanager
async def embedded() -> AsyncIterator[Embedded]:
    """A fresh engine with its own server."""
    engine = Engine(ControlledClock(NOON), keep_records=None)
    server = await serve(engine)
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            yield Embedded(engine, GatewayStub(channel))
    finally:
        await server.stop(None)


class Broker:
    """A real broker; records come through its exporter a little later."""

    name = "broker"

    def __init__(
        self, stub: GatewayStub, source: RecordSource, prefix: str, idle: float, patience: float
    ) -> None:
        self._stub = stub
        self._source = source
        self._prefix = prefix
        self._idle = idle
        self._patience = patience
        self._records: list[Record] = []
        self._instances: set[int] = set()
        self._definitions: set[int] = set()

    async def call(self, rpc: str, request: dict[str, Any]) -> Answer:
        return await call(self._stub, rpc, request)

    async def advance(self, milliseconds: int) -> None:
        await own_engine.move_clock(timedelta(milliseconds=milliseconds))

    async def settle(self, expected: int) -> None:
        """Waits for as many records as the embedded engine has written, then until none come."""
        end = time.monotonic() + self._patience
        quiet = time.monotonic()
        while time.monotonic() < end:
            if await self._read():
                quiet = time.monotonic()
            enough = sum(map(compared, self._records)) >= expected
            if enough and time.monotonic() - quiet > self._idle:
                return
            await asyncio.sleep(0.005)

    def records(self) -> list[Record]:
        return self._records

    async def leave(self) -> None:
        """Ends what still runs, so that it does nothing when a later scenario moves the clock."""
        ended = {
            r["key"]
            for r in self._records
            if r["intent"] in {"ELEMENT_COMPLETED", "ELEMENT_TERMINATED"}
        }
        for key in self._instances - ended:
            await self.call("CancelProcessInstance", {"processInstanceKey": key})
        for key in self._definitions:
            await self.call("DeleteResource", {"resourceKey": key})

    async def _read(self) -> bool:
        found = await self._source.read()
        for each in found:
            record = {
                "recordType": "EVENT",
                "valueType": each.value_type,
                "intent": each.intent,
                "key": each.key,
                "value": each.value,
            }
            if self._mine(record):
                self._records.append(record)
        return bool(found)

    def _mine(self, record: Record) -> bool:
        value = record["value"]
        instance = value.get("processInstanceKey", -1)
        if record["valueType"] == "PROCESS" and self._prefix in value["bpmnProcessId"]:
            self._definitions.add(record["key"])
        if record["valueType"] == "TIMER":
            return value["processDefinitionKey"] in self._definitions
        if self._prefix in json.dumps(value):
            if isinstance(instance, int) and instance > 0:
                self._instances.add(instance)
            return True
        return instance in self._instances


@asynccontextmanager
async def broker(
    prefix: str, idle: float = IDLE, patience: float = PATIENCE
) -> AsyncIterator[Broker]:
    """The engine at ZEEBE_ADDRESS, for one scenario."""
    if not own_engine.exported_to_a_file():
        idle = max(idle, IDLE_IN_ELASTICSEARCH)
    async with own_engine.channel() as line:
        with contextlib.closing(own_engine.records()) as source:
            stand = Broker(GatewayStub(line), source, prefix, idle, patience)
            try:
                yield stand
            finally:
                await stand.leave()
