"""An engine behind a line that can fail: the embedded one over gRPC, and a real broker."""

import asyncio
import os
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from tests.reliability.proxy import Proxy
from tests.support import own_engine
from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.retrying import again_if_not_executed, resend
from workflow_runtime.gateway.zeebe import ZeebeGateway


class Stand:
    """An engine with one process of one task, a sound line for the test, a bad one for workers."""

    def __init__(self, address, faults=None, engine=None):
        self.faults, self.engine = faults, engine
        self.direct = ZeebeGateway(address)
        self.proxy = Proxy(address.port, address.host)
        self.id = "p" + uuid.uuid4().hex[:10]
        self.calls = []
        self._workflows, self._processes = [], []

    @property
    def job_type(self):
        return f"{self.id}_work"

    async def deploy(self):
        await self.direct.deploy([one_task(self.id, "work")])

    async def begin(self, count):
        """Starts instances; what it returns is done when all of them have completed."""
        return asyncio.gather(*(self._instance(n) for n in range(count)))

    async def _instance(self, number):
        patience = timedelta(seconds=100)
        until = time.monotonic() + 100
        # A broker under load refuses some, and says so.
        return await resend(
            lambda: self.direct.create_instance_with_result(
                self.id, {"n": number}, timeout=patience
            ),
            until=lambda: until,
            judge=again_if_not_executed,
        )

    async def work(self, handler=None, config=None, **settings):
        async def note(task):
            self.calls.append(task.job.key)

        address = f"http://127.0.0.1:{self.proxy.port}"
        made = WorkflowSettings(service_name="faults", address=address, **settings)
        builder = WorkflowBuilder(settings=made).with_handler(
            self.job_type, handler or note, config
        )
        workflow = await builder.run()
        self._workflows.append(workflow)
        return workflow

    async def process(self, mode, **settings):
        """A service in a process of its own; it prints a line for each job that it begins."""
        script = Path(__file__).with_name("service.py")
        given = {f"WORKFLOW_{name.upper()}": str(value) for name, value in settings.items()}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            script,
            mode,
            self.job_type,
            env={**os.environ, **given, "WORKFLOW_ADDRESS": f"http://127.0.0.1:{self.proxy.port}"},
            stdout=asyncio.subprocess.PIPE,
        )
        self._processes.append(process)
        return process

    async def begun(self, process, count):
        """The jobs that a process says it has begun."""
        async with asyncio.timeout(60):
            return [int(await process.stdout.readline()) for _ in range(count)]

    async def stop(self):
        for workflow in self._workflows:
            await workflow.stop(grace=0)
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await self.direct.close()
        await self.proxy.cut()


async def _embedded():
    faults = Faults(names=RPCS)
    server = await serve(Engine(), faults=faults)
    yield Stand(Address("http", "127.0.0.1", server.port), faults, server.engine)
    await server.stop()


async def _broker():
    yield Stand(own_engine.plain_address())


async def _ready(made):
    async for stand in made:
        await stand.proxy.start()
        await stand.deploy()
        yield stand
        await stand.stop()


@pytest.fixture(params=["embedded", pytest.param("zeebe", marks=pytest.mark.zeebe)])
async def stand(request):
    """Either engine."""
    async for each in _ready(_broker() if request.param == "zeebe" else _embedded()):
        yield each


@pytest.fixture
async def faulty():
    """The embedded engine, whose answers can be spoilt."""
    async for each in _ready(_embedded()):
        yield each


@pytest.fixture(autouse=True)
def quick_stop(monkeypatch):
    """Workers of the test's own process; processes of their own keep the real value."""
    monkeypatch.setattr("workflow_runtime._worker.worker._LATE_JOBS", 0.05)
