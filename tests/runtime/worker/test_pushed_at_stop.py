"""What was pushed before the end of a service goes back to the engine, however slow the line is."""

import asyncio

import pytest
from tests.runtime.worker.fake_gateway import FakeGateway, job

from workflow_runtime import TaskHandlerConfig
from workflow_runtime._worker import worker

MANY = 12


class SlowLine(FakeGateway):
    """Pushes jobs one after the other, with a pause that is shorter than what counts as quiet."""

    pause = 0.1

    async def stream_jobs(self, request):
        for key in range(1, MANY + 1):
            yield job(key)
            await asyncio.sleep(self.pause)
        await asyncio.Event().wait()


@pytest.fixture
async def gateway():
    return SlowLine()


@pytest.fixture
async def service(build):
    begun = asyncio.Event()

    async def hold(task):
        begun.set()
        await asyncio.Event().wait()

    workflow = await build(hold, TaskHandlerConfig(stream=True, max_running=1)).run()
    await asyncio.wait_for(begun.wait(), 10)
    return workflow


async def test_a_line_that_is_slow_is_read_until_it_is_quiet(service, gateway):
    await service.stop(grace=0)
    handed_back = {command[1] for command in gateway.commands}
    assert handed_back == set(range(1, MANY + 1))


async def test_a_line_that_never_gets_quiet_is_read_for_a_while(service, gateway, monkeypatch):
    monkeypatch.setattr(worker, "_PUSHED", 0.3)
    await service.stop(grace=0)
    assert 1 <= len(gateway.commands) < MANY
