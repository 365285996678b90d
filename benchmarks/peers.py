"""What users are hurt by, counted: the same faults for pyzeebe with its defaults and for this.

Both work on the embedded engine over gRPC, where the faults are made. Each line counts what
happened to jobs; nothing is timed but the outage. Exit 1 where this worker loses, doubles or stops.
"""

import asyncio
import contextlib
import json
import logging
import sys
import time
from datetime import timedelta

from loguru import logger
from pyzeebe import ZeebeWorker, create_insecure_channel
from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.zeebe import ZeebeGateway

TIMEOUT = timedelta(seconds=1)
"""Of jobs: short, so that what is lost shows soon."""
PROCESS = one_task("p", "t", "work", "retries=3")


class Stand:
    """An engine whose faults and records the scenarios use."""

    def __init__(self, server, faults):
        self.server, self.faults, self.port = server, faults, server.port
        self.runs, self.events = 0, []
        self.gateway = ZeebeGateway(parse_address(f"http://127.0.0.1:{self.port}"))
        server.engine.records.subscribe(
            lambda record: self.events.append((record.value_type, record.intent))
        )

    async def begin(self, count):
        for _ in range(count):
            await self.gateway.create_instance("p", {})

    def count(self, value_type, intent):
        return self.events.count((value_type, intent))

    async def until(self, condition, seconds):
        """Whether it came true in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():  # noqa: ASYNC110 - either worker, and both ends
                    await asyncio.sleep(0.02)
        return condition()


@contextlib.asynccontextmanager
async def stand(port=0):
    faults = Faults(names=RPCS)
    server = await serve(Engine(), port=port, faults=faults)
    made = Stand(server, faults)
    await made.gateway.deploy([PROCESS])
    try:
        yield made
    finally:
        await made.gateway.close()
        await server.stop()


@contextlib.asynccontextmanager
async def runtime(port, handler):
    settings = WorkflowSettings(service_name="w", address=f"http://127.0.0.1:{port}", grace=1)
    builder = WorkflowBuilder(settings=settings)
    builder.with_handler("work", handler, TaskHandlerConfig(job_timeout=TIMEOUT))
    async with builder.running():
        yield


@contextlib.asynccontextmanager
async def pyzeebe(port, handler):
    channel = create_insecure_channel(f"127.0.0.1:{port}")
    worker = ZeebeWorker(channel)

    async def handle():
        return await handler()

    worker.task("work", timeout_ms=int(TIMEOUT.total_seconds() * 1000))(handle)
    working = asyncio.create_task(worker.work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        with contextlib.suppress(Exception):
            await channel.close()


WORKERS = {"pyzeebe": pyzeebe, "runtime": runtime}


async def absent_at_start(worker):
    """The broker comes a minute after the worker: of 3 instances, completed within a minute."""
    async with stand() as probe:
        port = probe.port
    async with worker(port, nothing):
        await asyncio.sleep(60)
        async with stand(port) as made:
            await made.begin(3)
            await made.until(lambda: completed(made) == 3, 60)
            return completed(made)


async def refused_completions(worker):
    """Ten CompleteJob are refused (RESOURCE_EXHAUSTED): how often handlers ran for 5 instances."""
    async with stand() as made:
        made.faults.fail("CompleteJob", "RESOURCE_EXHAUSTED", times=10)
        async with worker(made.port, counting(made)):
            await made.begin(5)
            await made.until(lambda: completed(made) == 5, 30)
            return made.runs


async def slow_handlers(worker):
    """A handler takes three times its job's timeout: how often it ran for 3 instances."""
    async with stand() as made, worker(made.port, counting(made, seconds=3)):
        await made.begin(3)
        await made.until(lambda: completed(made) == 3, 30)
        await asyncio.sleep(1)
        return made.runs


async def no_json(worker):
    """A handler returns what is no JSON: how often it ran in 12 seconds, for one instance."""
    async with stand() as made, worker(made.port, counting(made, result={"when": object()})):
        await made.begin(1)
        await made.until(lambda: made.count("INCIDENT", "CREATED") > 0, 12)
        return made.runs


async def stopped_with_jobs(worker):
    """A worker is stopped with 4 jobs in hand: how many were given back at once."""
    async with stand() as made:
        async with worker(made.port, counting(made, seconds=60)):
            await made.begin(4)
            await made.until(lambda: made.runs == 4, 20)
        return made.count("JOB", "FAILED")


async def refused_login(worker):
    """One poll is refused (UNAUTHENTICATED): of 3 instances, completed within 20 seconds."""
    async with stand() as made:
        made.faults.fail("ActivateJobs", "UNAUTHENTICATED", times=1)
        async with worker(made.port, nothing):
            await asyncio.sleep(1)
            await made.begin(3)
            await made.until(lambda: completed(made) == 3, 20)
            return completed(made)


async def nothing():
    return None


def counting(made, seconds=0.0, result=None):
    async def handler():
        made.runs += 1
        await asyncio.sleep(seconds)
        return result

    return handler


def completed(made):
    return made.count("PROCESS_INSTANCE", "ELEMENT_COMPLETED") // 4


SCENARIOS = {
    absent_at_start: 3,
    refused_login: 3,
    refused_completions: 5,
    slow_handlers: 3,
    no_json: 1,
    stopped_with_jobs: 4,
}
"""What a worker that loses and doubles nothing gives."""


async def main():
    logger.remove()
    logging.disable()
    rows, begun = [], time.perf_counter()
    for scenario, right in SCENARIOS.items():
        found = {name: await scenario(worker) for name, worker in WORKERS.items()}
        rows.append({"scenario": scenario.__doc__, **found, "right": right})
    seconds = round(time.perf_counter() - begun)
    print(json.dumps({"benchmark": "peers", "seconds": seconds, "rows": rows}, indent=2))
    return sum(row["runtime"] != row["right"] for row in rows)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
