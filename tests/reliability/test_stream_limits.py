"""More subscriptions than a connection carries calls: nothing waits inside of gRPC, unseen."""

import asyncio
import time
from datetime import timedelta

import pytest
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine, grpc_server
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.values import JobRequest
from workflow_runtime.gateway.zeebe import ZeebeGateway

LIMITS = [3, 10, 100, pytest.param(None, id="none")]


@pytest.fixture
async def server(request, monkeypatch):
    limit = getattr(request, "param", None)
    if limit is not None:
        more = (("grpc.max_concurrent_streams", limit),)
        monkeypatch.setattr(grpc_server, "_OPTIONS", (*grpc_server._OPTIONS, *more))
    made = await serve(Engine())
    yield made
    await made.stop()


@pytest.fixture
async def gateway(server):
    made = ZeebeGateway(Address("http", "127.0.0.1", server.port))
    yield made
    await made.close()


def polls(gateway, count, seconds=60):
    return [
        asyncio.ensure_future(
            gateway.activate_jobs(
                JobRequest(f"idle{n}", "w", timedelta(minutes=1), 1, (), timedelta(seconds=seconds))
            )
        )
        for n in range(count)
    ]


def waiting(server):
    """Long polls that have reached the engine."""
    return sum(map(len, server.gateway._waiting.values()))


@pytest.mark.parametrize("server", LIMITS, indirect=True)
async def test_all_long_polls_are_at_the_engine_and_commands_pass_them(server, gateway):
    calls = polls(gateway, 120)
    await until(lambda: waiting(server) == 120, seconds=30)
    # Until the first answer a client does not know the limit, and is refused what is too much.
    await gateway.topology()
    begun = time.monotonic()
    await asyncio.gather(*(gateway.topology() for _ in range(50)))
    assert time.monotonic() - begun < 5
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("server", LIMITS, indirect=True)
async def test_instances_whose_results_are_awaited_hold_nobody_up(server, gateway):
    await gateway.deploy([one_task("slow", "do")])
    results = [
        asyncio.ensure_future(
            gateway.create_instance_with_result("slow", {}, timeout=timedelta(seconds=60))
        )
        for _ in range(60)
    ]
    await until(lambda: len(list(server.engine.jobs)) == 60, seconds=30)
    request = JobRequest("slow_do", "w", timedelta(minutes=1), 60)
    async with asyncio.timeout(30):
        jobs = []
        while len(jobs) < 60:
            jobs += await gateway.activate_jobs(request)
        await asyncio.gather(*(gateway.complete_job(job.key, {}) for job in jobs))
        await asyncio.gather(*results)


@pytest.mark.parametrize("server", [10, 100], indirect=True)
async def test_a_busy_type_beside_hundreds_of_idle_ones_starves_never(server):
    done = []

    async def work(task):
        done.append(task.job.key)

    async def idle(task):
        raise AssertionError

    settings = WorkflowSettings(address=f"http://127.0.0.1:{server.port}")
    builder = WorkflowBuilder(settings=settings)
    for n in range(300):
        builder.with_handler(f"idle{n}", idle)
    builder.with_handler("busy_do", work, TaskHandlerConfig(max_running=32))
    async with builder.running() as workflow:
        await workflow.gateway.deploy([one_task("busy", "do")])
        await until(lambda: waiting(server) >= 300, seconds=60)
        slowest = 0.0
        for n in range(20):
            begun = time.monotonic()
            await workflow.gateway.create_instance("busy", {})
            await until(lambda n=n: len(done) > n, seconds=30)
            slowest = max(slowest, time.monotonic() - begun)
        assert slowest < 5


async def test_a_normal_service_has_two_connections(server, gateway):
    calls = polls(gateway, 30)
    await until(lambda: waiting(server) == 30, seconds=30)
    assert len(gateway._connection._lines._waiting) == 1
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
