"""What a handler sees of the service's end, whether it is a coroutine or a thread."""

import asyncio

from workflow_runtime.task import Shutdown


async def test_a_thread_waits_for_the_end_of_the_service():
    shutdown = Shutdown()
    waiting = asyncio.create_task(asyncio.to_thread(shutdown.wait_in_thread))
    shutdown.set()
    assert await waiting
    assert shutdown.is_set()


async def test_a_thread_goes_on_when_its_time_is_over():
    assert not Shutdown().wait_in_thread(0)


async def test_a_coroutine_waits_for_the_end_of_the_service():
    shutdown = Shutdown()
    waiting = asyncio.create_task(shutdown.wait())
    shutdown.set()
    await waiting
    assert shutdown.is_set()
