"""A busy task type beside a thousand idle ones, where a connection carries few calls at once.

Each idle type is a long poll. In one run: no limit, 100 and 10 calls on a connection, in turns;
seconds from the start of the service to its first job, then jobs a second. Exit 1 if a limit costs
more than half of what is done without one, or ten seconds at the start.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from loguru import logger
from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine, grpc_server
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import GatewayError

IDLE, JOBS = 1000, 3000
STREAMS = (0, 100, 10)
ROUNDS = 2
SLOWEST_START, SMALLEST_SHARE = 10.0, 0.5


class Busy:
    """Counts what a handler was called for."""

    def __init__(self) -> None:
        self.done = 0

    async def until(self, count: int) -> None:
        async with asyncio.timeout(120):
            while self.done < count:  # noqa: ASYNC110 - nothing but the count is watched
                await asyncio.sleep(0.005)


async def measure(streams: int) -> dict[str, float]:
    busy = Busy()

    async def work() -> None:
        busy.done += 1

    plain = grpc_server._OPTIONS  # noqa: SLF001 - the limit is no option of a user's
    if streams:
        grpc_server._OPTIONS = (*plain, ("grpc.max_concurrent_streams", streams))  # noqa: SLF001
    server = await grpc_server.serve(Engine(keep_records=0))
    grpc_server._OPTIONS = plain  # noqa: SLF001
    server.engine.deploy([one_task("busy", "do")])
    builder = WorkflowBuilder(
        settings=WorkflowSettings(address=f"http://127.0.0.1:{server.port}")
    ).with_handler("busy_do", work)
    for number in range(IDLE):
        builder.with_handler(f"idle{number}", work)
    begun = time.perf_counter()
    async with builder.running():
        server.engine.create_instance("busy", {})
        await busy.until(1)
        first = time.perf_counter() - begun
        # Idle polls are short at first; then they are kept.
        await asyncio.sleep(3)
        for _ in range(JOBS):
            server.engine.create_instance("busy", {})
        begun = time.perf_counter()
        await busy.until(1 + JOBS)
        rate = JOBS / (time.perf_counter() - begun)
    await server.stop()
    return {"first": first, "rate": rate}


async def run(streams: int) -> dict[str, float]:
    runs = []
    for _ in range(ROUNDS):
        try:
            runs.append(await measure(streams))
        except (TimeoutError, GatewayError) as error:
            print(f"{streams} streams: {error!r}", file=sys.stderr)
            return {"first": 120.0, "rate": 0.0}
    return {"first": max(r["first"] for r in runs), "rate": max(r["rate"] for r in runs)}


def main() -> int:
    logger.remove()
    results = {streams: asyncio.run(run(streams)) for streams in STREAMS}
    free = results[0]["rate"]
    found = {
        f"{streams or 'no'} limit": {
            "first job, s": round(each["first"], 1),
            "jobs/s": round(each["rate"]),
            "share of no limit": round(each["rate"] / free, 2),
        }
        for streams, each in results.items()
    }
    missed = [
        streams
        for streams, each in results.items()
        if each["first"] > SLOWEST_START or each["rate"] < SMALLEST_SHARE * free
    ]
    print(json.dumps({"benchmark": "streams", "idle types": IDLE, **found, "missed": missed}))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
