"""The line between worker and gateway: cut, frozen, slow, gone at the start."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest
from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig
from workflow_runtime.errors import CommandFailed

SECOND = timedelta(seconds=1)


async def passing(seconds):
    """An outage has to last: the only place where a test waits by the clock."""
    await asyncio.get_running_loop().create_task(asyncio.sleep(seconds))


async def first_job(stand):
    """Seconds until a new instance has completed."""
    begun = time.monotonic()
    await asyncio.wait_for(await stand.begin(1), 60)
    return time.monotonic() - begun


async def test_a_worker_that_starts_before_the_broker_works_soon_after_it_is_there(stand):
    await stand.proxy.cut()
    workflow = await stand.work()
    health = workflow.health()
    assert (health.live, health.ready) == (True, False)
    await passing(2)
    await stand.proxy.start()
    assert await first_job(stand) < 3


@pytest.mark.parametrize(
    "outage", [1, pytest.param(30, marks=pytest.mark.slow)], ids=lambda s: f"{s} s"
)
async def test_after_a_cut_line_the_first_job_comes_within_three_seconds(stand, outage):
    workflow = await stand.work()
    await first_job(stand)
    await stand.proxy.cut()
    await passing(outage)
    assert workflow.health().live
    await stand.proxy.start()
    assert await first_job(stand) < 3


@pytest.mark.slow
async def test_a_line_that_is_cut_again_and_again_loses_no_result(stand):
    await stand.work(config=TaskHandlerConfig(job_timeout=5 * SECOND, max_running=16))
    done = await stand.begin(600)
    for _ in range(4):
        enough = min(len(stand.calls) + 50, 500)
        await until(lambda enough=enough: len(stand.calls) >= enough)
        await stand.proxy.cut()
        await stand.proxy.start()
    assert len(await done) == 600
    executions = Counter(stand.calls)
    assert len(executions) == 600
    # An ActivateJobs answer may die with its line before we read it; what ran, ran once.
    assert sum(executions.values()) - 600 == 0


async def test_a_frozen_line_delays_work_and_loses_none(stand):
    # What the engine gave out into the frozen line comes back when it times out.
    config = TaskHandlerConfig(job_timeout=2 * SECOND)
    await stand.work(config=config, request_timeout=SECOND, long_poll=SECOND)
    await first_job(stand)
    done = await stand.begin(20)
    stand.proxy.freeze()
    await passing(3)
    stand.proxy.thaw()
    assert len(await asyncio.wait_for(done, 20)) == 20
    assert len(set(stand.calls)) == 21


async def test_a_slow_line_only_costs_time(stand):
    stand.proxy.delay = 0.05
    await stand.work(config=TaskHandlerConfig(max_running=64))
    assert len(await asyncio.wait_for(await stand.begin(200), 60)) == 200
    assert Counter(stand.calls).most_common(1)[0][1] == 1


async def test_commands_of_the_control_interface_fail_in_time_and_with_words(faulty):
    workflow = await faulty.work(command_timeout=SECOND, request_timeout=SECOND)
    await faulty.proxy.cut()
    begun = time.monotonic()
    with pytest.raises(CommandFailed) as caught:
        await workflow.start_process(faulty.id)
    assert caught.value.status == "UNAVAILABLE"
    assert time.monotonic() - begun < 5
