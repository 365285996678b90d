"""The guard against jobs that kill their process again and again."""

import pytest
from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig
from workflow_runtime._worker.attempts.poison_guard import PoisonGuard
from workflow_runtime.gateway.errors import Unavailable

PARTITION = 1 << 51


async def nothing(task):
    return None


@pytest.mark.parametrize(
    ("keys", "suspects"),
    [
        ([5, 6, 7, 8], [5, 6]),
        ([5, 6, 7, 6, 8], [5, 6, 6]),
        ([5, 6, 7, 7], [5, 6, 7]),
        ([5, 6, PARTITION + 1, 7, PARTITION + 1], [5, 6, PARTITION + 1]),
    ],
    ids=["first ones", "an older key", "the same key", "each partition by itself"],
)
def test_only_jobs_that_may_have_been_activated_before_are_suspects(keys, suspects):
    found = PoisonGuard(first=2)
    assert [key for key in keys if found.is_doubtful(key)] == suspects


async def test_a_suspect_is_noted_before_its_handler_runs(build, gateway, new_job):
    async def handler(task):
        assert gateway.notes == [
            {"workflowRuntimeFailures": {"job": "1", "failures": 0, "unfinished": 1}}
        ]
        return {"noted": True}

    async with build(handler).running():
        gateway.offer(new_job())
        assert await gateway.commands_seen(1) == [("complete", 1, {"noted": True})]


async def test_new_jobs_cost_no_note_once_a_worker_is_warm(build, gateway, new_job):
    async with build(nothing, TaskHandlerConfig(max_running=2)).running():
        gateway.offer(*(new_job(key) for key in range(1, 21)))
        await gateway.commands_seen(20)
    assert len(gateway.notes) == 2


async def test_what_the_notes_of_dead_processes_say_becomes_an_incident(build, gateway, new_job):
    calls = []

    async def handler(task):
        calls.append(task)

    note = {"workflowRuntimeFailures": {"job": "1", "failures": 0, "unfinished": 7, "alone": 2}}
    async with build(handler).running():
        gateway.offer(new_job(**note))
        command = (await gateway.commands_seen(1))[0]
    assert command[2] == 0
    assert "given up after 7 activations that never came to an end, 2 of them alone" in command[3]
    assert calls == []


async def test_a_failure_starts_the_count_anew(build, gateway, new_job):
    async def handler(task):
        raise ValueError

    note = {"workflowRuntimeFailures": {"job": "1", "failures": 1, "unfinished": 4}}
    async with build(handler).running():
        gateway.offer(new_job(retries=3, **note))
        command = (await gateway.commands_seen(1))[0]
    assert gateway.notes[0]["workflowRuntimeFailures"]["unfinished"] == 5
    assert command[5] == {"workflowRuntimeFailures": {"job": "1", "failures": 2}}


async def test_a_job_that_is_handed_back_takes_its_note_back(build, gateway, new_job):
    async def handler(task):
        await task.shutdown.wait()
        await gateway.seen(lambda _: False)

    workflow = await build(handler).run()
    gateway.offer(new_job())
    await until(lambda: gateway.notes)
    await workflow.stop(grace=0)
    assert gateway.commands[0][5] == {"workflowRuntimeFailures": {"job": "1", "failures": 0}}


async def test_a_job_runs_even_if_it_cannot_be_noted(build, gateway, new_job):
    gateway.errors["set_variables"] = [Unavailable("away")]
    async with build(nothing).running():
        gateway.offer(new_job())
        assert await gateway.commands_seen(1) == [("complete", 1, {})]
