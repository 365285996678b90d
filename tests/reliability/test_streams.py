"""Pushed jobs when a service stops: what was pushed too much is at once somebody else's."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from workflow_runtime import TaskHandlerConfig

HOUR = timedelta(hours=1)


async def test_what_was_pushed_and_not_begun_goes_back_when_the_service_stops(stand):
    begun = asyncio.Event()

    async def hold(task):
        begun.set()
        await asyncio.Event().wait()

    config = TaskHandlerConfig(stream=True, max_running=1, job_timeout=HOUR)
    workflow = await stand.work(hold, config)
    done = await stand.begin(40)
    await asyncio.wait_for(begun.wait(), 20)
    await workflow.stop(grace=0)
    await stand.work(config=TaskHandlerConfig(job_timeout=HOUR))
    assert len(await asyncio.wait_for(done, 20)) == 40


async def test_a_stopping_service_does_not_wait_for_a_push_that_does_not_come(stand):
    config = TaskHandlerConfig(stream=True, job_timeout=HOUR)
    workflow = await stand.work(config=config)
    await asyncio.wait_for(await stand.begin(1), 20)
    async with asyncio.timeout(15):
        assert await workflow.stop() == 0


@pytest.mark.parametrize("stream", [False, True], ids=["polled", "pushed"])
@pytest.mark.slow
async def test_a_failed_job_that_is_back_before_the_answer_to_its_failure_is_not_lost(
    stand, stream
):
    calls = Counter()

    async def fail_often(task):
        calls[task.job.key] += 1
        if task.attempt < 6:
            raise ValueError

    config = TaskHandlerConfig(
        incident_max_retries=9, retry_timeout=timedelta(0), stream=stream, job_timeout=HOUR
    )
    await stand.work(fail_often, config)
    assert len(await asyncio.wait_for(await stand.begin(60), 60)) == 60
    assert set(calls.values()) == {6}
