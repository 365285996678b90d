"""The workers that are measured: a bare grpc.aio loop, this one, pyzeebe.

Each takes (port, job types, jobs in flight of one type, handler) and gives back how to stop it.
"""

import asyncio
import json

import grpc.aio
from pyzeebe import ZeebeWorker, create_insecure_channel
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings

MANY = 100_000


class Bare:
    """The floor: a poll loop for each type, a task for each job, JSON both ways."""

    def __init__(self, stub, job_type, in_flight, handler):
        self.stub, self.job_type, self.in_flight, self.handler = stub, job_type, in_flight, handler
        self.tasks, self.room = set(), asyncio.Event()

    async def work(self, job):
        json.loads(job.variables)
        await self.handler()
        await self.stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables="{}"))

    def ended(self, task):
        self.tasks.discard(task)
        if self.free() >= self.in_flight // 3:
            self.room.set()

    def free(self):
        return self.in_flight - len(self.tasks)

    async def poll(self):
        while True:
            request = pb.ActivateJobsRequest(
                type=self.job_type,
                worker="bare",
                timeout=60_000,
                maxJobsToActivate=self.free(),
                requestTimeout=10_000,
            )
            async for answer in self.stub.ActivateJobs(request):
                for job in answer.jobs:
                    task = asyncio.create_task(self.work(job))
                    self.tasks.add(task)
                    task.add_done_callback(self.ended)
            self.room.clear()
            if self.free() < self.in_flight // 3:
                await self.room.wait()


async def bare(port, job_types, in_flight, handler):
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    stub = GatewayStub(channel)
    loops = [Bare(stub, each, in_flight, handler).poll() for each in job_types]
    polls = asyncio.gather(*loops)

    async def stop():
        polls.cancel()
        await asyncio.gather(polls, return_exceptions=True)
        await channel.close()

    return stop


async def runtime(port, job_types, in_flight, handler):
    settings = WorkflowSettings(
        service_name="bench", address=f"http://127.0.0.1:{port}", max_running_total=MANY
    )
    builder = WorkflowBuilder(settings=settings)

    for job_type in job_types:
        builder.with_handler(job_type, handler, TaskHandlerConfig(max_running=in_flight))
    return (await builder.run()).stop


async def pyzeebe(port, job_types, in_flight, handler, delay=0.005):
    channel = create_insecure_channel(f"127.0.0.1:{port}")
    worker = ZeebeWorker(channel, poll_retry_delay=delay, max_connection_retries=-1)
    options = {"max_jobs_to_activate": in_flight, "max_running_jobs": in_flight}

    async def handle(**scope):  # noqa: ARG001 - the signature of handlers
        await handler()

    for job_type in job_types:
        worker.task(job_type, variables_to_fetch=[], **options)(handle)
    working = asyncio.create_task(worker.work())

    async def stop():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await channel.close()

    return stop


async def pyzeebe_defaults(port, job_types, _in_flight, handler):
    return await pyzeebe(port, job_types, 32, handler, delay=5)


CLIENTS = {
    "bare": bare,
    "runtime": runtime,
    "pyzeebe tuned": pyzeebe,
    "pyzeebe defaults": pyzeebe_defaults,
}
