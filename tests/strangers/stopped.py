"""A service that is stopped with jobs in hand: ``stopped.py serve``, ``thread``, ``uvicorn``."""

import asyncio
import sys
import threading
import time
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.diagrams import bpmn

from workflow_runtime import WorkflowBuilder, WorkflowSettings, serve
from workflow_runtime.telemetry.logs import setup_logging

ORDER = bpmn(
    """
    start begin
    and fork
    service ends job=ends
    service hangs job=hangs
    service blocks job=blocks
    and join
    end done
    begin -> fork -> ends -> join -> done
    fork -> hangs -> join
    fork -> blocks -> join
    """,
    "order",
)
busy = set()


def begun(name):
    busy.add(name)
    if len(busy) == 3:
        Path("busy").touch()


async def ends(task):
    begun("ends")
    await task.shutdown.wait()


async def hangs(task):
    begun("hangs")
    await asyncio.sleep(3600)


def blocks(task):
    begun("blocks")
    time.sleep(6)


class Starts:
    async def start(self, workflow):
        self.starting = asyncio.create_task(workflow.start_process("order"))

    async def stop(self):
        await self.starting


def build():
    Path("order.bpmn").write_bytes(ORDER)
    settings = WorkflowSettings(
        service_name="shop", address="embedded://", grace=1, log_format="json"
    )
    setup_logging(settings)
    builder = WorkflowBuilder(settings=settings).with_process("order.bpmn")
    for handler in (ends, hangs, blocks):
        builder.with_handler(handler.__name__, handler)
    return builder.with_lifespan_hook(Starts())


def in_a_thread():
    workflow = build().start_in_thread()
    while not Path("busy").exists():
        time.sleep(0.01)
    threading.Event().wait(0.1)
    assert workflow


def in_uvicorn():
    import uvicorn
    from fastapi import FastAPI

    @asynccontextmanager
    async def lifespan(app):
        async with build().running():
            yield

    uvicorn.run(FastAPI(lifespan=lifespan), host="127.0.0.1", port=0)


if __name__ == "__main__":
    {"serve": lambda: serve(build), "thread": in_a_thread, "uvicorn": in_uvicorn}[sys.argv[1]]()
