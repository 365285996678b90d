"""Connections of the outbox's engine that are given up while they are made: nobody hears of it."""

import asyncio
import gc
from contextlib import suppress

import pytest
from tests.support.waiting import until

from workflow_runtime.publishing.outbox import Outbox

TURNS = 40
"""Of the event loop, within which a connection to a server of this machine is made."""


@pytest.mark.slow
async def test_whoever_gives_up_at_whichever_moment_leaves_nothing_to_log_and_no_line_open():
    said, opened, closed = [], [], []

    async def silent(reader, writer):
        opened.append(reader)
        await reader.read()
        closed.append(reader)
        writer.close()

    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outbox = Outbox(f"postgresql+asyncpg://shop:secret@127.0.0.1:{port}/shop")
    for turns in range(TURNS):
        asking = asyncio.create_task(outbox.has_table())
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    await until(lambda: opened and len(opened) == len(closed))
    gc.collect()
    await asyncio.sleep(0)
    assert said == []
    server.close()
    await outbox.rest()
