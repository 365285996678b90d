"""An engine is killed in the middle of the work, and comes back: with its memory, or without."""

import asyncio
import os
import sys
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from tests.support import own_engine
from tests.support.diagrams import bpmn
from tests.support.waiting import until
from tools.demo import free_port

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime._worker import gateway_probe
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.retrying import again_if_not_executed, resend

JOBS = 200
AT_ONCE = 8
PROCESS = """
start start
service one job=_one
service two job=_two
end end
start -> one -> two -> end
"""


class Service:
    """A service with the process of two tasks, and what its handlers were called for."""

    def __init__(self, folder, address):
        self.id = "killed" + uuid.uuid4().hex[:10]
        self.runs = {"one": Counter(), "two": Counter()}
        self.keys, self.half, self.done = set(), asyncio.Event(), asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        path = folder / f"{self.id}.bpmn"
        path.write_bytes(bpmn(PROCESS, "", self.id))
        settings = WorkflowSettings(address=address, command_timeout=timedelta(seconds=60))
        config = TaskHandlerConfig(job_timeout=timedelta(seconds=5), max_running=AT_ONCE)
        self.builder = WorkflowBuilder(settings=settings).with_process(path)
        for task in self.runs:
            self.builder.with_handler(f"{self.id}_{task}", self.work, config)

    async def work(self, task):
        self.keys.add(task.instance_key)
        name = task.job.job_type.removeprefix(f"{self.id}_")
        self.runs[name][task.get_scope_variable("n")] += 1
        if self.runs["one"].total() == JOBS // 2:
            self.half.set()
        if len(self.runs["two"]) == JOBS:
            self.done.set()
        await self.goes_on.wait()

    async def start(self, workflow, numbers):
        for n in numbers:
            await workflow.start_process(self.id, {"n": n})


@pytest.mark.zeebe
@pytest.mark.timeout(300)
async def test_every_instance_completes_though_the_engine_was_killed(tmp_path):
    # Known by their number, not by their key: a broker before 8.10 answers a start before the new
    # instance is on its disk and, killed in between, makes it again under another key
    # (camunda/camunda#59177).
    own_engine.needs("ZEEBE_ADDRESS", "ZEEBE_RESTART")
    service = Service(tmp_path, str(own_engine.address()))
    async with service.builder.running() as workflow:
        await service.start(workflow, range(JOBS))
        await asyncio.wait_for(service.half.wait(), 60)
        await own_engine.restart()
        await asyncio.wait_for(service.done.wait(), 120)
        await asyncio.wait_for(completed(workflow, service.keys), 60)
    assert set(service.runs["one"]) == set(service.runs["two"]) == set(range(JOBS))
    # What was executed but not committed when the engine died runs again; nothing else does.
    assert sum(runs.total() for runs in service.runs.values()) <= 2 * JOBS + 2 * AT_ONCE


async def completed(workflow, keys):
    """Waits until the engine knows none of these instances any more."""
    left = set(keys)
    while left:
        for key in list(left):
            if await gone(workflow, key):
                left.discard(key)
        await asyncio.sleep(0.1)


async def gone(workflow, key):
    try:
        await resend(
            lambda: workflow.gateway.set_variables(key, {"asked": True}),
            until=lambda: asyncio.get_running_loop().time() + 60,
            judge=again_if_not_executed,
        )
    except GatewayError as error:
        return error.status == "NOT_FOUND"
    return False


class Dev:
    """`workflow dev` as a process, on the same port each time it is started."""

    def __init__(self):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process = None

    async def start(self):
        command = ("-m", "workflow_runtime.cli", "dev", "--port", str(self.port))
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("WORKFLOW_", "ZEEBE_"))}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command),
            env=clean,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        said = await asyncio.wait_for(self._process.stderr.readline(), 60)
        assert self.address in said.decode()

    async def kill(self):
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@pytest.fixture
async def dev():
    engine = Dev()
    await engine.start()
    yield engine
    await engine.kill()


async def test_results_for_an_engine_that_has_forgotten_their_jobs_take_nobody_s_place(
    dev, tmp_path, monkeypatch
):
    monkeypatch.setattr(gateway_probe, "_INTERVAL", 0.05)
    service = Service(tmp_path, dev.address)
    service.goes_on.clear()
    async with service.builder.running() as workflow:
        await service.start(workflow, range(AT_ONCE))
        await until(lambda: service.runs["one"].total() == AT_ONCE)
        await dev.kill()
        service.goes_on.set()
        await dev.start()
        await until(lambda: not any(t.running for t in workflow.health().types.values()))
        assert not service.runs["two"]
        await service.start(workflow, range(AT_ONCE, 3 * AT_ONCE))
        await until(lambda: len(service.runs["two"]) == 2 * AT_ONCE)
        assert workflow.health().ready
    assert service.runs["one"] == Counter(range(3 * AT_ONCE))
    assert service.runs["two"] == Counter(range(AT_ONCE, 3 * AT_ONCE))
