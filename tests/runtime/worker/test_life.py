"""The worker's life: limits, heartbeats, outages, shutdown."""

import asyncio
import contextlib
import contextvars
import threading
from datetime import timedelta

from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig
from workflow_runtime._worker import worker
from workflow_runtime.gateway.errors import (
    FailedPrecondition,
    GatewayInternal,
    NotFound,
    Unauthenticated,
    Unavailable,
)

SOON = timedelta(milliseconds=300)


async def test_run_returns_and_polling_goes_on_while_the_broker_is_away(
    build, gateway, new_job, tmp_path
):
    gateway.errors["activate_jobs"] = [Unavailable("away")] * 3

    async def handler(task):
        return None

    workflow = await build(handler).run()
    gateway.offer(new_job())
    assert await gateway.commands_seen(1) == [("complete", 1, {})]
    assert workflow.health().ready
    await workflow.stop()


async def test_refused_credentials_are_unhealthy_and_not_the_end(build, gateway):
    gateway.errors["activate_jobs"] = [Unauthenticated("no")]

    async def handler(task):
        return None

    workflow = await build(handler).run()
    await until(lambda: not gateway.errors["activate_jobs"])
    health = workflow.health()
    await workflow.stop()
    assert health.live
    assert not health.ready
    assert health.types["work"].last_error == "UNAUTHENTICATED"


async def test_a_running_job_is_extended_until_its_handler_ends(build, gateway, new_job):
    async def handler(task):
        await gateway.seen(lambda g: len(g.extended) >= 3)

    async with build(handler, TaskHandlerConfig(job_timeout=SOON)).running():
        gateway.offer(new_job())
        assert await gateway.commands_seen(1) == [("complete", 1, {})]


async def test_a_handler_whose_job_is_gone_is_cancelled_and_nothing_is_sent(
    build, gateway, new_job, recorder
):
    gateway.errors["update_job_timeout"] = [NotFound("gone")]
    cancelled = asyncio.Event()

    async def handler(task):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with build(handler, TaskHandlerConfig(job_timeout=SOON)).running():
        gateway.offer(new_job())
        await asyncio.wait_for(cancelled.wait(), 5)
    assert recorder.ends == ["gone"]
    assert gateway.commands == []


async def test_a_job_that_timed_out_at_the_broker_is_worked_on_and_its_end_is_sent(
    build, gateway, new_job
):
    gateway.errors["update_job_timeout"] = [FailedPrecondition("no deadline")]

    async def handler(task):
        await gateway.seen(lambda g: len(g.extended) >= 2)
        return {"worked": True}

    async with build(handler, TaskHandlerConfig(job_timeout=SOON)).running():
        gateway.offer(new_job())
        assert await gateway.commands_seen(1) == [("complete", 1, {"worked": True})]


async def test_a_thread_whose_job_is_gone_keeps_its_slot_until_it_ends(
    build, gateway, new_job, recorder
):
    gateway.errors["update_job_timeout"] = [NotFound("gone")]
    gateway.errors["complete_job"] = [NotFound("gone")]
    release, calls = threading.Event(), []

    def handler(task):
        calls.append(task.job.key)
        release.wait(10)

    config = TaskHandlerConfig(job_timeout=SOON, max_running=1)
    async with build(handler, config).running() as workflow:
        gateway.offer(new_job(1), new_job(2))
        await gateway.seen(lambda g: g.extended)
        await until(lambda: gateway.extended and not gateway.errors["update_job_timeout"])
        assert (calls, workflow.health().types["work"].running) == ([1], 1)
        release.set()
        await gateway.commands_seen(1)
    assert gateway.extended == [1]
    assert recorder.ends == ["gone", "completed"]


async def test_a_result_outlives_its_deadline_and_frees_its_slot_for_others(
    build, gateway, new_job, recorder
):
    gateway.errors["complete_job"] = [Unavailable("away")] * 6
    calls = []

    async def handler(task):
        calls.append(task.job.key)

    timeout = timedelta(milliseconds=100)
    config = TaskHandlerConfig(job_timeout=timeout, max_running=1, heartbeat=False)
    async with build(handler, config).running():
        gateway.offer(new_job(1))
        await until(lambda: len(recorder.resent) >= 3)
        gateway.offer(new_job(2))
        # Given out again meanwhile: what is done is not done anew.
        gateway.offer(new_job(1))
        await gateway.commands_seen(2)
    assert sorted(calls) == [1, 2]
    assert {command[:2] for command in gateway.commands} == {("complete", 1), ("complete", 2)}


async def test_a_failure_is_not_sent_beyond_its_deadline(build, gateway, new_job, recorder):
    gateway.errors["fail_job"] = [Unavailable("away")] * 1000

    async def handler(task):
        raise ValueError

    config = TaskHandlerConfig(job_timeout=timedelta(milliseconds=200), heartbeat=False)
    async with build(handler, config).running():
        gateway.offer(new_job(1))
        await until(lambda: recorder.ends)
    assert recorder.ends == ["unsent"]


async def test_no_more_than_the_limit_run_at_once(build, gateway, new_job, crowd):
    async with build(crowd.handler, TaskHandlerConfig(max_running=3)).running():
        gateway.offer(*(new_job(key) for key in range(1, 51)))
        await gateway.commands_seen(50)
    assert crowd.most == 3
    assert {command[1] for command in gateway.commands} == set(range(1, 51))


async def test_free_slots_are_filled_while_long_handlers_keep_the_others(build, gateway, new_job):
    release = asyncio.Event()

    async def handler(task):
        if task.job.key <= 7:
            await release.wait()

    async with build(handler, TaskHandlerConfig(max_running=8)).running():
        gateway.offer(*(new_job(key) for key in range(1, 21)))
        await gateway.commands_seen(13)
        release.set()
        await gateway.commands_seen(20)


async def test_the_limit_of_the_service_holds_over_its_types(build, gateway, new_job, crowd):
    builder = build(crowd.handler, max_running_total=4).with_handler("other", crowd.handler)
    async with builder.running():
        gateway.offer(*(new_job(key) for key in range(1, 21)))
        gateway.offer(*(new_job(key, "other") for key in range(21, 41)))
        await gateway.commands_seen(40)
    assert crowd.most <= 4


async def test_sync_handlers_run_in_parallel_threads_with_context_variables(
    build, gateway, new_job
):
    barrier = threading.Barrier(10)
    loop_thread = threading.get_ident()
    value = contextvars.ContextVar("value", default="unset")
    value.set("set")

    def handler(task):
        barrier.wait(5)
        return {"thread": threading.get_ident() != loop_thread, "value": value.get()}

    async with build(handler, TaskHandlerConfig(max_running=10)).running():
        gateway.offer(*(new_job(key) for key in range(1, 11)))
        await gateway.commands_seen(10)
    assert all(c[2] == {"thread": True, "value": "set"} for c in gateway.commands)


async def test_what_shutdown_cuts_off_is_handed_back_with_its_retries(build, gateway, new_job):
    started = asyncio.Event()

    async def handler(task):
        started.set()
        await asyncio.Event().wait()

    workflow = await build(handler).run()
    gateway.offer(new_job(retries=7))
    await asyncio.wait_for(started.wait(), 5)
    assert await workflow.stop(grace=0) == 0
    assert [c[:3] for c in gateway.commands] == [("fail", 1, 7)]


async def test_handlers_are_told_of_the_shutdown_and_may_finish(build, gateway, new_job):
    started = asyncio.Event()

    async def handler(task):
        started.set()
        await task.shutdown.wait()
        return {"finished": True}

    workflow = await build(handler).run()
    gateway.offer(new_job())
    await asyncio.wait_for(started.wait(), 5)
    await workflow.stop()
    assert gateway.commands == [("complete", 1, {"finished": True})]


async def test_a_job_that_arrives_after_the_stop_is_handed_back(build, gateway, new_job):
    async def handler(task):
        raise AssertionError

    workflow = await build(handler).run()
    await asyncio.sleep(0)
    stopping = asyncio.create_task(workflow.stop())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gateway.offer(new_job(retries=2))
    await stopping
    assert [c[:3] for c in gateway.commands] == [("fail", 1, 2)]


async def test_a_job_that_comes_back_while_its_handler_runs_is_not_executed_twice(
    build, gateway, new_job
):
    calls, release = [], asyncio.Event()

    async def handler(task):
        calls.append(task.job.key)
        await release.wait()

    async with build(handler).running():
        gateway.offer(new_job(1))
        await gateway.seen(lambda g: not g.waiting)
        gateway.offer(new_job(1), new_job(2))
        await until(lambda: len(calls) == 2)
        release.set()
        await gateway.commands_seen(2)
    assert sorted(calls) == [1, 2]


async def test_a_job_that_never_comes_to_an_end_becomes_an_incident(build, gateway, new_job):
    config = TaskHandlerConfig(max_unfinished=2, job_timeout=timedelta(milliseconds=100))
    for command in ("complete_job", "fail_job"):
        gateway.errors[command] = [GatewayInternal("cannot")] * 1000
    calls = []

    async def handler(task):
        calls.append(1)

    workflow = await build(handler, config).run()
    for _ in range(2):
        gateway.offer(new_job())
        await gateway.seen(lambda g: not g.waiting)
        await until(lambda: not workflow.health().types["work"].running)
    gateway.errors.clear()
    gateway.offer(new_job())
    command = (await gateway.commands_seen(1))[0]
    await workflow.stop()
    assert command[2] == 0
    assert "given up after 2 activations" in command[3]
    assert len(calls) == 2


async def test_the_end_is_bounded_though_handlers_and_gateway_do_not_end(
    build, gateway, new_job, monkeypatch
):
    monkeypatch.setattr(worker, "LAST_COMMANDS", 0.05)
    monkeypatch.setattr(worker, "_ABANDONED", 0.05)
    release, asked = asyncio.Event(), []

    async def handler(task):
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await release.wait()

    async def fail_job(job_key, **_):
        asked.append(job_key)
        await asyncio.Event().wait()

    monkeypatch.setattr(gateway, "fail_job", fail_job)
    workflow = await build(handler).run()
    gateway.offer(*(new_job(key) for key in range(1, 21)))
    await until(lambda: workflow.health().types["work"].running == 20)
    async with asyncio.timeout(10):
        assert await workflow.stop(grace=0) == 20
    assert sorted(asked) == list(range(1, 21))
    release.set()
