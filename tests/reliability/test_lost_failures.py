"""Whether a FailJob was taken is unknown: the resend must not end somebody else's attempt."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.waiting import until

from workflow_runtime import Retry, TaskHandlerConfig, WorkflowBuilder, WorkflowSettings

ALONE = TaskHandlerConfig(max_running=1, job_timeout=timedelta(seconds=60))
"""While it sends, its worker fetches nothing."""


class Ends:
    """The ends of jobs that the engine has taken."""

    def __init__(self, engine):
        self.taken = []
        self.failed = asyncio.Event()
        engine.records.subscribe(self._note)

    def _note(self, record):
        if record.value_type == "JOB" and record.intent in {"FAILED", "COMPLETED"}:
            self.taken.append((record.intent, record.value["retries"]))
            self.failed.set()


@pytest.fixture
async def other(faulty):
    """Another replica of the service, whose line is sound; gives a function that runs it."""
    running = []

    async def run(handler):
        settings = WorkflowSettings(service_name="other")
        made = WorkflowBuilder(settings=settings, gateway=faulty.direct)
        running.append(await made.with_handler(faulty.job_type, handler, ALONE).run())

    yield run
    for workflow in running:
        await workflow.stop(grace=0)


@pytest.mark.parametrize("backoff", [0, 0.5])
async def test_a_failure_whose_answer_was_lost_leaves_the_next_attempt_alone(
    faulty, other, backoff
):
    ends, begun, release = Ends(faulty.engine), asyncio.Event(), asyncio.Event()

    async def failing(task):
        raise Retry(backoff)

    async def working(task):
        begun.set()
        await release.wait()

    faulty.faults.lose_answer("FailJob")
    done = await faulty.begin(1)
    workflow = await faulty.work(failing, ALONE)
    await ends.failed.wait()
    await faulty.proxy.cut()
    await other(working)
    await asyncio.wait_for(begun.wait(), 30)
    await faulty.proxy.start()
    # It has sent again, or given up.
    await until(lambda: workflow.health().types[faulty.job_type].running == 0)
    release.set()
    await asyncio.wait_for(done, 30)
    assert ends.taken == [("FAILED", 2), ("COMPLETED", 2)]


@pytest.mark.parametrize("backoff", [0, 3])
async def test_a_failure_that_the_engine_never_got_is_told_or_its_job_runs_again(faulty, backoff):
    attempts, ends = [], Ends(faulty.engine)

    async def failing_once(task):
        attempts.append(task.attempt)
        if not ends.taken:
            raise Retry(backoff)

    faulty.faults.fail("FailJob", "UNAVAILABLE")
    done = await faulty.begin(1)
    config = TaskHandlerConfig(job_timeout=timedelta(seconds=2))
    await faulty.work(failing_once, config)
    await asyncio.wait_for(done, 30)
    assert ends.taken == [("FAILED", 2), ("COMPLETED", 2)]
    # Without a backoff nothing says that it is still ours: the job's timeout brings it back.
    assert attempts == ([1, 2] if backoff else [1, 1, 2])


async def test_a_failure_that_was_surely_not_taken_is_sent_again_without_a_backoff(faulty):
    attempts = []

    async def failing_once(task):
        attempts.append(task.attempt)
        if task.attempt == 1:
            raise Retry(0)

    faulty.faults.fail("FailJob", "RESOURCE_EXHAUSTED", times=4)
    done = await faulty.begin(1)
    await faulty.work(failing_once, ALONE)
    await asyncio.wait_for(done, 30)
    assert attempts == [1, 2]


async def test_an_incident_is_sent_until_it_is_taken_whatever_was_lost(faulty):
    ends = Ends(faulty.engine)

    async def failing(task):
        raise Retry(0)

    faulty.faults.fail("FailJob", "UNAVAILABLE", times=3)
    done = await faulty.begin(1)
    await faulty.work(failing, TaskHandlerConfig(incident_max_retries=1))
    await asyncio.wait_for(ends.failed.wait(), 30)
    assert ends.taken == [("FAILED", 0)]
    done.cancel()
