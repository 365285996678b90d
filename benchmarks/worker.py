"""The worker beside a bare grpc.aio loop and pyzeebe, against a gateway that costs little.

``python -m benchmarks.worker [--rounds 5] [--jobs 20000] [--memory-jobs 500000]
[--burst-seconds 300] [--only burst …]``: every load of the table, peers interleaved in each
round, median and range, as JSON. Exit 1 if a limit is missed.
"""

import argparse
import asyncio
import json
import logging
import statistics
import subprocess
import sys

from benchmarks import worker_loads as loads
from loguru import logger

PEERS = ("bare", "runtime", "pyzeebe tuned")
SLOW_JOBS = 64  # pyzeebe's defaults give 6.7 jobs a second: more would take an hour
BUSY_SECONDS = 10


def no_op(in_flight):
    async def rounds(port, options):
        results = {name: [] for name in PEERS}
        for _ in range(options.rounds):
            for name in PEERS:
                results[name].append(await loads.throughput(name, port, options.jobs, in_flight))
        slow = await loads.throughput("pyzeebe defaults", port, SLOW_JOBS, in_flight)
        return summary(results | {"pyzeebe defaults": [slow]}, to="bare")

    return rounds


async def thousand(port, options):
    results = {"runtime": [], "bare": []}
    for _ in range(options.rounds):
        for name, each in results.items():
            each.append(await loads.thousand(name, port))
    return summary(results, to="bare")


async def idle(port, options):
    names = ("runtime", "bare", "pyzeebe tuned")
    return summary({name: [await loads.idle(name, port, options.idle)] for name in names})


async def burst(port, options):
    """The burst is 80 % of what no-op jobs reach; the steady rate is a tenth of it."""
    probe = await loads.throughput("bare", port, options.jobs, 256)
    rate = round(probe["jobs_per_s"] * 0.08)
    results = {"runtime": [], "pyzeebe tuned": []}
    for name, each in results.items():
        each.append(await loads.burst(name, port, rate, 2560, options.burst_seconds))
    return {"rate_per_s": rate, "slots": 2560} | summary(results)


async def crowded(port, options):
    """80 % of 80 slots: what a burst leaves behind cannot be worked off before ``ideal_s``."""
    slots, rate = 80, round(0.8 * 80 / loads.HANDLER)
    ideal = rate * 9 / (slots / loads.HANDLER - rate)
    result = await loads.burst("runtime", port, rate, slots, max(options.burst_seconds, 150))
    return {"rate_per_s": rate, "slots": slots, "ideal_s": ideal, "runtime": result}


async def memory(port, options):
    return {"runtime": await child("memory", port, options.memory_jobs)}


async def two_processes(port, options):
    """Handlers that need the processor: what a second process adds, beside the bare loop's."""
    results = {"runtime": [], "bare": []}
    for _ in range(min(options.rounds, 3)):
        for name, each in results.items():
            one, two = await busy(name, port, 1), await busy(name, port, 2)
            each.append({"one_jobs_per_s": one, "two_jobs_per_s": two, "scaling": two / one})
    return summary(results, to="bare")


async def busy(name, port, count):
    job_type = loads.fresh("busy", 10_000_000)
    work = (child("busy", name, port, job_type, BUSY_SECONDS) for _ in range(count))
    return sum(each["done"] for each in await asyncio.gather(*work)) / BUSY_SECONDS


LOADS = {
    "32 in flight": no_op(32),
    "256 in flight": no_op(256),
    "thousand at once": thousand,
    "idle": idle,
    "two processes": two_processes,
    "burst": burst,
    "burst beyond the slots": crowded,
    "memory": memory,
}


LIMITS = [
    *(
        (load, unit, "of_floor", least, most)
        for load in ("32 in flight", "256 in flight")
        for unit, least, most in (("jobs_per_s", 0.90, None), ("cpu_ms_per_job", None, 1.15))
    ),
    ("thousand at once", "most_at_once", "median", 1000, None),
    ("thousand at once", "loop_lag_p99_ms", "median", None, 50),
    ("idle", "share_of_a_core", "median", None, 0.01),
    ("two processes", "scaling", "median", 1.8, None),
    ("burst", "recovered_s", "median", None, 2),
    ("memory", "growth_mb", None, None, 5),
]
"""Load, unit, which of its figures, at least, at most."""


def missed(report):
    for load, unit, which, least, most in LIMITS:
        if load not in report:
            continue
        figures = report[load]["runtime"][unit]
        found = figures[which] if which and figures else figures
        if found is None or (least and found < least) or (most and found > most):
            yield f"{load}: {unit} {which} is {found}, must be {least or ''}..{most or ''}"


async def child(*arguments):
    command = [sys.executable, "-m", "benchmarks.worker_loads", *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    return json.loads((await process.communicate())[0])


def summary(results, to=None):
    return {
        name: {unit: spread(rounds, unit, results[to] if to else None) for unit in rounds[0]}
        for name, rounds in results.items()
    }


def spread(rounds, unit, floor):
    values = [each[unit] for each in rounds if each[unit] is not None]
    if not values:
        return None
    found = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    if floor is not None:
        pairs = zip(rounds, floor, strict=False)
        found["of_floor"] = statistics.median(r[unit] / f[unit] for r, f in pairs)
    return {key: round(value, 4) for key, value in found.items()}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--memory-jobs", type=int, default=500_000)
    parser.add_argument("--burst-seconds", type=int, default=300)
    parser.add_argument("--idle", type=int, default=20, help="seconds")
    parser.add_argument("--only", nargs="*", choices=LOADS, default=list(LOADS))
    return parser.parse_args()


async def run(port, options):
    report = {}
    for name in options.only:
        report[name] = await LOADS[name](port, options)
        print(f"{name}: done", file=sys.stderr, flush=True)
    return report


def main():
    options = arguments()
    logger.remove()
    logging.disable(logging.WARNING)
    command = [sys.executable, "-m", "benchmarks.bench_gateway"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as gateway:
        try:
            port = int(gateway.stdout.readline())
            report = asyncio.run(run(port, options))
        finally:
            gateway.terminate()
    problems = list(missed(report))
    print(json.dumps(report | {"missed": problems}, indent=2))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
