"""Whether a command that failed was executed: never a no that was a yes, never a second start."""

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from tests.reliability.starting import start

from workflow_runtime import CommandFailed, EventNotPublished, WaitTimedOut

ALWAYS = -1


def executions(stand):
    """How often each number was started, by the engine's own records."""
    return Counter(
        record.value["value"]
        for record in stand.engine.records
        if (record.value_type, record.intent) == ("VARIABLE", "CREATED")
        and record.value["name"] == "n"
    )


@contextlib.asynccontextmanager
async def cutting(proxy, rand):
    """Breaks the line again and again, at any moment of a command."""

    async def cut():
        while True:
            await asyncio.sleep(rand.uniform(0.005, 0.05))
            await proxy.cut()
            await asyncio.sleep(rand.uniform(0, 0.02))
            await proxy.start()

    cutter = asyncio.create_task(cut())
    yield
    cutter.cancel()
    await asyncio.gather(cutter, return_exceptions=True)
    await proxy.cut()
    await proxy.start()


@pytest.mark.slow
async def test_a_hostile_line_makes_no_answer_a_lie_and_no_start_a_double(faulty):
    rand = random.Random(15)
    workflow = await faulty.work(hang, command_timeout=timedelta(seconds=1))
    told = {}
    for status in ("UNAVAILABLE", "INTERNAL", "ABORTED", "DEADLINE_EXCEEDED"):
        faulty.faults.lose_answer("CreateProcessInstance", status, times=ALWAYS, probability=0.08)
        faulty.faults.fail("CreateProcessInstance", status, times=ALWAYS, probability=0.04)
    faulty.faults.fail("CreateProcessInstance", "RESOURCE_EXHAUSTED", times=ALWAYS, probability=0.2)
    async with cutting(faulty.proxy, rand):
        for batch in range(0, 300, 20):
            numbers = range(batch, batch + 20)
            answers = (start(workflow, faulty.id, number) for number in numbers)
            told.update(zip(numbers, await asyncio.gather(*answers), strict=True))
    await faulty.proxy.cut()
    told.update({n: await start(workflow, faulty.id, n) for n in range(300, 303)})
    seen = executions(faulty)
    by_answer = defaultdict(Counter)
    for number, answer in told.items():
        by_answer[answer][seen[str(number)]] += 1
    assert set(by_answer["yes"]) == {1}
    assert set(by_answer["no"]) == {0}
    assert set(by_answer["unknown"]) == {0, 1}


async def hang(task):
    await asyncio.Event().wait()


NO, UNKNOWN = "no", "unknown"
LOST = {
    "UNAVAILABLE": UNKNOWN,
    "DEADLINE_EXCEEDED": UNKNOWN,
    "ABORTED": UNKNOWN,
    "CANCELLED": UNKNOWN,
    "INTERNAL": UNKNOWN,
    "UNKNOWN": UNKNOWN,
    "DATA_LOSS": UNKNOWN,
    "NOT_FOUND": NO,
    "INVALID_ARGUMENT": NO,
    "FAILED_PRECONDITION": NO,
    "UNIMPLEMENTED": NO,
    "RESOURCE_EXHAUSTED": NO,
    "UNAUTHENTICATED": NO,
    "PERMISSION_DENIED": NO,
}


@pytest.mark.parametrize("status", LOST)
async def test_each_answer_says_whether_it_may_hide_a_start(faulty, status):
    workflow = await faulty.work(hang, command_timeout=timedelta(seconds=0.2))
    faulty.faults.fail("CreateProcessInstance", status, times=ALWAYS)
    assert await start(workflow, faulty.id, 1) == LOST[status]


@pytest.mark.parametrize("rpc", ["CreateProcessInstance", "BroadcastSignal"])
async def test_what_may_have_been_executed_is_not_sent_again(faulty, rpc):
    workflow = await faulty.work(hang)
    calls = {
        "CreateProcessInstance": lambda: workflow.start_process(faulty.id),
        "BroadcastSignal": lambda: workflow.broadcast_signal("told"),
    }
    faulty.faults.lose_answer(rpc, times=1)
    with pytest.raises(CommandFailed) as caught:
        await calls[rpc]()
    assert caught.value.executed == "unknown"
    assert faulty.faults.hits[rpc] == 1


async def test_a_command_that_may_be_repeated_remembers_that_a_try_may_have_worked(faulty):
    workflow = await faulty.work(hang)
    instance = await workflow.start_process(faulty.id)
    faulty.faults.lose_answer("CancelProcessInstance", times=1)
    with pytest.raises(CommandFailed) as caught:
        await workflow.cancel_process(instance.key)
    assert (caught.value.status, caught.value.executed) == ("NOT_FOUND", "unknown")
    with pytest.raises(CommandFailed) as caught:
        await workflow.cancel_process(instance.key)
    assert (caught.value.status, caught.value.executed) == ("NOT_FOUND", "no")


async def test_an_event_that_could_not_leave_says_so_too(faulty):
    workflow = await faulty.work(hang, command_timeout=timedelta(seconds=0.2))
    await faulty.proxy.cut()
    with pytest.raises(EventNotPublished):
        # The line may not know of its end yet, and what is written to it counts as sent.
        await workflow.publish_event("told")
    with pytest.raises(EventNotPublished) as caught:
        await workflow.publish_event("told")
    assert caught.value.executed == "no"


async def test_waiting_for_the_end_claims_no_start_that_nobody_has_confirmed(faulty):
    workflow = await faulty.work(hang)
    faulty.faults.fail("CreateProcessInstanceWithResult", "DEADLINE_EXCEEDED", times=1)
    with pytest.raises(WaitTimedOut, match="if it was started: look before you start it again"):
        await workflow.start_process_and_wait(faulty.id, timeout=5)
