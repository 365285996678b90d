"""What a worker is put through. Each load gives plain numbers; ``python worker_loads.py`` runs
one of them in a process of its own and prints them.
"""

import asyncio
import itertools
import json
import logging
import resource
import sys
import time

import grpc.aio
from benchmarks.worker_clients import CLIENTS
from loguru import logger
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

TYPES = 10
HANDLER = 0.05
SLICES = 5  # of a second, each with a p99 of its own
PAGE = resource.getpagesize()
_fresh = itertools.count(time.time_ns())


class Countdown:
    """A handler that does nothing but count."""

    def __init__(self, jobs):
        self.jobs = self.left = jobs
        self.done = asyncio.Event()
        self.marks = {}

    async def __call__(self, task=None):  # noqa: ARG002 - the signature of handlers
        self.left -= 1
        if self.jobs - self.left in self.marks:
            self.marks[self.jobs - self.left] = resident()
        if self.left == 0:
            self.done.set()


def resident():
    """Megabytes that this process holds."""
    with open("/proc/self/statm", encoding="utf-8") as status:  # noqa: PTH123 - hot enough
        return int(status.read().split()[1]) * PAGE / 1e6


def fresh(name, *spec):
    return ":".join([f"{name}{next(_fresh)}", *map(str, spec)])


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def throughput(client, port, jobs, in_flight):
    """No-op jobs: per second, and CPU time of each."""
    count = Countdown(jobs)
    wall, cpu = time.perf_counter(), time.process_time()
    stop = await CLIENTS[client](port, [fresh(client, jobs)], in_flight, count)
    await count.done.wait()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    await stop()
    return {"jobs_per_s": jobs / wall, "cpu_ms_per_job": cpu * 1000 / jobs}


async def thousand(client, port):
    """A thousand handlers at once: how many run together, and how late the loop is."""
    running, most, lags = 0, 0, []
    done = Countdown(1000)

    async def handler(task=None):  # noqa: ARG001 - the signature of handlers
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(2)
        running -= 1
        await done()

    async def watch():
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            lags.append(time.perf_counter() - begun - 0.001)

    watching = asyncio.create_task(watch())
    stop = await CLIENTS[client](port, [fresh(client, 1000)], 1000, handler)
    await done.done.wait()
    watching.cancel()
    await stop()
    return {"most_at_once": most, "loop_lag_p99_ms": percentile(lags, 0.99) * 1000}


async def idle(client, port, seconds=20):
    """Ten types without a job: the share of one core, after the first two seconds."""
    count = Countdown(1)
    stop = await CLIENTS[client](port, [fresh(client, 0) for _ in range(TYPES)], 32, count)
    await asyncio.sleep(2)
    cpu = time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / seconds
    await stop()
    return {"share_of_a_core": share}


async def memory(client, port, jobs):
    """How much more is held after all jobs than after the first tenth."""
    count = Countdown(jobs)
    count.marks = {jobs // 10: 0.0, jobs: 0.0}
    stop = await CLIENTS[client](port, [fresh(client, jobs)], 256, count)
    await count.done.wait()
    await stop()
    first, last = count.marks.values()
    return {"after_a_tenth_mb": first, "growth_mb": last - first}


async def burst(client, port, rate, slots, seconds):
    """Ten types at ``rate``; in one second, a third of the way in, ten times as many.

    ``recovered_s``: how long after that second a second begins in which the p99 from creation
    to completion is below twice the handler's time; ``slow_share``: how much of all time it is
    above, whoever else uses the machine.
    """
    at = seconds // 3
    types = [fresh(client, rate / TYPES, rate, at, seconds) for _ in range(TYPES)]

    async def handler(task=None):  # noqa: ARG001 - the signature of handlers
        await asyncio.sleep(HANDLER)

    stop = await CLIENTS[client](port, types, slots // TYPES, handler)
    latencies = []
    async with grpc.aio.insecure_channel(
        f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", 1 << 26)]
    ) as channel:
        for _ in range(seconds + 2):
            await asyncio.sleep(1)
            answer = await GatewayStub(channel).Topology(pb.TopologyRequest())
            latencies += json.loads(answer.gatewayVersion)
    await stop()
    return judged(latencies, at, rate * seconds + rate * 9)


def judged(latencies, at, expected):
    slices = {}
    for created, latency in latencies:
        slices.setdefault(int(created * SLICES), []).append(latency)
    slow = {s for s, each in slices.items() if percentile(each, 0.99) >= 2 * HANDLER}
    calm = [latency for created, latency in latencies if created < at]
    return {
        "recovered_s": recovered(slow, (at + 1) * SLICES, max(slices, default=0)),
        "slow_share": len(slow) / max(len(slices), 1),
        "p99_before_ms": percentile(calm, 0.99) * 1000 if calm else None,
        "p99_at_worst_ms": max((latency for _, latency in latencies), default=0) * 1000,
        "share_done": len(latencies) / expected,
    }


def recovered(slow, end_of_burst, last):
    """Seconds until a whole second without a slow slice begins; None if none does."""
    for start in range(end_of_burst, last - SLICES + 2):
        if slow.isdisjoint(range(start, start + SLICES)):
            return (start - end_of_burst) / SLICES
    return None


async def busy(client, port, job_type, seconds):
    """Jobs done in so many seconds by handlers that need the processor for 4 ms each."""
    done = 0

    async def handler(task=None):  # noqa: ARG001 - the signature of handlers
        nonlocal done
        until = time.perf_counter() + 0.004
        while time.perf_counter() < until:
            pass
        done += 1

    stop = await CLIENTS[client](port, [job_type], 32, handler)
    await asyncio.sleep(1)
    before = done
    await asyncio.sleep(seconds)
    result = {"done": done - before}
    await stop()
    return result


LOADS = {load.__name__: load for load in (memory, busy)}


if __name__ == "__main__":
    logger.remove()
    logging.disable(logging.WARNING)
    name, client, port, *others = sys.argv[1:]
    values = [json.loads(each) if each[0].isdigit() else each for each in others]
    print(json.dumps(asyncio.run(LOADS[name](client, int(port), *values))), flush=True)
