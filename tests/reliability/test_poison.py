"""Jobs in hand while their process dies: who did it pays, and nobody else does."""

import asyncio
import signal

import pytest
from tests.support.waiting import until

TIMEOUT = 0.5
"""Seconds until the jobs of a dead process are given out again."""


async def restarted(stand, mode, over, *, kills=0, replicas=1):
    """Starts processes as an orchestrator does until ``over`` is done; counts their deaths.

    The first ``kills`` of each replica are killed from outside, with jobs in hand.
    """

    async def supervise():
        deaths = 0
        while True:
            process = await stand.process(mode, job_timeout=TIMEOUT, max_running=30, grace=0)
            if deaths < kills and await process.stdout.readline():
                process.send_signal(signal.SIGKILL)
            await process.stdout.read()
            await process.wait()
            deaths += 1
            counted.append(mode)

    counted = []
    replicas = [asyncio.create_task(supervise()) for _ in range(replicas)]
    try:
        await asyncio.wait_for(over, 240)
    finally:
        for each in replicas:
            each.cancel()
        await asyncio.gather(*replicas, return_exceptions=True)
    return len(counted)


async def cancelled(*instances):
    """Nobody waits for these any more."""
    for each in instances:
        each.cancel()
    await asyncio.gather(*instances, return_exceptions=True)


async def incidents(stand, count):
    """Waits for so many incidents."""
    await until(lambda: len(stand.engine.incidents) >= count, seconds=240)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("mode", ["poison_beside_slow", "poison_in_threads"])
async def test_a_job_that_kills_its_process_is_the_only_incident(faulty, mode, replicas):
    instances = [asyncio.ensure_future(faulty._instance(n)) for n in range(21)]
    poison = instances.pop(7)
    over = asyncio.gather(incidents(faulty, 1), *instances)
    await restarted(faulty, mode, over, replicas=replicas)
    (incident,) = faulty.engine.incidents
    # `max_unfinished` of tests/reliability/service.py, and two alone.
    assert "given up after 4 activations that never came to an end, 2 of" in incident.message
    await cancelled(poison)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_two_jobs_that_kill_their_process_are_found_one_after_the_other(faulty):
    instances = [asyncio.ensure_future(faulty._instance(n)) for n in (0, 7, 1, 7, 2)]
    over = asyncio.gather(incidents(faulty, 2), *(instances[n] for n in (0, 2, 4)))
    await restarted(faulty, "poison_beside_slow", over)
    assert len(faulty.engine.incidents) == 2
    await cancelled(*instances)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [2, 5])
async def test_kills_that_no_job_has_caused_condemn_nobody(faulty, kills):
    over = await faulty.begin(20)
    assert await restarted(faulty, "slow", over, kills=kills) >= kills
    assert not faulty.engine.incidents
