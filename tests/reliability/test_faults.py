"""The engine refuses, loses answers, is slow or swamped: nothing is lost, doubles are counted."""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig
from workflow_runtime.errors import BpmnError

SHORT = TaskHandlerConfig(job_timeout=timedelta(seconds=3), retry_timeout=timedelta(0))
"""Longer than a loaded machine keeps the loop waiting: a timed-out job would run once more."""


@pytest.mark.parametrize(
    "status", ["RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"]
)
@pytest.mark.parametrize("rpc", ["ActivateJobs", "CompleteJob", "UpdateJobTimeout"])
@pytest.mark.slow
async def test_a_burst_of_refusals_costs_neither_a_job_nor_a_second_execution(faulty, rpc, status):
    faulty.faults.fail(rpc, status, times=4 if rpc == "ActivateJobs" else 20)
    done = await faulty.begin(50)
    await faulty.work(config=SHORT)
    assert len(await asyncio.wait_for(done, 30)) == 50
    assert Counter(faulty.calls).most_common(1)[0][1] == 1


@pytest.mark.parametrize("status", ["RESOURCE_EXHAUSTED", "UNAVAILABLE"])
@pytest.mark.parametrize("rpc", ["FailJob", "ThrowError"])
async def test_failures_and_business_errors_are_sent_until_they_are_taken(faulty, rpc, status):
    errors = {"FailJob": ValueError("no"), "ThrowError": BpmnError("nobody")}
    faulty.faults.fail(rpc, status, times=5)

    async def handler(task):
        faulty.calls.append(task.job.key)
        if task.job.variables["n"] % 2 and task.attempt == 1:
            raise errors[rpc]

    done = await faulty.begin(20)
    # What may have been taken is sent again within the backoff only.
    await faulty.work(handler, replace(SHORT, retry_timeout=timedelta(seconds=2)))
    expected = {"FailJob": 30, "ThrowError": 20}[rpc]
    await until(lambda: len(faulty.calls) == expected and faulty.faults.hits.get(rpc) == 5)
    if rpc == "FailJob":
        assert len(await done) == 20
    done.cancel()


COMMANDS = {
    "CreateProcessInstance": lambda w, stand, key: w.start_process(stand.id),
    "PublishMessage": lambda w, stand, key: w.publish_event("told", correlation_key="1"),
    "BroadcastSignal": lambda w, stand, key: w.broadcast_signal("told"),
    "SetVariables": lambda w, stand, key: w.set_scope(key, {"a": 1}),
    "CancelProcessInstance": lambda w, stand, key: w.cancel_process(key),
}


@pytest.mark.parametrize("rpc", COMMANDS)
async def test_commands_wait_until_a_crowded_gateway_has_room(faulty, rpc):
    workflow = await faulty.work(hang)
    instance = await workflow.start_process(faulty.id)
    faulty.faults.fail(rpc, "RESOURCE_EXHAUSTED", times=4)
    await asyncio.wait_for(COMMANDS[rpc](workflow, faulty, instance.key), 20)
    assert faulty.faults.hits[rpc] == 4


async def hang(task):
    await asyncio.Event().wait()


@pytest.mark.parametrize("rpc", ["CompleteJob", "FailJob", "ActivateJobs"])
async def test_a_lost_answer_doubles_nothing_but_what_never_reached_us(faulty, rpc):
    faulty.faults.lose_answer(rpc, times=3)

    async def handler(task):
        faulty.calls.append(task.job.key)
        if rpc == "FailJob" and Counter(faulty.calls)[task.job.key] == 1:
            raise ValueError

    done = await faulty.begin(30)
    await faulty.work(handler, SHORT)
    assert len(await asyncio.wait_for(done, 30)) == 30
    assert len(faulty.calls) == {"CompleteJob": 30, "FailJob": 60, "ActivateJobs": 30}[rpc]


@pytest.mark.parametrize("status", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
async def test_refused_credentials_show_in_health_and_heal(faulty, status, monkeypatch):
    monkeypatch.setattr("workflow_runtime.gateway.retrying._SLOW", 0.05)
    workflow = await faulty.work()
    await asyncio.wait_for(await faulty.begin(1), 10)
    faulty.faults.fail("ActivateJobs", status, times=-1)
    faulty.faults.fail("CompleteJob", status, times=-1)
    done = await faulty.begin(10)
    await until(lambda: workflow.health().types[faulty.job_type].last_error == status)
    health = workflow.health()
    assert (health.live, health.ready) == (True, False)
    faulty.faults.clear()
    assert len(await asyncio.wait_for(done, 20)) == 10
    assert workflow.health().ready
    assert Counter(faulty.calls).most_common(1)[0][1] == 1


async def test_a_slow_gateway_only_costs_time(faulty):
    faulty.faults.delay("ActivateJobs", 0.2)
    faulty.faults.delay("CompleteJob", 0.2)
    done = await faulty.begin(60)
    await faulty.work(config=TaskHandlerConfig(job_timeout=timedelta(seconds=3)))
    assert len(await asyncio.wait_for(done, 30)) == 60
    assert Counter(faulty.calls).most_common(1)[0][1] == 1


async def test_a_gateway_that_answers_nothing_is_waited_for(faulty):
    second = timedelta(seconds=1)
    await faulty.work(config=SHORT, request_timeout=second / 2, long_poll=second / 2)
    await asyncio.wait_for(await faulty.begin(1), 10)
    faulty.faults.freeze()
    starting = asyncio.create_task(faulty.begin(10))
    await asyncio.sleep(1.5)
    faulty.faults.thaw()
    assert len(await asyncio.wait_for(await starting, 20)) == 10


def garbage():
    return iter([object(), {1: 2}, [1], float("nan"), {"x": b"\xff"}])


async def test_handlers_that_hang_exit_and_return_garbage_do_not_stop_the_others(faulty):
    hanging = asyncio.Event()
    wicked = {
        0: SystemExit(1),
        1: KeyboardInterrupt(),
        2: GeneratorExit(),
        3: asyncio.CancelledError(),
        4: MemoryError(),
        5: RecursionError(),
        6: BaseException("bare"),
    }
    rubbish = garbage()

    async def handler(task):
        number = task.job.variables["n"]
        faulty.calls.append(number)
        if number in wicked and task.attempt == 1:
            raise wicked[number]
        if number in range(10, 15):
            return next(rubbish)
        if number == 20:
            await hanging.wait()
        return {"done": number}

    done = await faulty.begin(60)
    workflow = await faulty.work(handler, SHORT)
    # Seven are tried again, five become incidents, one hangs.
    await until(lambda: len(faulty.calls) == 67)
    await until(lambda: workflow.health().types[faulty.job_type].running == 1)
    hanging.set()
    await until(lambda: workflow.health().types[faulty.job_type].running == 0)
    assert workflow.health().live
    done.cancel()


@pytest.mark.parametrize("jump", [-3600.0, 3600.0], ids=["back", "ahead"])
@pytest.mark.parametrize("stream", [False, True], ids=["polled", "pushed"])
async def test_a_wall_clock_that_is_wrong_by_an_hour_changes_nothing(
    faulty, monkeypatch, jump, stream
):
    wrong = SimpleNamespace(monotonic=time.monotonic, time=lambda: time.time() + jump)
    monkeypatch.setattr("workflow_runtime._worker.poller.time", wrong)
    await faulty.work(config=TaskHandlerConfig(stream=stream, job_timeout=timedelta(seconds=60)))
    for count in (1, 30):
        assert len(await asyncio.wait_for(await faulty.begin(count), 30)) == count
    assert Counter(faulty.calls).most_common(1)[0][1] == 1


@pytest.mark.slow
async def test_ten_thousand_waiting_jobs_are_each_done_once_through_outages(faulty):
    jobs, completed = 10_000, []
    server = faulty.engine
    for number in range(jobs):
        server.create_instance(faulty.id, {"n": number}, on_result=completed.append)
    for rpc, status in {"CompleteJob": "UNAVAILABLE", "ActivateJobs": "RESOURCE_EXHAUSTED"}.items():
        faulty.faults.fail(rpc, status, times=200, probability=0.05)
    faulty.faults.lose_answer("CompleteJob", times=50)
    # What an answer cut off on its way has given out comes back by its timeout.
    await faulty.work(config=TaskHandlerConfig(max_running=256, job_timeout=timedelta(seconds=12)))
    for outage in (2_000, 5_000):
        await until(lambda reached=outage: len(completed) >= reached)
        await faulty.proxy.cut()
        await faulty.proxy.start()
    await until(lambda: len(completed) >= jobs)
    executions = Counter(faulty.calls)
    assert len(completed) == jobs
    assert len(executions) == jobs
    assert sum(executions.values()) == jobs
