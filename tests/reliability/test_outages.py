"""The worker over real gRPC, while the gateway dies, refuses and loses answers."""

import asyncio
import time

import grpc
import grpc.aio
import pytest
from tests.support.waiting import until
from tests.support.zeebe_stubs import GatewayServicer, add_GatewayServicer_to_server, pb

from workflow_runtime import WorkflowBuilder


class Broker(GatewayServicer):
    """Jobs survive the server; refusals are taken from ``answers`` one by one."""

    def __init__(self, jobs):
        self.open = set(range(1, jobs + 1))
        self.waiting = sorted(self.open)
        self.answers = []
        self.all_done = asyncio.Event()
        self.server = None
        self.port = 0

    async def start(self):
        self.server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add_GatewayServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self.server.start()

    async def kill(self):
        await self.server.stop(None)

    async def ActivateJobs(self, request, context):  # noqa: N802 - the protocol's name
        batch, self.waiting = (
            self.waiting[: request.maxJobsToActivate],
            self.waiting[request.maxJobsToActivate :],
        )
        if not batch:
            await asyncio.Event().wait()
        now = int(time.time() * 1000)
        yield pb.ActivateJobsResponse(
            jobs=[
                pb.ActivatedJob(key=k, type="work", retries=3, deadline=now + 60_000) for k in batch
            ]
        )

    async def CompleteJob(self, request, context):  # noqa: N802 - the protocol's name
        if self.answers:
            code, executed = self.answers.pop(0)
            if executed:
                self._complete(request.jobKey)
            await context.abort(code, "on purpose")
        if request.jobKey not in self.open:
            await context.abort(grpc.StatusCode.NOT_FOUND, "gone")
        self._complete(request.jobKey)
        return pb.CompleteJobResponse()

    def _complete(self, key):
        self.open.discard(key)
        if not self.open:
            self.all_done.set()


@pytest.fixture
async def start():
    running = []

    async def make(broker, handler):
        builder = WorkflowBuilder("test", f"http://127.0.0.1:{broker.port}")
        running.append((await builder.with_handler("work", handler).run(), broker))
        return running[-1][0]

    yield make
    for workflow, broker in running:
        await workflow.stop(grace=1)
        await broker.kill()


@pytest.mark.parametrize(
    ("code", "executed"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, False),
        (grpc.StatusCode.UNAVAILABLE, False),
        (grpc.StatusCode.INTERNAL, False),
        (grpc.StatusCode.DEADLINE_EXCEEDED, True),
        (grpc.StatusCode.UNAVAILABLE, True),
    ],
    ids=lambda value: getattr(value, "name", "lost answer" if value else "refused"),
)
async def test_every_job_is_executed_once_and_completed(start, code, executed):
    broker, calls = Broker(jobs=40), []
    broker.answers = [(code, executed)] * 20
    await broker.start()

    async def handler(task):
        calls.append(task.job.key)

    await start(broker, handler)
    await asyncio.wait_for(broker.all_done.wait(), 20)
    assert sorted(calls) == list(range(1, 41))


async def test_a_broker_that_was_killed_gets_every_result_after_its_return(start):
    broker, calls, killed = Broker(jobs=10), [], asyncio.Event()
    await broker.start()

    async def handler(task):
        calls.append(task.job.key)
        await killed.wait()

    workflow = await start(broker, handler)
    await until(lambda: len(calls) == 10)
    await broker.kill()
    killed.set()
    await until(lambda: workflow.health().types["work"].last_error)
    await broker.start()
    back = time.monotonic()
    await asyncio.wait_for(broker.all_done.wait(), 20)
    assert time.monotonic() - back < 3
    assert sorted(calls) == list(range(1, 11))
