"""A job that was in hand at many deaths runs alone; its neighbours wait a little, and go on."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig
from workflow_runtime._worker import solo
from workflow_runtime._worker.attempts import attempt
from workflow_runtime.gateway.errors import NotFound

MARKER = "workflowRuntimeFailures"


def marked(key, unfinished=5, **counts):
    return {MARKER: {"job": str(key), "failures": 0, "unfinished": unfinished, **counts}}


class Handler:
    """Runs until it is let go; remembers who ran beside whom."""

    def __init__(self):
        self.running, self.order, self.beside, self.ends = set(), [], {}, {}

    async def __call__(self, task):
        key = task.job.key
        self.running.add(key)
        self.order.append(key)
        for each in self.running:
            self.beside.setdefault(each, set()).update(self.running - {each})
        try:
            await self.ends.setdefault(key, asyncio.Event()).wait()
        finally:
            self.running.discard(key)

    def end(self, *keys):
        for key in keys:
            self.ends.setdefault(key, asyncio.Event()).set()


@pytest.fixture
def handler():
    return Handler()


@pytest.fixture
def patient(monkeypatch):
    """Nothing but an end ends a turn."""
    monkeypatch.setattr(attempt, "WINDOW", 3600.0)
    monkeypatch.setattr(solo, "QUIET", 3600.0)


@pytest.fixture
def worker(build, handler):
    async def work(task):
        return await handler(task)

    return lambda **config: build(work, TaskHandlerConfig(**config))


async def test_a_suspect_waits_for_its_neighbours_and_runs_alone(
    worker, handler, gateway, new_job, patient
):
    async with worker().running():
        gateway.offer(new_job(1))
        await until(lambda: 1 in handler.running)
        gateway.offer(new_job(2, **marked(2)))
        await until(lambda: not gateway.waiting)
        gateway.offer(new_job(3))
        await asyncio.sleep(0.3)
        assert handler.order == [1]
        handler.end(1)
        await until(lambda: 2 in handler.running)
        await asyncio.sleep(0.1)
        assert handler.order == [1, 2]
        handler.end(2, 3)
        await gateway.commands_seen(3)
    assert handler.beside == {1: set(), 2: set(), 3: set()}
    assert marked(2, 6, alone=1) in gateway.notes


async def test_suspects_run_one_after_the_other_and_the_least_suspected_first(
    worker, handler, gateway, new_job, patient
):
    async with worker().running():
        handler.end(1, 2, 3)
        gateway.offer(
            new_job(1, **marked(1, 6, alone=1)), new_job(2, **marked(2)), new_job(3, **marked(3))
        )
        await gateway.commands_seen(3)
    assert handler.order == [2, 3, 1]
    assert not any(handler.beside.values())


async def test_who_has_killed_nobody_in_its_time_goes_on_beside_the_others(
    worker, handler, gateway, new_job, monkeypatch
):
    monkeypatch.setattr(attempt, "WINDOW", 0.1)
    async with worker().running():
        gateway.offer(new_job(1, **marked(1, alone=1)), new_job(2))
        await until(lambda: handler.running == {1, 2})
        assert (
            gateway.notes[:2]
            == [
                marked(1, 6, alone=2),
                marked(1, 4, alone=1, survived=1),
            ]
            or marked(1, 4, alone=1, survived=1) in gateway.notes
        )
        handler.end(1, 2)
        await gateway.commands_seen(2)


async def test_the_time_alone_doubles_with_each_time_that_was_survived(
    worker, handler, gateway, new_job, monkeypatch
):
    monkeypatch.setattr(attempt, "WINDOW", 0.1)
    async with worker().running():
        begun = asyncio.get_running_loop().time()
        gateway.offer(new_job(1, **marked(1, survived=3)), new_job(2))
        await until(lambda: 2 in handler.running)
        assert asyncio.get_running_loop().time() - begun >= 0.8
        handler.end(1, 2)
        await gateway.commands_seen(2)


async def test_neighbours_that_take_their_time_delay_a_suspect_no_longer_than_said(
    worker, handler, gateway, new_job, monkeypatch
):
    monkeypatch.setattr(solo, "QUIET", 0.2)
    async with worker().running():
        gateway.offer(new_job(1))
        await until(lambda: 1 in handler.running)
        gateway.offer(new_job(2, **marked(2)))
        await until(lambda: handler.running == {1, 2})
        handler.end(1, 2)
        await gateway.commands_seen(2)


async def test_waiting_suspects_take_no_slot_from_their_neighbours(
    worker, handler, gateway, new_job, monkeypatch
):
    monkeypatch.setattr(attempt, "WINDOW", 0.1)
    monkeypatch.setattr(solo, "QUIET", 0.1)
    async with worker(max_running=2).running():
        gateway.offer(new_job(1, **marked(1)), new_job(2, **marked(2)))
        await until(lambda: len(handler.order) == 2)
        gateway.offer(new_job(3), new_job(4))
        await until(lambda: handler.running == {1, 2, 3, 4})
        handler.end(1, 2, 3, 4)
        await gateway.commands_seen(4)


async def test_two_deaths_alone_condemn_a_job_without_another_call(
    worker, handler, gateway, new_job
):
    async with worker().running():
        gateway.offer(new_job(1, **marked(1, 7, alone=2)))
        command = (await gateway.commands_seen(1))[0]
    assert command[2] == 0
    assert "given up after 7 activations that never came to an end, 2 of them alone" in command[3]
    assert handler.order == []


@pytest.mark.parametrize("alone", [{}, {"alone": 1}])
async def test_a_stop_hands_suspects_back_as_they_came(
    worker, handler, gateway, new_job, patient, alone
):
    workflow = await worker().run()
    gateway.offer(*(new_job(key, **marked(key, **alone)) for key in (1, 2)), new_job(3))
    await until(lambda: handler.running == {1})
    await workflow.stop(grace=0)
    assert sorted(command[:3] for command in gateway.commands) == [
        ("fail", key, 3) for key in (1, 2, 3)
    ]
    scopes = {command[1]: command[5] for command in gateway.commands}
    assert scopes[1] == marked(1, **alone)
    # Their notes were never written.
    assert not scopes[2]
    assert not scopes[3]


async def test_a_suspect_that_is_cancelled_gives_its_turn_away(
    worker, handler, gateway, new_job, patient
):
    workflow = await worker(job_timeout=timedelta(seconds=0.3)).run()
    gateway.offer(*(new_job(key, **marked(key)) for key in (1, 2)))
    await until(lambda: handler.running == {1})
    gateway.errors["update_job_timeout"] = [NotFound("gone")]
    await until(lambda: handler.running == {2})
    handler.end(2)
    await until(lambda: gateway.commands)
    await workflow.stop(grace=0)
    assert [command[1] for command in gateway.commands] == [2]


async def test_jobs_of_other_types_wait_as_well(build, gateway, new_job, handler, patient):
    async def work(task):
        return await handler(task)

    async with build(work).with_handler("other", work).running():
        gateway.offer(new_job(1, **marked(1)))
        await until(lambda: handler.running == {1})
        gateway.offer(new_job(2, job_type="other"))
        await asyncio.sleep(0.2)
        assert handler.running == {1}
        handler.end(1, 2)
        await gateway.commands_seen(2)
    assert handler.order == [1, 2]
