"""Handlers that hang and loops that are blocked: said when it begins, and when it is over."""

import asyncio
import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.strangers.at_work import service
from tests.support.logs import messages
from tests.support.one_handler import serving
from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig

HERE = Path(__file__).name


@pytest.fixture
def lines():
    with messages() as found:
        yield found


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setenv("WORKFLOW_STALLED_HANDLER", "0.2")


def with_words(lines, *words):
    return [line for line in lines if all(word in line for word in words)]


async def waits(ends):
    await ends.wait()


async def waits_within(ends):
    async with asyncio.timeout(60):
        await asyncio.gather(waits(ends))


async def iterates(ends):
    async def numbers():
        await ends.wait()
        yield 1

    async for _ in numbers():
        pass


@pytest.mark.parametrize("wait", [waits, waits_within, iterates])
async def test_a_coroutine_that_hangs_is_told_once_with_the_line_and_then_its_end(
    wait, lines, impatient
):
    ends = asyncio.Event()

    async def handler(task):
        await wait(ends)

    async with serving(handler) as stand:
        instance = await stand.start()
        await until(lambda: with_words(lines, "has been running for"))
        await asyncio.sleep(0.3)
        (line,) = with_words(lines, "has been running for")
        assert "the handler of order_work" in line
        assert f"instance {instance}" in line
        assert HERE in line
        ends.set()
        await until(lambda: with_words(lines, "the stalled handler of order_work has ended"))


@pytest.mark.parametrize("around", [False, True], ids=["plain", "within a middleware"])
async def test_a_thread_that_hangs_is_told_with_its_own_line_whoever_else_runs(
    around, lines, impatient
):
    ends = threading.Event()

    def handler(task):
        (this_one_hangs if task.get_scope_variable("hangs") else so_does_this_one)(ends)

    async def middleware(task, call_next):
        return await call_next(task)

    async with service(handler, middlewares=[middleware] if around else []) as play:
        playing = [asyncio.create_task(play({"hangs": hangs})) for hangs in (True, False)]
        await until(lambda: with_words(lines, "has been running for", "in this_one_hangs ("))
        ends.set()
        await asyncio.gather(*playing)


def this_one_hangs(ends):
    ends.wait(30)


def so_does_this_one(ends):
    ends.wait(30)


async def test_a_job_that_waits_for_a_slot_is_no_stalled_handler(lines, impatient):
    ends = asyncio.Event()

    async def handler(task):
        await ends.wait()

    async with serving(handler, TaskHandlerConfig(max_running=1)) as stand:
        for _ in range(3):
            await stand.start()
        await until(lambda: with_words(lines, "has been running for"))
        await asyncio.sleep(0.5)
        ends.set()
        await stand.ended(3)
    assert len(with_words(lines, "has been running for")) == 1


async def test_a_handler_that_rightly_takes_long_says_so_itself(lines, impatient):
    ends = asyncio.Event()

    async def handler(task):
        await ends.wait()

    patient = TaskHandlerConfig(stalled_handler=timedelta(hours=1))
    async with serving(handler, patient) as slow, serving(handler) as other:
        for stand in (slow, other):
            await stand.start()
        await until(lambda: with_words(lines, "has been running for"))
        await asyncio.sleep(0.5)
        assert not slow.workflow.health().stalled
        assert other.workflow.health().stalled
        ends.set()
        await slow.ended(1)
        await other.ended(1)
    assert len(with_words(lines, "has been running for")) == 1


@pytest.mark.slow
async def test_a_block_is_told_as_it_begins_and_with_its_true_length_when_it_is_over(lines):
    begun = []

    async def handler(task):
        begun.append(time.monotonic())
        while time.monotonic() < begun[0] + 4:
            time.sleep(0.01)  # noqa: ASYNC251 - what is to be found out
            if with_words(lines, "is blocked") and len(begun) == 1:
                begun.append(time.monotonic())

    async with serving(handler) as stand:
        await stand.start()
        await stand.ended()
        await until(lambda: with_words(lines, "was blocked"))
    (first,) = with_words(lines, "the event loop is blocked by the handler of order_work (job ")
    assert f"in handler ({__file__}:" in first
    assert "a def handler" in first
    assert "blocked for" not in first
    # In time, and not only when it was over.
    assert begun[1] - begun[0] < 3
    (end,) = with_words(lines, "the event loop was blocked for")
    assert 3.7 <= float(re.search(r"for ([\d.]+) s", end)[1]) <= 5
    assert f"in handler ({__file__}:" in end


@pytest.mark.slow
async def test_a_block_that_is_no_handlers_is_not_told_to_become_one(lines):
    async def handler(task):
        return None

    async with serving(handler):
        asyncio.get_running_loop().call_soon(of_a_callback)
        await until(lambda: with_words(lines, "was blocked"))
    (first,) = with_words(lines, "the event loop is blocked by of_a_callback (")
    assert "def handler" not in first
    assert "asyncio.to_thread" in first


def of_a_callback():
    time.sleep(2.5)
