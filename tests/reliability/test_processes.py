"""Workers as processes: killed, told to end, and killed by their own jobs."""

import asyncio
import signal
from collections import Counter
from datetime import timedelta

import pytest

from workflow_runtime import TaskHandlerConfig
from workflow_runtime._worker.shutdown import ONE_INTENTION

SHORT = TaskHandlerConfig(job_timeout=timedelta(seconds=1))


async def test_jobs_of_a_killed_worker_run_once_more_elsewhere_and_nothing_is_lost(stand):
    done = await stand.begin(60)
    victim = await stand.process("hang", job_timeout=1, max_running=20)
    held = await stand.begun(victim, 20)
    victim.send_signal(signal.SIGKILL)
    await victim.wait()
    await stand.work(config=SHORT)
    assert len(await done) == 60
    executions = Counter([*held, *stand.calls])
    assert len(executions) == 60
    # At least once forces a second execution of what the dead one held, and of nothing else.
    assert {key for key, times in executions.items() if times > 1} == set(held)
    assert max(executions.values()) == 2


@pytest.mark.slow
async def test_a_job_that_kills_its_process_ends_as_an_incident_and_the_others_go_on(stand):
    deaths = 0
    done = await stand.begin(1)
    while True:
        victim = await stand.process("die", job_timeout=0.3, grace=0)
        try:
            await asyncio.wait_for(stand.begun(victim, 1), 3 if deaths >= 4 else 30)
        except (TimeoutError, ValueError):
            break
        assert await victim.wait() == 9
        deaths += 1
    victim.kill()
    done.cancel()
    # Twice among others, for all that is known, and twice alone.
    assert deaths == 4


@pytest.mark.slow
async def test_sigterm_lets_long_handlers_finish_and_hands_the_rest_back(stand):
    done = await stand.begin(30)
    service = await stand.process("until_shutdown", max_running=10)
    first = await stand.begun(service, 10)
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 15) == 0
    await stand.work()
    results = await done
    assert sum("finished" in result.scope for result in results) == 10
    assert len(stand.calls) == 20
    assert not set(first) & set(stand.calls)


@pytest.mark.slow
async def test_sigterm_under_load_loses_and_doubles_nothing(stand):
    done = await stand.begin(400)
    service = await stand.process("work", max_running=32)
    mine = await stand.begun(service, 100)
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 15) == 0
    mine += [int(line) for line in (await service.stdout.read()).split()]
    await stand.work()
    assert len(await done) == 400
    assert Counter([*mine, *stand.calls]).most_common(1)[0][1] == 1
    assert len(mine) + len(stand.calls) == 400


async def test_what_the_grace_period_cuts_off_is_at_once_somebody_elses(stand):
    done = await stand.begin(5)
    service = await stand.process("hang", grace=0, job_timeout=3600)
    held = await stand.begun(service, 5)
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 15) == 0
    await stand.work()
    assert len(await done) == 5
    assert sorted(stand.calls) == sorted(held)


async def test_a_second_signal_ends_at_once(stand):
    done = await stand.begin(1)
    service = await stand.process("hang", grace=3600)
    await stand.begun(service, 1)
    service.send_signal(signal.SIGTERM)
    await asyncio.sleep(ONE_INTENTION + 0.5)
    service.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(service.wait(), 10) == 128 + signal.SIGINT
    done.cancel()


@pytest.mark.parametrize("mode", ["stubborn", "deaf", "lent_thread"])
@pytest.mark.slow
async def test_a_handler_that_does_not_end_costs_the_exit_code_and_not_the_job(stand, mode):
    done = await stand.begin(1)
    service = await stand.process(mode, grace=0, job_timeout=3600)
    held = await stand.begun(service, 1)
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 20) == 1
    await stand.work()
    await done
    assert stand.calls == held


async def test_a_handler_that_blocks_the_loop_does_not_keep_the_process(faulty):
    done = await faulty.begin(1)
    service = await faulty.process("blocks_the_loop", grace=0)
    await faulty.begun(service, 1)
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 15) == 1
    done.cancel()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
async def test_an_idle_service_ends_well_by_either_signal(faulty, number):
    done = await faulty.begin(1)
    service = await faulty.process("work")
    await faulty.begun(service, 1)
    await done
    service.send_signal(number)
    assert await asyncio.wait_for(service.wait(), 10) == 0


@pytest.mark.slow
async def test_a_builder_made_before_a_fork_serves_after_it(faulty):
    done = await faulty.begin(3)
    service = await faulty.process("forked")
    await faulty.begun(service, 3)
    assert len(await done) == 3
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 15) == 0


async def test_sigterm_while_the_gateway_is_away_is_no_reason_to_stay(stand):
    done = await stand.begin(1)
    # The engine has the result, the service perhaps no answer yet: it may ask again for its grace.
    service = await stand.process("work", grace=2)
    await stand.begun(service, 1)
    await done
    await stand.proxy.cut()
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 15) == 0
    await stand.proxy.start()


@pytest.mark.parametrize("away", ["cut", "frozen"])
@pytest.mark.slow
async def test_results_that_nobody_takes_at_the_end_are_worked_for_once_more(faulty, away):
    done = await faulty.begin(5)
    service = await faulty.process("until_shutdown", job_timeout=1, grace=1)
    held = await faulty.begun(service, 5)
    if away == "cut":
        await faulty.proxy.cut()
    else:
        faulty.proxy.freeze()
    service.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(service.wait(), 45) == 0
    if away == "cut":
        await faulty.proxy.start()
    faulty.proxy.thaw()
    await faulty.work(config=SHORT)
    assert len(await done) == 5
    assert set(faulty.calls) <= set(held)
