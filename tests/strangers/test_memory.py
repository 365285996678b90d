"""What a handler had in its variables goes with its end: no collector is needed."""

# ruff: noqa: TRY301 - what is raised and caught in one function is what strangers write

import asyncio
import gc
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar
from weakref import WeakSet

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.runtime.alerts.raised import alert
from tests.support.diagrams import one_task

from workflow_runtime import (
    BpmnError,
    Retry,
    TaskHandlerConfig,
    WorkflowBuilder,
    WorkflowIncident,
    WorkflowSettings,
)
from workflow_runtime._worker.attempts.history import History
from workflow_runtime.alerts.limits import RateLimit
from workflow_runtime.alerts.model import Kind
from workflow_runtime.alerts.text import Wording
from workflow_runtime.alerts.waiting import Waiting
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox

MEGABYTE = 2**20


class Large:
    """Stands for what is large; it knows who is alive."""

    alive: ClassVar[WeakSet["Large"]] = WeakSet()

    def __init__(self):
        self.alive.add(self)


class Ends(Observer):
    """Counts the ends of jobs."""

    watch_jobs = True

    def __init__(self):
        self.count = 0

    def job_ended(self, job, outcome, seconds, wait_seconds):
        self.count += 1

    async def reach(self, count):
        async with asyncio.timeout(100):
            while self.count < count:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)


def plain(task):
    local = Large()
    raise ValueError(local.__class__)


def chained(task):
    local = Large()
    try:
        raise KeyError(id(local))
    except KeyError as error:
        kept = error
        raise ValueError("second") from kept


def retried_in_vain(task):
    local, last = Large(), None
    for _ in range(3):
        try:
            raise TimeoutError(id(local))
        except TimeoutError as error:
            last = error
    raise last


def kept_in_a_list(task):
    local, errors = Large(), []
    for _ in range(3):
        try:
            raise TimeoutError(id(local))
        except TimeoutError as error:
            errors.append(error)
    raise RuntimeError(f"{len(errors)} in vain")


def grouped(task):
    errors = []
    for _ in range(3):
        try:
            local = Large()
            raise TimeoutError(id(local))
        except TimeoutError as error:
            errors.append(error)
    raise ExceptionGroup("all", errors)


def said_so(task):
    local = Large()
    raise WorkflowIncident(str(local))


def thrown(task):
    local = Large()
    raise BpmnError("code", str(local))


def again(task):
    local = Large()
    raise Retry(delay=timedelta(0), message=str(local))


def wrong_result(task):
    return {"large": Large()}


async def plain_async(task):
    local = Large()
    await asyncio.sleep(0)
    raise ValueError(local.__class__)


async def task_group(task):
    async def child():
        local = Large()
        await asyncio.sleep(0)
        raise ValueError(local.__class__)

    async with asyncio.TaskGroup() as children:
        children.create_task(child())
        children.create_task(child())


async def gathered(task):
    async def child():
        local = Large()
        await asyncio.sleep(0)
        raise ValueError(local.__class__)

    await asyncio.gather(child(), child())


async def timed_out(task):
    local = Large()
    async with asyncio.timeout(0):
        await asyncio.Event().wait()
    return local


async def lent_thread(task):
    await asyncio.to_thread(plain, task)


async def cancelled(task):
    local = Large()
    asyncio.current_task().cancel()
    await asyncio.sleep(0)
    return local


ENDS = [
    plain, chained, retried_in_vain, kept_in_a_list, grouped, said_so, thrown, again,
    wrong_result, plain_async, task_group, gathered, timed_out, lent_thread, cancelled,
]  # fmt: skip


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def failing(handler, jobs):
    """A service whose jobs have all ended."""
    ends = Ends()
    settings = WorkflowSettings(address="embedded://", service_name="x")
    builder = WorkflowBuilder("x", settings=settings).with_observer(ends)
    builder.with_handler("p_work", handler, TaskHandlerConfig(max_running=4))
    async with builder.running() as workflow:
        await workflow.gateway.deploy([one_task("p", "work")])
        for _ in range(jobs):
            await workflow.gateway.create_instance("p", {})
        await ends.reach(jobs)
        yield


@pytest.mark.parametrize("handler", ENDS)
async def test_what_a_failed_handler_held_is_gone_at_its_end(handler, no_collector):
    Large.alive.clear()
    async for _ in failing(handler, 20):
        # The four threads, and the last tasks, may still be on their way out.
        async with asyncio.timeout(20):
            while len(Large.alive):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_each_failure_leaves_less_than_a_kilobyte():
    def fail(task):
        kept = bytearray(MEGABYTE)
        raise ValueError(f"customer {'abcdefghij'[task.job.key % 10]}{task.job.key}: {len(kept)}")

    # The engine in this process keeps its instances: what is ours is counted.
    ours = [tracemalloc.Filter(True, f"*{each}*") for each in ("workflow_runtime", __file__)]
    tracemalloc.start()
    try:
        sizes = {}
        for jobs in (200, 2_200):
            async for _ in failing(fail, jobs):
                gc.collect()
                found = tracemalloc.take_snapshot().filter_traces(ours).statistics("filename")
                sizes[jobs] = sum(each.size for each in found)
    finally:
        tracemalloc.stop()
    assert sizes[2_200] - sizes[200] < 2_000 * 1_000


def test_what_is_remembered_of_failures_is_bounded():
    history = History()
    for key in range(10_000):
        for _ in range(12):
            attempts = history.failed(key, "x" * 9_000)
    assert len(attempts) == 10
    remembered = sum(len(text) for past in history._jobs.values() for text in past.messages)
    assert remembered <= 1_000_000
    assert history._text == remembered
    for key in range(10_000):
        history.done(key)
    assert history._text == 0


def test_what_waits_for_a_channel_that_is_away_is_bounded_and_counted():
    waiting = Waiting("shop", RateLimit(1, 0.0))
    for number in range(1000):
        notice = Wording().incident(alert(element="z" * (number + 1), job=number))
        waiting.put(notice, 0.0)
        waiting.put(replace(notice, kind=Kind.RESOLVED), 0.0)
    assert len(waiting.all()) <= 200
    assert sum(entry.stands_for for entry in waiting.all()) == 2000
    assert max(len(entry.titles) for entry in waiting.all()) == 20


@pytest.mark.slow
async def test_a_session_that_lives_long_keeps_no_listener_for_each_event(tmp_path):
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path}/outbox.db")
    await outbox.create_table()
    woken = []
    outbox.on_commit(lambda: woken.append(1))
    async with AsyncSession(outbox.engine) as session:
        for number in range(50):
            await outbox.publish(session, "paid", correlation_key=str(number))
            await session.commit()
            assert len(woken) == number + 1
        listeners = list(session.sync_session.dispatch.after_commit)
        assert len(listeners) == 1
        await session.commit()
    assert len(woken) == 50
    for number in range(50):
        async with AsyncSession(outbox.engine) as session, session.begin():
            await outbox.publish(session, "paid", correlation_key=f"new {number}")
    assert len(woken) == 100
    await outbox.engine.dispose()
