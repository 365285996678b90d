"""A service from the template with an engine of the user's own: its own tests, and outages."""

import asyncio
import contextlib
import json
import os
import subprocess
from urllib.request import urlopen

import pytest
from tests.reliability.proxy import Proxy
from tests.support import own_engine
from tools import demo

AWAY = 60.0
"""Seconds for which nothing listens where the service looks for its engine."""

pytestmark = [pytest.mark.zeebe, pytest.mark.timeout(600)]


@pytest.fixture
def service(tmp_path):
    """A service with the template's defaults, and the folder of its commands."""
    own_engine.needs("ZEEBE_ADDRESS", "ZEEBE_RECORDS")
    baked = demo.bake(tmp_path)
    return baked, demo.install(baked)


class Registrations:
    """The service as a process, and a person who takes registrations through the engine."""

    def __init__(self, process, stand, health):
        self.process, self._stand, self._health = process, stand, health

    async def complete(self):
        """Waits until the service is ready; how many instances completed then."""
        async with asyncio.timeout(demo.PATIENCE):
            while not await asyncio.to_thread(self._ready):  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.1)
        return await asyncio.to_thread(demo.play, self._stand)

    def _ready(self):
        try:
            with urlopen(f"http://127.0.0.1:{self._health}/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


@contextlib.asynccontextmanager
async def registrations(service, address, tmp_path):
    folder, commands = service
    health, path = demo.free_port(), tmp_path / "seen.jsonl"
    env = os.environ | {"WORKFLOW_ADDRESS": address, "WORKFLOW_HEALTH_PORT": str(health)}
    worker = (commands / "python", "-m", demo.PACKAGE)
    with (
        contextlib.closing(own_engine.records()) as records,
        demo.background("service", *worker, cwd=folder, env=env) as running,
    ):
        stand = demo.Stand(commands / "workflow", str(own_engine.address()), path, [running])
        async with asyncio.TaskGroup() as group:
            copying = group.create_task(copy_for_ever(records, path))
            yield Registrations(running.process, stand, health)
            copying.cancel()


async def copy_for_ever(records, path):
    """Writes what the engine exports where the demo reads it."""
    with path.open("a", encoding="utf-8") as file:
        while True:
            for each in await records.read():
                names = {"valueType": each.value_type, "intent": each.intent}
                file.write(json.dumps({**names, "key": each.key, "value": each.value}) + "\n")
            file.flush()
            await asyncio.sleep(0.05)


def test_the_tests_of_a_new_service_pass_with_it(bake, tool):
    own_engine.needs("ZEEBE_ADDRESS", "ZEEBE_RECORDS")
    service = bake()
    tool(service, "uv", "sync", "--quiet", timeout=300)
    settings = [f"{name}={value}" for name, value in own_engine.environment().items()]
    output = tool(
        service, "uv", "run", "env", *settings, "pytest", "-q", "tests/test_process.py", timeout=300
    )
    moved = os.environ.get("ZEEBE_MONITORING")
    assert ("4 passed" if moved else "1 passed, 3 skipped") in output


async def test_a_service_works_for_an_engine_that_comes_late(service, tmp_path):
    engine = own_engine.plain_address()
    line = Proxy(engine.port, engine.host)
    line.port = demo.free_port()
    address = f"http://127.0.0.1:{line.port}"
    async with registrations(service, address, tmp_path) as made:
        with pytest.raises(subprocess.TimeoutExpired):
            await asyncio.to_thread(made.process.wait, AWAY)
        await line.start()
        assert await made.complete() == 3
    await line.cut()


async def test_a_service_outlives_an_engine_that_is_killed(service, tmp_path):
    own_engine.needs("ZEEBE_RESTART")
    async with registrations(service, str(own_engine.address()), tmp_path) as made:
        assert await made.complete() == 3
        await own_engine.restart()
        assert await made.complete() == 3
