"""SystemExit and KeyboardInterrupt where people raise them: the service drains and loses no job."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve

CODES = {"SystemExit": 3, "KeyboardInterrupt": 130}


class Stand:
    def __init__(self, engine, server):
        self.engine, self.server = engine, server

    async def start(self, *arguments):
        self.service = await asyncio.create_subprocess_exec(
            sys.executable,
            Path(__file__).with_name("leaving.py"),
            *arguments,
            env={"WORKFLOW_ADDRESS": f"http://127.0.0.1:{self.server.port}", "WORKFLOW_GRACE": "2"}
            | dict(os.environ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await self.server.gateway.create_instance("slow", {})
        assert await self.service.stdout.readline() == b"slow\n"
        await self.server.gateway.create_instance("leaving", {})

    def ends(self, job_type):
        return [
            (record.intent, record.value["retries"])
            for record in self.engine.records
            if record.value_type == "JOB"
            and record.value["type"] == job_type
            and record.intent in {"COMPLETED", "FAILED", "ERROR_THROWN"}
        ]


@asynccontextmanager
async def serving(*arguments):
    engine = Engine()
    server = await serve(engine)
    for name in ("slow", "leaving"):
        await server.gateway.deploy([one_task(name, "work")])
    stand = Stand(engine, server)
    await stand.start(*arguments)
    try:
        yield stand
    finally:
        if stand.service.returncode is None:
            stand.service.kill()
        await stand.service.communicate()
        await server.stop()


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("way", ["child", "child_and_return", "group", "gather", "callback"])
async def test_what_leaves_the_loop_drains_the_service(way, kind):
    async with serving(way, kind) as stand:
        async with asyncio.timeout(60):
            _, errors = await stand.service.communicate()
        assert stand.service.returncode == CODES[kind], errors.decode()
        assert stand.ends("slow_work") == [("COMPLETED", 3)]
        # Done, failed by what it raised, or handed back: one command in any case.
        wanted = {
            "child": ("FAILED", 3),
            "child_and_return": ("COMPLETED", 3),
            "group": ("FAILED", 2),
            "gather": ("FAILED", 2),
            "callback": ("FAILED", 3),
        }
        # A poll that was under way may bring a job that was handed back, once more.
        assert set(stand.ends("leaving_work")) == {wanted[way]}
        assert f"{kind} in ".encode() in errors


async def test_a_handler_that_stops_the_loop_drains_the_service():
    async with serving("stop") as stand:
        async with asyncio.timeout(60):
            _, errors = await stand.service.communicate()
        assert stand.service.returncode == 1, errors.decode()
        assert stand.ends("slow_work") == stand.ends("leaving_work") == [("COMPLETED", 3)]
        assert b"loop.stop(): draining" in errors


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("way", ["itself", "executor"])
async def test_what_a_handler_itself_raises_is_a_failed_attempt(way, kind):
    async with serving(way, kind) as stand:
        await until(lambda: stand.ends("leaving_work"))
        stand.service.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            await stand.service.communicate()
        assert stand.service.returncode == 0
        assert stand.ends("slow_work") == [("COMPLETED", 3)]
        assert stand.ends("leaving_work")[0] == ("FAILED", 2)
