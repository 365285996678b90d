"""Where scenarios run: the embedded engine and a real broker, both behind gRPC."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub
from tests.conformance.client import Answer, call
from tests.conformance.normal import Record, compared
from tools.broker.broker import move_clock

from workflow_runtime.engine import ControlledClock, Engine
from workflow_runtime.engine.server import serve

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDLE = 0.04
"""Seconds without records after which a broker has nothing more to say."""
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
    """A real broker; records come through a file a little later."""

    name = "broker"

    def __init__(self, stub: GatewayStub, prefix: str, idle: float, patience: float) -> None:
        self._stub = stub
        self._prefix = prefix
        self._idle = idle
        self._patience = patience
        self._path = Path(os.environ["ZEEBE_RECORDS"])
        self._offset = self._path.stat().st_size
        self._records: list[Record] = []
        self._instances: set[int] = set()
        self._definitions: set[int] = set()
        self._rest = b""

    async def call(self, rpc: str, request: dict[str, Any]) -> Answer:
        return await call(self._stub, rpc, request)

    async def advance(self, milliseconds: int) -> None:
        move_clock(os.environ["ZEEBE_MONITORING"], milliseconds)

    async def settle(self, expected: int) -> None:
        """Waits for as many records as the embedded engine has written, then until none come."""
        end = time.monotonic() + self._patience
        quiet = time.monotonic()
        while time.monotonic() < end:
            if self._read():
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

    def _read(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        if not data:
            return False
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._records += [r for line in lines if self._mine(r := json.loads(line))]
        return True

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
    """The broker of ``python -m tools.broker run``, for one scenario."""
    target = os.environ["ZEEBE_ADDRESS"].removeprefix("http://")
    async with grpc.aio.insecure_channel(target) as channel:
        stand = Broker(GatewayStub(channel), prefix, idle, patience)
        yield stand
        await stand.leave()
