"""Handlers that compute in a pool of forked processes, beside gRPC: ``pooled.py``."""

import asyncio
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import WorkflowBuilder, WorkflowSettings

JOBS = 50
FORK = multiprocessing.get_context("fork")


def square(number):
    return number**2


def work(pool):
    async def handler(task):
        number, loop = task.get_scope_variable("n"), asyncio.get_running_loop()
        if number % 5:
            return {"r": await loop.run_in_executor(pool, square, number)}
        # Forked while the other jobs' calls are under way.
        with ProcessPoolExecutor(1, mp_context=FORK) as own:
            return {"r": await loop.run_in_executor(own, square, number)}

    return handler


async def main():
    server = await serve(Engine())
    settings = WorkflowSettings(address=f"http://127.0.0.1:{server.port}", service_name="pooled")
    builder = WorkflowBuilder("pooled", settings=settings)
    with ProcessPoolExecutor(2, mp_context=FORK) as pool:
        builder.with_handler("p_work", work(pool))
        async with builder.running() as workflow:
            await workflow.gateway.deploy([one_task("p", "work")])
            done = [workflow.start_process_and_wait("p", {"n": n}, timeout=60) for n in range(JOBS)]
            total = sum(result["r"] for result in await asyncio.gather(*done))
            sys.stdout.write(f"{total}\n")
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
