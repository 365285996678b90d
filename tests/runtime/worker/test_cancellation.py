"""What is done beyond a cancellation is done whenever that comes."""

import asyncio

from workflow_runtime._worker.cancellation import beyond_cancellation


async def test_work_that_ends_in_the_moment_of_a_cancellation_has_its_result():
    current = asyncio.current_task()

    async def work():
        await asyncio.sleep(0)
        current.cancel()
        return "taken"

    assert await beyond_cancellation(work(), lambda: False) == "taken"
