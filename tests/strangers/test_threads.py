"""The control interface in handlers and in threads: it waits, or it says where it would never."""

import asyncio
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from tests.support.one_handler import serving

from workflow_runtime import CommandFailed, SyncWorkflow, TaskHandlerConfig, Workflow, WrongPlace
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.task import WorkflowTask

AGAIN = TaskHandlerConfig(retry_timeout=timedelta(0), incident_max_retries=3)


def messages(stand):
    """The ids of the events that the engine has taken, in their order."""
    records = stand.engine.records
    return [
        each.value["messageId"]
        for each in records
        if each.value_type == "MESSAGE" and each.intent == "PUBLISHED"
    ]


async def elsewhere(function, *args):
    """Calls in a thread that the runtime knows nothing of."""
    ended = asyncio.get_running_loop().create_future()

    def call():
        try:
            give, value = ended.set_result, function(*args)
        except Exception as error:  # noqa: BLE001 - the other thread hears it
            give, value = ended.set_exception, error
        ended.get_loop().call_soon_threadsafe(give, value)

    threading.Thread(target=call).start()
    return await ended


async def test_an_async_handler_publishes_by_its_task():
    async def work(task):
        await task.workflow.publish_event("paid", correlation_key="1")

    async with serving(work) as stand:
        await stand.start()
        (end,) = await stand.ended()
        assert (end.intent, len(messages(stand))) == ("COMPLETED", 1)


async def test_a_def_handler_publishes_by_its_task():
    def work(task):
        return {"outcome": task.sync_workflow.publish_event("paid").outcome}

    async with serving(work) as stand:
        await stand.start()
        (end,) = await stand.ended()
        assert (end.variables, len(messages(stand))) == ({"outcome": "published"}, 1)


def publish(task):
    task.sync_workflow.publish_event("paid", correlation_key="1")


def publish_in_a_thread(task):
    thread = threading.Thread(target=publish, args=[task])
    thread.start()
    thread.join()


def publish_in_a_pool(task):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(publish, task).result()


def publish_by_an_interface_from_outside(task):
    sync = task.sync_workflow
    with ThreadPoolExecutor(1) as pool:
        pool.submit(sync.publish_event, "paid", correlation_key="1").result()


async def publish_in_the_default_pool(task):
    await asyncio.get_running_loop().run_in_executor(None, publish, task)


async def publish_beside(task):
    await asyncio.to_thread(publish, task)


async def publish_by_the_task(task):
    await asyncio.gather(task.workflow.publish_event("paid", correlation_key="1"))


def publish_later(task):
    assert task.sync_workflow.publish_later("paid", correlation_key="1")


@pytest.mark.parametrize(
    "way",
    [
        publish,
        publish_in_a_thread,
        publish_in_a_pool,
        publish_by_an_interface_from_outside,
        publish_in_the_default_pool,
        publish_beside,
        publish_by_the_task,
        publish_later,
    ],
)
async def test_a_handler_that_runs_again_publishes_nothing_twice(way):
    if inspect.iscoroutinefunction(way):

        async def work(task):
            await way(task)
            if task.attempt == 1:
                raise OSError("once more")
    else:

        def work(task):
            way(task)
            if task.attempt == 1:
                raise OSError("once more")

    async with serving(work, AGAIN) as stand:
        await stand.start()
        assert [end.intent for end in await stand.ended(2)] == ["FAILED", "COMPLETED"]
        await stand.workflow.publish_event("paid", correlation_key="1", event_id="the last one")
        assert len(messages(stand)) == 2


async def said(work):
    """What the incident of a handler says."""
    once = TaskHandlerConfig(incident_max_retries=1)
    async with serving(work, once) as stand:
        await stand.start()
        (end,) = await stand.ended()
        assert end.is_incident
        return end.message


async def test_coroutines_in_the_thread_of_a_def_handler_are_refused():
    def work(task):
        task.workflow.publish_event("paid")

    assert "task.sync_workflow" in await said(work)


async def test_a_loop_that_a_def_handler_makes_for_itself_is_not_the_services():
    def work(task):
        async def work_there():
            await task.workflow.publish_event("paid")

        asyncio.run(work_there())

    assert "task.sync_workflow" in await said(work)


async def test_a_call_that_blocks_on_the_event_loop_is_refused():
    async def work(task):
        task.sync_workflow.publish_event("paid")

    assert "await" in await said(work)


@pytest.mark.parametrize("name", ["workflow", "sync_workflow"])
async def test_a_task_that_a_test_has_made_says_that_it_has_no_workflow(name):
    job = ActivatedJob(1, "a", 1, "p", 1, 1, "e", 1, {}, "w", 3, 0, {})
    with pytest.raises(WrongPlace, match="no workflow"):
        getattr(WorkflowTask(job), name)


async def test_a_test_can_give_its_task_a_workflow():
    async with serving(publish) as stand:
        job = ActivatedJob(1, "a", 1, "p", 1, 1, "e", 1, {}, "w", 3, 0, {})
        task = WorkflowTask(job, workflow=stand.workflow)
        assert task.workflow is stand.workflow
        await asyncio.to_thread(publish, task)
        assert len(messages(stand)) == 1


async def test_other_threads_use_every_command():
    def use(sync):
        instance = sync.start_process("order", {"a": 1})
        sync.set_scope(instance.key, {"b": 2})
        sync.broadcast_signal("all")
        sync.deployed()
        assert sync.publish_event("paid", scope={"c": 3}).outcome == "published"
        assert sync.publish_later("paid")
        assert sync.health().live
        sync.cancel_process(instance.key)
        with pytest.raises(CommandFailed):
            sync.cancel_process(instance.key)
        with pytest.raises(CommandFailed):
            sync.update_retries(instance.key, 2)
        with pytest.raises(CommandFailed):
            sync.resolve_incident(instance.key)
        return sync.start_process_and_wait("order", {"d": 4}, timeout=timedelta(minutes=1))

    async def work(task):
        if "a" in task.scope:
            await task.shutdown.wait()
        return {"done": True}

    async with serving(work) as stand:
        assert await elsewhere(use, stand.workflow.sync) == {"d": 4, "done": True}


def test_the_blocking_methods_are_those_of_the_workflow():
    def public(kind):
        return {name for name in dir(kind) if not name.startswith("_")}

    left_out = {"sync", "sync_in", "start_lifespan_hooks", "stopped", "carry"}
    assert public(Workflow) - public(SyncWorkflow) == left_out
    for name in public(SyncWorkflow):
        mine, its = getattr(SyncWorkflow, name), getattr(Workflow, name)
        assert inspect.signature(mine) == inspect.signature(its), name
        assert mine.__doc__, name


async def test_coroutines_on_the_loop_of_another_thread_are_refused():
    async with serving(publish) as stand:
        for call in (
            lambda: stand.workflow.publish_event("paid"),
            lambda: stand.workflow.start_process("order"),
            lambda: stand.workflow.cancel_process(1),
            lambda: stand.workflow.broadcast_signal("all"),
            lambda: stand.workflow.resolve_incident(1),
            stand.workflow.stop,
        ):
            with pytest.raises(WrongPlace, match=r"workflow\.sync"):
                await elsewhere(lambda call=call: asyncio.run(call()))


async def test_who_sends_a_coroutine_to_the_services_loop_may_do_so():
    async with serving(publish) as stand:
        loop = asyncio.get_running_loop()

        def send():
            call = stand.workflow.publish_event("paid")
            return asyncio.run_coroutine_threadsafe(call, loop).result(60)

        assert (await elsewhere(send)).outcome == "published"


async def test_a_service_that_has_stopped_says_so_to_a_thread():
    async with serving(publish) as stand:
        sync = stand.workflow.sync
    with pytest.raises(CommandFailed, match=r"stopped|closed"):
        await elsewhere(sync.start_process, "order")
    assert await elsewhere(sync.stop) == 0


def run_services(kept, work):
    async def main():
        async with serving(publish) as stand:
            kept.append(stand.workflow)
            await work(stand)

    asyncio.run(main())


def test_a_loop_that_has_ended_is_named():
    async def nothing(_):
        pass

    kept = []
    run_services(kept, nothing)
    with pytest.raises(CommandFailed, match="stopped"):
        kept[0].sync.start_process("order")
    with pytest.raises(WrongPlace, match="has ended"):
        asyncio.run(kept[0].start_process("order"))
    assert asyncio.run(kept[0].stop()) == 0


def test_a_loop_that_nobody_runs_is_named():
    loop = asyncio.new_event_loop()
    context = serving(publish)
    stand = loop.run_until_complete(context.__aenter__())
    with pytest.raises(WrongPlace, match="nobody runs"):
        stand.workflow.sync.start_process("order")
    loop.run_until_complete(context.__aexit__(None, None, None))
    loop.close()


def test_a_wait_ends_with_the_loop_that_it_waits_for():
    heard = []

    async def leave(stand):
        sent = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wait():
            loop.call_soon_threadsafe(loop.call_soon_threadsafe, sent.set)
            try:
                stand.workflow.sync.start_process_and_wait("order", timeout=60)
            except Exception as error:  # noqa: BLE001 - the other thread hears it
                heard.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        threads.append(thread)
        await sent.wait()
        raise SystemExit(3)

    threads = []
    with pytest.raises(SystemExit):
        run_services([], leave)
    threads[0].join(60)
    assert isinstance(heard[0], CommandFailed)
