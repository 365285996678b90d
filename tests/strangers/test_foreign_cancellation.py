"""A handler's task is cancelled by something that is not the service: one command all the same."""

import asyncio
import contextlib
import subprocess
import sys
from datetime import timedelta

import pytest
from loguru import logger
from tests.support.one_handler import ONCE, serving

from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import TaskHandlerConfig

NOT_OURS = "cancelled by something that is not this service"


async def itself(task):
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def many_times(task):
    for _ in range(5):
        asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def in_a_moment(task):
    asyncio.get_running_loop().call_later(0.01, asyncio.current_task().cancel)
    await asyncio.sleep(60)


async def child_cancels_parent(task):
    parent = asyncio.current_task()

    async def child():
        parent.cancel()
        await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(child())
        await asyncio.sleep(60)


class Scope:
    """Cancels its task as anyio's scopes do: again and again, until it is left."""

    def __init__(self):
        self.task, self.handle = asyncio.current_task(), None

    def strike(self):
        if not self.task.done():
            self.task.cancel("scope")
            self.handle = asyncio.get_running_loop().call_soon(self.strike)

    async def __aenter__(self):
        self.strike()

    async def __aexit__(self, *reason):
        self.handle.cancel()


async def scope(task):
    async with Scope():
        await asyncio.sleep(60)


async def scope_that_is_never_left(task):
    # As by a generator that holds one and is not read to its end.
    await Scope().__aenter__()
    await asyncio.sleep(60)


async def raises_it(task):
    raise asyncio.CancelledError("enough")


async def awaits_what_is_cancelled(task):
    other = asyncio.create_task(asyncio.sleep(60))
    other.cancel()
    await other


async def inside_a_timeout(task):
    async with asyncio.timeout(60):
        asyncio.current_task().cancel()
        await asyncio.sleep(60)


class ClosingCancels:
    """Dependencies whose end cancels the task that they were made in."""

    def for_job(self):
        return self

    async def __aenter__(self):
        return lambda kind: self

    async def __aexit__(self, *reason):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)


async def at_the_end_of_dependencies(task, database: ClosingCancels):
    return {"a": 1}


LOST = [
    itself,
    many_times,
    in_a_moment,
    child_cancels_parent,
    scope,
    scope_that_is_never_left,
    raises_it,
    awaits_what_is_cancelled,
    inside_a_timeout,
    at_the_end_of_dependencies,
]


@pytest.fixture
def lines():
    written = []
    number = logger.add(written.append, format="{level} {message}")
    yield written
    logger.remove(number)


def names(handlers):
    return [each.__name__ for each in handlers]


@pytest.mark.parametrize("handler", LOST, ids=names(LOST))
@pytest.mark.parametrize("over_grpc", [False, True], ids=["in process", "gRPC"])
async def test_it_is_one_failed_attempt_that_says_so(handler, over_grpc, lines):
    async with serving(handler, over_grpc=over_grpc, resolver=ClosingCancels()) as stand:
        # The second job finds a worker that goes on.
        for count in (1, 2):
            await stand.start()
            await stand.ended(count)
    assert [(end.intent, end.retries) for end in stand.ends] == [("FAILED", 2)] * 2
    assert all(NOT_OURS in end.message for end in stand.ends)
    first, both = (str(line) for line in lines if "CancelledError" in str(line))
    assert "attempt 1 failed, 2 left: CancelledError" in first
    assert "2 attempts of order_work failed" in both


async def asks_and_returns(task):
    asyncio.current_task().cancel()
    return {"a": 1}


async def swallows_and_returns(task):
    asyncio.current_task().cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    return {"a": 1}


async def takes_it_back_too_late(task):
    asyncio.current_task().cancel()
    asyncio.current_task().uncancel()
    return {"a": 1}


async def leaves_a_storm(task):
    current, loop = asyncio.current_task(), asyncio.get_running_loop()

    def strike():
        if not current.done():
            current.cancel()
            loop.call_later(0.0005, strike)

    loop.call_soon(strike)
    return {"a": 1}


async def leaves_a_scope(task):
    await Scope().__aenter__()
    return {"a": 1}


async def times_out_for_real(task):
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.sleep(60)
    return {"a": 1}


DONE = [
    asks_and_returns,
    swallows_and_returns,
    takes_it_back_too_late,
    leaves_a_storm,
    leaves_a_scope,
    times_out_for_real,
]


@pytest.mark.parametrize("handler", DONE, ids=names(DONE))
@pytest.mark.parametrize("over_grpc", [False, True], ids=["in process", "gRPC"])
async def test_a_handler_that_returned_has_done_its_work(handler, over_grpc):
    async with serving(handler, over_grpc=over_grpc) as stand:
        for count in (1, 2):
            await stand.start()
            await stand.ended(count)
    assert [(end.intent, end.variables) for end in stand.ends] == [("COMPLETED", {"a": 1})] * 2


async def test_a_cancellation_while_the_command_is_sent_is_told_in_a_line(lines):
    async with serving(leaves_a_storm, over_grpc=True) as stand:
        await stand.start()
        await stand.ended()
    assert any("CompleteJob" in line and "not this service" in line for line in map(str, lines))


@pytest.mark.parametrize("over_grpc", [False, True], ids=["in process", "gRPC"])
async def test_a_stop_of_ours_goes_before_a_cancellation_of_others(over_grpc):
    begun = asyncio.Event()

    async def handler(task):
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            # Both at once: cleaning up is what cancels once more.
            asyncio.current_task().cancel()
            await asyncio.sleep(0)

    async with serving(handler, over_grpc=over_grpc) as stand:
        await stand.start()
        await begun.wait()
        await stand.workflow.stop(grace=0)
    (end,) = stand.ends
    assert (end.retries, end.message) == (3, "handed back: the service is stopping")


async def test_a_job_that_is_gone_stays_without_a_command():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def handler(task):
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            asyncio.current_task().cancel()
            ended.set()

    config = TaskHandlerConfig(job_timeout=timedelta(milliseconds=300))
    async with serving(handler, config) as stand:
        instance = await stand.start()
        await begun.wait()
        await stand.workflow.cancel_process(instance)
        async with asyncio.timeout(60):
            await ended.wait()
    assert stand.ends == []


@pytest.mark.parametrize("handler", LOST[:-1], ids=names(LOST[:-1]))
async def test_the_kit_for_handlers_shows_the_failed_attempt(handler):
    outcome = await TaskEnvironment().run(handler, config=ONCE)
    assert (outcome.kind, outcome.retries) == ("retry", 2)
    assert NOT_OURS in outcome.message


@pytest.mark.parametrize("handler", DONE, ids=names(DONE))
async def test_the_kit_for_handlers_shows_the_result(handler):
    outcome = await TaskEnvironment().run(handler)
    assert (outcome.kind, outcome.scope) == ("completed", {"a": 1})


FORGOTTEN = """
import asyncio, sys
from tests.support.one_handler import serving
from workflow_devkit.engine import Engine
import tests.support.one_handler as support

engines = []
class Kept(Engine):
    def __init__(self):
        super().__init__()
        engines.append(self)
support.Engine = Kept

async def main():
    begun = asyncio.Event()
    async def handler(task):
        begun.set()
        await asyncio.sleep(60)
    stand = serving(handler)
    service = await stand.__aenter__()
    await service.start()
    await begun.wait()
    ENDING

try:
    asyncio.run(main())
finally:
    for record in engines[0].records:
        if record.value_type == "JOB":
            print(record.intent, record.value["retries"], record.value["errorMessage"])
"""


@pytest.mark.parametrize(
    "ending",
    [
        "return",
        "asyncio.create_task(exits()); await asyncio.sleep(60)",
        "asyncio.get_running_loop().call_soon(sys.exit, 3); await asyncio.sleep(60)",
    ],
    ids=["nobody stops it", "SystemExit of a task", "SystemExit of a callback"],
)
def test_a_loop_that_ends_around_the_service_hands_its_jobs_back(ending):
    script = "async def exits():\n    raise SystemExit(3)\n" + FORGOTTEN.replace("ENDING", ending)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False
    )
    assert "FAILED 3 handed back: the service is stopping" in run.stdout, run.stderr
