"""Jobs per second and CPU per job against a gateway that only hands out and takes jobs.

``python -m benchmarks.worker [--jobs 20000] [--rounds 5]``: a bare grpc.aio loop as the floor,
pyzeebe with its defaults, pyzeebe tuned, this worker; interleaved, median and range, as JSON.
"""

import argparse
import asyncio
import json
import logging
import statistics
import subprocess
import sys
import time
from pathlib import Path

import grpc.aio
from loguru import logger
from pyzeebe import ZeebeWorker, create_insecure_channel
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder

SLOW_JOBS = 64  # pyzeebe's defaults give 6.7 jobs a second: more would take an hour


class Countdown:
    def __init__(self, jobs):
        self.left = jobs
        self.done = asyncio.Event()

    def tick(self):
        self.left -= 1
        if self.left == 0:
            self.done.set()


async def bare(port, job_type, jobs, in_flight):
    """The floor: one poll loop, a task for each job, JSON both ways, refilled at a third."""
    count, tasks, room = Countdown(jobs), set(), asyncio.Event()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = GatewayStub(channel)

        async def work(job):
            json.loads(job.variables)
            await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables=json.dumps({})))
            count.tick()

        def ended(task):
            tasks.discard(task)
            if in_flight - len(tasks) >= in_flight // 3 or count.left == 0:
                room.set()

        while count.left:
            request = pb.ActivateJobsRequest(
                type=job_type,
                worker="bare",
                timeout=60_000,
                maxJobsToActivate=in_flight - len(tasks),
                requestTimeout=100,
            )
            async for answer in stub.ActivateJobs(request):
                for job in answer.jobs:
                    task = asyncio.create_task(work(job))
                    tasks.add(task)
                    task.add_done_callback(ended)
            room.clear()
            if count.left and in_flight - len(tasks) < in_flight // 3:
                await room.wait()


async def runtime(port, job_type, jobs, in_flight):
    count = Countdown(jobs)
    builder = WorkflowBuilder("bench", f"http://127.0.0.1:{port}")

    async def handler(task):  # noqa: ARG001 - the signature of handlers
        count.tick()

    builder.with_handler(job_type, handler, TaskHandlerConfig(max_running=in_flight))
    workflow = await builder.run()
    await count.done.wait()
    return workflow.stop


async def pyzeebe(port, job_type, jobs, in_flight, delay=0.005):
    count = Countdown(jobs)
    channel = create_insecure_channel(f"127.0.0.1:{port}")
    worker = ZeebeWorker(channel, poll_retry_delay=delay, max_connection_retries=-1)

    @worker.task(
        job_type,
        max_jobs_to_activate=in_flight,
        max_running_jobs=in_flight,
        variables_to_fetch=[],
    )
    async def handler(**scope):  # noqa: ARG001 - the signature of handlers
        count.tick()

    working = asyncio.create_task(worker.work())
    await count.done.wait()
    return lambda: ended(working, channel)


async def ended(working, channel):
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await channel.close()


async def pyzeebe_defaults(port, job_type, jobs, _in_flight):
    return await pyzeebe(port, job_type, jobs, 32, delay=5)


CLIENTS = {
    "bare": bare,
    "runtime": runtime,
    "pyzeebe tuned": pyzeebe,
    "pyzeebe defaults": pyzeebe_defaults,
}


async def measured(client, port, job_type, jobs, in_flight):
    wall, cpu = time.perf_counter(), time.process_time()
    stop = await client(port, job_type, jobs, in_flight)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if stop is not None:
        await stop()
    return {"jobs_per_s": jobs / wall, "cpu_ms_per_job": cpu * 1000 / jobs}


def summary(rounds, floor):
    result = {}
    for unit in ("jobs_per_s", "cpu_ms_per_job"):
        values = [r[unit] for r in rounds]
        result[unit] = {
            "median": round(statistics.median(values), 3),
            "min": round(min(values), 3),
            "max": round(max(values), 3),
        }
        ratios = [r[unit] / f[unit] for r, f in zip(rounds, floor, strict=False)]
        result[unit]["of_bare"] = round(statistics.median(ratios), 3)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    logger.remove()
    logging.disable(logging.WARNING)
    command = [sys.executable, Path(__file__).with_name("bench_gateway.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as gateway:
        try:
            port = int(gateway.stdout.readline())
            print(json.dumps(asyncio.run(run(port, options)), indent=2))
        finally:
            gateway.terminate()


async def run(port, options):
    report = {}
    for in_flight in (32, 256):
        results = {name: [] for name in CLIENTS}
        for number in range(options.rounds):
            for name, client in CLIENTS.items():
                if name == "pyzeebe defaults" and (number or in_flight != 32):
                    continue
                jobs = SLOW_JOBS if name == "pyzeebe defaults" else options.jobs
                job_type = f"{name}-{in_flight}-{number}:{jobs}"
                results[name].append(await measured(client, port, job_type, jobs, in_flight))
        report[f"{in_flight} in flight"] = {
            name: summary(rounds, results["bare"]) for name, rounds in results.items() if rounds
        }
    return report


if __name__ == "__main__":
    main()
