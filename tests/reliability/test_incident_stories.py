"""Incidents of two replicas in processes of their own are one story, whatever ends on the way."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn, one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing.operate import OperateDouble

pytestmark = pytest.mark.slow

INCIDENT, RESOLVED = ["incident", "Incident in order: pay"], ["resolved", "Resolved: order: pay"]
CHOICE = "start start\nxor choose\nend end\nstart -> choose\nchoose -> end if =x > 1"
PATIENCE = 120
"""Seconds for what takes ten on an idle machine."""


class Night:
    """An engine, an Operate that shows its incidents, and replicas that are started and killed."""

    def __init__(self, folder, server, operate):
        self.folder, self.server, self.operate = folder, server, operate
        self.engine = server.engine
        self.told, self.news = [], asyncio.Event()
        self.processes, self.readers = [], []

    async def replica(self, *, watched=True):
        given = {"WORKFLOW_ADDRESS": f"http://127.0.0.1:{self.server.port}"}
        if watched:
            given |= {
                "WORKFLOW_OPERATE_URL": self.operate.url,
                "WORKFLOW_OPERATE_USER": "demo",
                "WORKFLOW_OPERATE_PASSWORD": "demo",
                "WORKFLOW_OPERATE_INTERVAL": "0.5",
            }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            Path(__file__).with_name("replica.py"),
            self.folder,
            env=os.environ | given,
            stdout=asyncio.subprocess.PIPE,
        )
        self.processes.append(process)
        async with asyncio.timeout(PATIENCE):
            assert json.loads(await process.stdout.readline()) == ["ready"]
        self.readers.append(asyncio.create_task(self._read(process)))
        return process

    async def _read(self, process):
        while line := await process.stdout.readline():
            self.told.append(json.loads(line))
            self.news.set()

    async def hears(self, *notices):
        """Waits until exactly these have been told, in this order."""
        async with asyncio.timeout(PATIENCE):
            while len(self.told) < len(notices):
                self.news.clear()
                await self.news.wait()
        assert self.told == list(notices)

    async def fail(self, count):
        before = len(self.engine.incidents)
        (self.folder / "broken").touch()
        for number in range(count):
            self.engine.create_instance("order", {"name": "Anna" + "x" * number})
        await until(lambda: len(self.engine.incidents) == before + count, PATIENCE)

    async def watched(self):
        """Somebody has looked at Operate, and once more."""
        looks = len(self.operate.requests)
        await until(
            lambda: self.operate.requests[looks:].count("POST /v1/incidents/search") > 4, PATIENCE
        )

    async def resolve(self, *, repaired):
        if repaired:
            (self.folder / "broken").unlink()
        jobs = [each for each in self.engine.incidents if each.job is not None]
        others = len(self.engine.incidents) - len(jobs)
        for each in jobs:
            self.engine.update_job_retries(each.job.key, 1)
            self.engine.resolve_incident(each.key)
        left = others if repaired else others + len(jobs)
        await until(lambda: len(self.engine.incidents) == left, PATIENCE)

    async def end(self):
        for process in self.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await asyncio.gather(*self.readers)


@pytest.fixture
async def night(tmp_path):
    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay").content)
    for name in ("choice", "other"):
        (tmp_path / f"{name}.bpmn").write_bytes(bpmn(CHOICE, name))
    engine, operate = Engine(), OperateDouble()
    await operate.start()

    def follow(record):
        if record.value_type == "INCIDENT":
            operate.feed(record.intent, record.key, record.timestamp, record.value)
            operate.settle()

    engine.records.subscribe(follow)
    server = await serve(engine)
    night = Night(tmp_path, server, operate)
    yield night
    await night.end()
    await server.stop()
    await operate.stop()


@pytest.mark.parametrize("watched", [True, False], ids=["with watcher", "without"])
async def test_two_replicas_tell_one_incident_and_one_resolved(night, watched):
    await asyncio.gather(night.replica(watched=watched), night.replica(watched=watched))
    await night.fail(30)
    await night.hears(INCIDENT)
    await night.resolve(repaired=True)
    await night.hears(INCIDENT, RESOLVED)


async def test_what_comes_back_is_told_once_with_its_number(night):
    await asyncio.gather(night.replica(), night.replica())
    await night.fail(30)
    await night.hears(INCIDENT)
    await night.watched()
    await night.resolve(repaired=False)
    came_back = ["came_back", "30 came back in order: pay"]
    await night.hears(INCIDENT, came_back)
    await night.resolve(repaired=True)
    await night.hears(INCIDENT, came_back, RESOLVED)


async def test_a_killed_watcher_is_replaced_and_nothing_is_told_twice_or_lost(night):
    first = await night.replica()
    night.engine.create_instance("choice", {})
    found = ["incident", "Incident in choice: choose"]
    await night.hears(found)
    await night.replica()
    first.kill()
    # Raised while nobody watches: a kind that a worker tells, and one that only Operate shows.
    await night.fail(1)
    await night.hears(found, INCIDENT)
    night.engine.create_instance("other", {})
    other = ["incident", "Incident in other: choose"]
    await night.hears(found, INCIDENT, other)
    await night.resolve(repaired=True)
    await night.hears(found, INCIDENT, other, RESOLVED)


async def test_a_rolling_deploy_tells_nothing_twice(night):
    old = await asyncio.gather(night.replica(), night.replica())
    await night.fail(3)
    await night.hears(INCIDENT)
    for process in old:
        await night.replica()
        process.send_signal(signal.SIGTERM)
        await process.wait()
    await night.fail(1)
    await night.resolve(repaired=True)
    await night.hears(INCIDENT, RESOLVED)
