"""How middlewares call what is inside of them: once more, at once, unawaited, too late."""

import asyncio
import threading
import time
from datetime import timedelta

import pytest
from tests.strangers.around import nothing, passing, run
from tests.support.diagrams import one_task
from tests.support.waiting import PATIENCE

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowIncident


async def again(task, call_next):
    for _ in range(2):
        try:
            return await call_next(task)
        except ConnectionError:
            task.logger.info("once more")
    return await call_next(task)


@pytest.mark.parametrize("in_thread", [False, True], ids=["async def", "def"])
async def test_a_middleware_may_call_once_more_after_the_first_end(in_thread):
    calls = []

    def handle(task):
        calls.append(task)
        if len(calls) < 3:
            raise ConnectionError
        return {"calls": len(calls)}

    async def handle_on_loop(task):
        return handle(task)

    assert (await run(handle if in_thread else handle_on_loop, again)).scope == {"calls": 3}


async def test_threads_of_a_handler_that_is_called_once_more_publish_the_same_events():
    gateway, ids = EmbeddedGateway(Engine()), []
    builder = WorkflowBuilder("shop", gateway=gateway)

    def publish(task):
        event = task.sync_workflow.publish_event("paid", time_to_live=60)
        ids.append((event.event_id, event.outcome))

    async def with_a_thread(task, call_next):
        await asyncio.to_thread(in_a_thread, task)
        return await again(task, call_next)

    def in_a_thread(task):
        thread = threading.Thread(target=publish, args=[task])
        thread.start()
        thread.join()

    @builder.task("pay", middleware=[with_a_thread])
    def pay(task):
        in_a_thread(task)
        if len(ids) < 4:
            raise ConnectionError

    await gateway.deploy([one_task("order", "pay", "pay")])
    async with builder.running() as workflow:
        await workflow.start_process_and_wait("order", {}, timeout=PATIENCE)
    (own, _), (first, _), *others = ids
    assert own != first
    assert others == [(first, "duplicate")] * 2


async def test_two_calls_at_once_are_an_incident_and_the_handler_does_not_run_twice():
    running = []

    async def both(task, call_next):
        return (await asyncio.gather(call_next(task), call_next(task)))[0]

    async def hedged(task, call_next):
        first = asyncio.create_task(call_next(task))
        await asyncio.sleep(0)
        return await call_next(task) or await first

    async def handle(task):
        running.append(task)
        try:
            await asyncio.sleep(PATIENCE)
        finally:
            running.append("ended")

    for middleware in (both, hedged):
        running.clear()
        outcome = await run(handle, middleware)
        assert outcome.kind == "incident"
        assert (
            f"{middleware.__qualname__} called the handler while it was running" in outcome.message
        )
        assert running[1:] in ([], ["ended"])


async def not_awaited(task, call_next):
    return call_next(task)


async def thrown_away(task, call_next):
    call_next(task)
    return {"paid": True}


async def left_behind(task, call_next):
    asyncio.create_task(call_next(task))  # noqa: RUF006 - what people write
    return {"accepted": True}


RELEASED = threading.Event()


async def left_running(task, call_next):
    called = asyncio.ensure_future(call_next(task))
    await asyncio.wait({called}, timeout=0.01)
    # Behind the end of this middleware: no thread of a handler may come to its end before.
    asyncio.get_running_loop().call_soon(RELEASED.set)
    return {"accepted": True}


@pytest.mark.parametrize(
    "middleware", [not_awaited, thrown_away, left_behind, left_running], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("in_thread", [False, True], ids=["async def", "def"])
@pytest.mark.filterwarnings("error")
async def test_a_call_that_is_not_awaited_is_an_incident_and_nothing_goes_on(middleware, in_thread):
    begun, ended = [], []

    async def handle_on_loop(task):
        begun.append(task)
        try:
            await asyncio.sleep(PATIENCE)
        finally:
            ended.append(task)

    def handle(task):
        begun.append(task)
        RELEASED.wait(PATIENCE)
        ended.append(task)

    RELEASED.clear()
    outcome = await run(handle if in_thread else handle_on_loop, middleware)
    assert outcome.kind == "incident"
    assert "ended before the handler that it had called: return await call_next(task)" in (
        outcome.message
    )
    assert len(begun) == len(ended)


async def test_a_call_after_the_end_is_refused():
    kept = []

    async def keep(task, call_next):
        kept.extend((task, call_next))
        return await call_next(task)

    assert (await run(nothing, keep)).kind == "completed"
    task, call_next = kept
    with pytest.raises(WorkflowIncident, match="after its own end"):
        await call_next(task)


@pytest.mark.parametrize("given", [None, {"amount": 1}, "another"])
async def test_a_call_without_the_task_is_an_incident(given):
    other = []

    async def keep(task, call_next):
        other.append(task)
        return await call_next(task)

    async def wrong(task, call_next):
        return await call_next(other[0] if given == "another" else given)

    environment = TaskEnvironment()
    await environment.run(nothing, config=TaskHandlerConfig(middleware=(keep,)))
    outcome = await environment.run(nothing, config=TaskHandlerConfig(middleware=(wrong,)))
    assert outcome.kind == "incident"
    assert "called the handler without its task" in outcome.message


async def in_a_hurry(task, call_next):
    return await asyncio.wait_for(call_next(task), 0.01)


async def test_a_timeout_of_a_middleware_ends_a_coroutine():
    async def handle(task):
        await asyncio.sleep(PATIENCE)

    outcome = await run(handle, in_a_hurry)
    assert (outcome.kind, "TimeoutError" in outcome.message) == ("retry", True)


async def test_a_timeout_of_a_middleware_waits_for_a_thread_which_nobody_can_end():
    ended = threading.Event()

    def handle(task):
        time.sleep(0.1)
        ended.set()
        return {"done": True}

    outcome = await run(handle, in_a_hurry)
    assert ended.is_set()
    assert outcome.scope == {"done": True}


async def in_a_task(task, call_next):
    return await asyncio.create_task(call_next(task))


async def in_a_group(task, call_next):
    async with asyncio.TaskGroup() as group:
        called = group.create_task(call_next(task))
    return called.result()


@pytest.mark.parametrize("middleware", [passing, in_a_hurry, in_a_task, in_a_group])
@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), StopIteration(1)])
@pytest.mark.parametrize("in_thread", [False, True], ids=["async def", "def"])
async def test_an_exit_of_a_handler_ends_no_service_in_whatever_task_it_is_called(
    middleware, error, in_thread
):
    def handle(task):
        raise error

    async def handle_on_loop(task):
        raise error

    outcome = await run(handle if in_thread else handle_on_loop, middleware)
    assert outcome.kind == "retry"
    assert type(error).__name__ in outcome.message


async def test_a_stop_of_the_service_still_hands_back_what_runs_in_a_thread():
    release, begun = threading.Event(), threading.Event()

    def handle(task):
        begun.set()
        release.wait(PATIENCE)

    environment = TaskEnvironment()
    execution = environment.start(handle, config=TaskHandlerConfig(middleware=(passing,)))
    await asyncio.to_thread(begun.wait, PATIENCE)
    async with asyncio.timeout(PATIENCE / 2):
        outcome = await execution.shut_down()
    release.set()
    assert outcome.kind == "handed_back"


async def test_a_stop_of_the_service_cancels_middlewares_too():
    async def slow(task, call_next):
        await asyncio.sleep(PATIENCE)
        return await call_next(task)

    environment = TaskEnvironment()
    execution = environment.start(nothing, config=TaskHandlerConfig(middleware=(slow,)))
    await asyncio.sleep(0)
    assert (await execution.shut_down()).kind == "handed_back"


async def test_a_handler_that_is_called_once_more_publishes_the_same_events():
    gateway, ids = EmbeddedGateway(Engine()), []
    builder = WorkflowBuilder("shop", gateway=gateway)

    async def publishing(task, call_next):
        # Of the same name as the handler's: none of them takes the place of another.
        await publish("outer")
        try:
            return await call_next(task)
        except ConnectionError:
            await publish("outer")
            return await call_next(task)

    async def publish(who):
        event = await workflow.publish_event("paid", time_to_live=60)
        ids.append((who, event.event_id.rpartition("-")[2], event.outcome))

    @builder.task("pay", middleware=[publishing, passing], retry_timeout=timedelta(0))
    async def pay(task):
        await publish("handler")
        await publish("handler")
        if len(ids) < 10:
            raise ConnectionError

    await gateway.deploy([one_task("order", "pay", "pay", "retries=3")])
    async with builder.running() as workflow:
        await workflow.start_process_and_wait("order", {}, timeout=PATIENCE)
    first = [("outer", "1.1"), ("handler", "1"), ("handler", "2"), ("outer", "1.2")]
    assert [each[:2] for each in ids[:6]] == [*first, ("handler", "1"), ("handler", "2")]
    # The job's second attempt: everything is a duplicate by now.
    assert [each[:2] for each in ids[6:]] == [each[:2] for each in ids[: len(ids) - 6]]
    assert [each[2] for each in ids[:4]] == ["published"] * 4
    assert {each[2] for each in ids[4:]} == {"duplicate"}
