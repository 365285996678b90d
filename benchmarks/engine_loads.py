"""What the engine benchmark measures, each load by itself.

``python -m benchmarks.engine_loads LOAD``: runs one in a process of its own, prints its numbers.
"""

import asyncio
import gc
import json
import statistics
import sys
import time
from datetime import timedelta

import psutil
from benchmarks import engine_diagrams as diagrams
from benchmarks import engine_spiff as spiff

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing import ProcessEnvironment, assert_that
from workflow_runtime import WorkflowBuilder
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.values import JobRequest
from workflow_runtime.gateway.zeebe import ZeebeGateway

SCOPE = {"orderId": "o-1", "amount": 250}
ANSWERS = {"check": {"checked": True}, "pay": {"paid": True}, "pack": {"boxes": 2}}
IN_FLIGHT = 32
FEW, MANY = 1_000, 100_000
CYCLES = 10
wall, cpu = time.perf_counter, time.process_time
# What waits for nothing is measured in CPU time: other programs of the machine do not count.


def wanted(job_type, most):
    return JobRequest(job_type, "bench", timedelta(minutes=5), most, (), long_poll=timedelta(0))


async def start_engine():
    begun = wall()
    gateway = EmbeddedGateway(Engine())
    await gateway.topology()
    seconds = wall() - begun
    await gateway.close()
    return {"seconds": seconds}


async def start_server():
    """Until a client has its first answer."""
    begun = wall()
    server = await serve()
    client = ZeebeGateway(parse_address(f"http://127.0.0.1:{server.port}"))
    await client.topology()
    seconds = wall() - begun
    await client.close()
    await server.stop()
    return {"seconds": seconds}


async def finish_jobs(gateway):
    found = 0
    for job_type, answer in ANSWERS.items():
        for job in await gateway.activate_jobs(wanted(job_type, IN_FLIGHT)):
            await gateway.complete_job(job.key, answer)
            found += 1
    return found


async def orders(count):
    """Whole instances, jobs included, some of them at once."""
    gateway = EmbeddedGateway(Engine())
    await gateway.deploy([diagrams.ORDER])
    gc.collect()
    begun = cpu()
    for _ in range(count // IN_FLIGHT):
        started = [await gateway.create_instance("order", SCOPE) for _ in range(IN_FLIGHT)]
        while await finish_jobs(gateway):
            pass
    seconds = cpu() - begun
    assert not any(gateway.engine.instance(each.key) for each in started)
    await gateway.close()
    return {"per_s": count // IN_FLIGHT * IN_FLIGHT / seconds}


async def spiff_orders(count):
    loaded = spiff.load(diagrams.ORDER)
    gc.collect()
    begun = cpu()
    for _ in range(count):
        spiff.run(loaded, SCOPE, ANSWERS)
    return {"per_s": count / (cpu() - begun)}


async def growth():
    """Instances that wait for a job: what each costs as they become more."""
    gateway = EmbeddedGateway(Engine())
    await gateway.deploy([diagrams.WAITING])
    await begin(gateway, FEW)
    await end(gateway, FEW)
    gc.collect()
    before = psutil.Process().memory_info().rss
    cycles = [await begin(gateway, FEW) + await end(gateway, FEW) for _ in range(CYCLES)]
    few = statistics.mean(cycles)
    filling = await begin(gateway, MANY)
    size = psutil.Process().memory_info().rss - before
    among = await begin(gateway, FEW) + await end(gateway, FEW)
    emptying = await end(gateway, MANY)
    return {
        "us_each_of_few": few / FEW * 1e6,
        "us_each_of_many": (filling + emptying) / MANY * 1e6,
        "us_each_among_many": among / FEW * 1e6,
        "bytes_each": size / MANY,
    }


async def begin(gateway, count):
    begun = cpu()
    for _ in range(count):
        await gateway.create_instance("waiting", SCOPE)
    return cpu() - begun


async def end(gateway, count):
    begun, left = cpu(), count
    while left:
        jobs = await gateway.activate_jobs(wanted("work", min(left, 100)))
        for job in jobs:
            await gateway.complete_job(job.key, {})
        left -= len(jobs)
    return cpu() - begun


async def month():
    """A test of a timer, from the start of its instance to its end thirty days later."""
    builder = WorkflowBuilder("bench", "embedded://")
    async with ProcessEnvironment()(builder) as process:
        await process.gateway.deploy([diagrams.REMINDER])
        begun = wall()
        instance = await process.start("reminder")
        await process.clock.advance(days=30)
        await process.wait_idle()
        seconds = wall() - begun
        assert_that(instance).is_completed()
    return {"seconds": seconds}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(globals()[sys.argv[1]]())))
