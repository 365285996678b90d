"""However often a fault strikes, the log has a few lines of it, and they add up."""

import asyncio
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from tests.support.logs import messages
from tests.support.one_handler import serving
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import BpmnError, Retry, TaskHandlerConfig, WorkflowBuilder, WorkflowIncident
from workflow_runtime._log.repeats import Repeats
from workflow_runtime.observers import Observer

MANY = 300


@pytest.fixture
def lines():
    with messages() as found:
        yield found


@contextmanager
def minutes(workflow):
    """A clock for what the service has counted; gives a function that lets a minute pass."""
    repeats = workflow._worker._context.repeats
    assert isinstance(repeats, Repeats)
    passed = [0.0]
    real = repeats._clock
    repeats._clock = lambda: real() + passed[0]

    def pass_a_minute():
        passed[0] += 60
        repeats.write()

    yield pass_a_minute


def of(lines, words):
    return [line for line in lines if words in line]


async def fails(task):
    raise ConnectionError("no mail")


def times_out():
    raise TimeoutError


async def fails_with_a_cause(task):
    try:
        times_out()
    except TimeoutError as error:
        raise Retry(3600) from error


async def gives_up(task):
    raise WorkflowIncident("of order 5")


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (fails, "ConnectionError in fails ("),
        (fails_with_a_cause, "TimeoutError in times_out ("),
        (gives_up, "WorkflowIncident in gives_up ("),
    ],
)
async def test_hundreds_of_failed_attempts_are_one_line_and_one_with_their_number(
    handler, told, lines
):
    async with serving(handler) as stand:
        with minutes(stand.workflow) as pass_a_minute:
            for _ in range(MANY):
                await stand.start()
            await stand.ended(MANY)
            assert len(of(lines, told)) == 1
            pass_a_minute()
            assert len(of(lines, told)) == 2
            assert of(lines, f"{MANY} attempts of order_work failed in the last minute: {told}")
            pass_a_minute()
            await stand.start()
            await stand.ended(MANY + 1)
            # After a quiet minute it is news again.
            assert len(of(lines, told)) == 3
            assert "attempt 1 failed" in of(lines, told)[-1]


async def test_incidents_by_the_hundred_are_a_few_lines(lines):
    async with serving(gives_up, TaskHandlerConfig(incident_max_retries=1)) as stand:
        for _ in range(MANY):
            await stand.start()
        await stand.ended(MANY)
    # Begin, an attempt, some incidents, what was counted of both, the two of the stop.
    assert len(lines) <= 9, lines


async def test_errors_that_nobody_catches_are_a_few_lines(lines):
    async def handler(task):
        raise BpmnError("LOST")

    async with serving(handler) as stand:
        for _ in range(MANY):
            await stand.start()
        await stand.ended(MANY)
    assert len(lines) <= 9, lines


async def test_two_faults_of_one_task_have_a_line_each(lines):
    async def handler(task):
        raise (KeyError if task.get_scope_variable("n") % 2 else ValueError)(task)

    async with serving(handler) as stand:
        for number in range(20):
            await stand.start(n=number)
        await stand.ended(20)
    for kind in ("KeyError", "ValueError"):
        first, counted = of(lines, kind)
        assert "attempt 1 failed" in first
        assert "10 attempts of order_work failed in " in counted


async def test_an_observer_that_fails_at_every_job_is_told_once_for_each_hook(lines):
    class Broken(Observer):
        def job_started(self, job):
            raise ValueError

        def job_ended(self, job, outcome, seconds, wait_seconds):
            raise ValueError

    async with serving(lambda task: None, observers=[Broken()]) as stand:
        for _ in range(MANY):
            await stand.start()
        await stand.ended(MANY)
    told = of(lines, "observer Broken failed in ")
    assert len(told) == 4
    assert len(of(told, f"({MANY} lines like this in ")) == 2


async def test_instances_that_are_cancelled_under_their_handlers_are_two_lines(lines):
    ends = asyncio.Event()

    async def handler(task):
        await ends.wait()

    config = TaskHandlerConfig(max_running=50, job_timeout=timedelta(seconds=1))
    async with serving(handler, config) as stand:
        keys = [await stand.start() for _ in range(50)]
        await until(lambda: stand.workflow.health().types["order_work"].running == 50)
        for key in keys:
            await stand.workflow.cancel_process(key)
        await until(lambda: stand.workflow.health().types["order_work"].running == 0)
    told = of(lines, "is gone: its instance has ended")
    assert len(told) == 2
    assert "(50 lines like this in " in told[1]


@pytest.mark.slow
async def test_thirty_task_types_whose_engine_goes_and_comes_again_are_a_few_lines(lines):
    server = await serve(Engine())
    port = server.port
    builder = WorkflowBuilder("shop", f"http://127.0.0.1:{port}")
    for number in range(30):
        builder.with_handler(f"work{number}", lambda task: None)
    async with builder.running() as workflow:
        with minutes(workflow) as pass_a_minute:
            await until(lambda: workflow.health().ready)
            await server.stop()
            await until(lambda: not any(each.ready for each in [workflow.health()]))
            await asyncio.sleep(1)
            server = await serve(Engine(), port=port)
            await until(lambda: workflow.health().ready)
            pass_a_minute()
            away, back = of(lines, "cannot be fetched"), of(lines, "are fetched now, after ")
    await server.stop()
    # Statuses differ as a line breaks: each is a kind.
    assert 2 <= len(away) <= 5, away
    assert len(back) == 2, back
    assert re.search(r"\((29|30|\d+) lines like this in the last minute", back[1])
    # What is over is not said as if it were so.
    assert all(line.endswith("; no longer so)") for line in away if "like this" in line)


async def test_events_that_are_dropped_by_the_hundred_are_two_lines(lines):
    builder = WorkflowBuilder("shop", "http://127.0.0.1:1")
    async with builder.running() as workflow:
        for number in range(MANY):
            workflow.publish_later("paid", correlation_key=str(number), time_to_live=60)
        await workflow.stop(grace=0)
    told = of(lines, "was dropped: ")
    assert len(told) == 2
    assert f"({MANY} lines like this in " in told[1]
