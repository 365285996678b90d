"""The engine of a situation, and what is true: its records."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.night.processes import PATIENCE, Running, free_port, started
from tests.reliability.proxy import Proxy
from tests.support.commands import COMMAND, environment

from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.zeebe import ZeebeGateway

Record = dict[str, Any]


class Engine:
    """``workflow dev --operate`` in a process of its own, with a line to it that can be cut.

    Services reach it by ``address``; ``direct`` is the harness's own line, which stays.
    """

    def __init__(self, folder: Path) -> None:
        self.port, self.operate_port = free_port(), free_port()
        self.line = Proxy(self.port)
        patience = timedelta(seconds=60)
        self.direct = ZeebeGateway(
            Address("http", "127.0.0.1", self.port), request_timeout=patience
        )
        self._file = folder / "records.jsonl"
        self._read = 0
        self._records: list[Record] = []
        self._running: Running | None = None

    @property
    def address(self) -> str:
        """Where services find it."""
        return f"http://127.0.0.1:{self.line.port}"

    @property
    def operate(self) -> str:
        """Where Operate is."""
        return f"http://127.0.0.1:{self.operate_port}"

    @property
    def own_address(self) -> str:
        """Where a person's commands find it."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Starts it and waits until it answers."""
        ports = ("--port", self.port, "--operate", self.operate_port)
        command = (*COMMAND, "dev", *ports, "--records", self._file, "--json")
        self._running = await started("engine", command, environment())
        async with asyncio.timeout(PATIENCE):
            while not any("incidents as in Operate" in line.text for line in self._running.lines):
                assert self._running.process.returncode is None, self._running.lines
                await asyncio.sleep(0.1)
            self._running.lines.clear()
        if not self.line.port:
            await self.line.start()

    async def kill(self) -> None:
        """Kills it: all that it knew is lost."""
        assert self._running is not None
        self._running.signal(signal.SIGKILL)
        await self._running.gone()

    async def stop(self) -> None:
        """Ends it."""
        await self.direct.close()
        await self.line.cut()
        if self._running is not None:
            await self._running.stop()

    def records(self, value_type: str, *intents: str) -> list[Record]:
        """What has happened, in its order."""
        self._take_new()
        return [
            each
            for each in self._records
            if each["valueType"] == value_type and each["intent"] in intents
        ]

    def _take_new(self) -> None:
        if self._running is not None:
            self._running.lines.clear()  # its stdout says the same
        with self._file.open("rb") as stream:
            stream.seek(self._read)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                self._records.append(json.loads(line))

    def completed(self) -> Counter[int]:
        """How often each process instance has completed."""
        return Counter(
            each["value"]["processInstanceKey"]
            for each in self.records("PROCESS_INSTANCE", "ELEMENT_COMPLETED")
            if each["value"]["bpmnElementType"] == "PROCESS"
        )

    def incidents(self) -> list[tuple[float, int, Record]]:
        """Each change of an incident: seconds of the day, +1 or -1, its record."""
        found = self.records("INCIDENT", "CREATED", "RESOLVED")
        return [
            (each["timestamp"] / 1000, 1 if each["intent"] == "CREATED" else -1, each)
            for each in found
        ]

    def open_incidents(self, **value: object) -> int:
        """How many are open now, of those with these fields."""
        return sum(
            step for _, step, each in self.incidents() if value.items() <= each["value"].items()
        )


def command_environment(engine: Engine, more: Mapping[str, str]) -> dict[str, str]:
    """What a person on call has set."""
    return environment(
        ZEEBE_ADDRESS=engine.own_address,
        WORKFLOW_OPERATE_URL=engine.operate,
        WORKFLOW_OPERATE_USER="demo",
        WORKFLOW_OPERATE_PASSWORD="demo",
        PATH=os.environ["PATH"],
        COLUMNS="200",
        **more,
    )
