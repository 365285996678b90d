"""Services that start twice, stop half-way, and say something when nobody expects it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from loguru import logger
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import Unavailable
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox


class Line(EmbeddedGateway):
    """An engine that notes the messages it is given; ``away`` it takes none."""

    def __init__(self):
        super().__init__(Engine())
        self.names, self.scopes, self.away = [], [], False

    async def publish_message(self, name, correlation_key, scope, **options):
        if self.away:
            raise Unavailable("away")
        self.names.append(name)
        self.scopes.append(dict(scope))
        return await super().publish_message(name, correlation_key, scope, **options)


class Ends(Observer):
    def __init__(self):
        self.seen = []

    def event_published(self, name, outcome):
        self.seen.append((name, outcome, threading.current_thread()))


class Hook:
    """Says something as it starts and as it stops."""

    def __init__(self, name="hook", error=None):
        self.name, self.error, self.calls = name, error, []

    async def start(self, workflow):
        self.workflow = workflow
        self.calls.append("start")
        if self.error:
            raise self.error
        assert workflow.publish_later(f"{self.name}_started")

    async def stop(self):
        self.calls.append("stop")
        if not self.error:
            assert self.workflow.publish_later(f"{self.name}_stopped")


@pytest.fixture
async def line():
    return Line()


@pytest.fixture
def ends():
    return Ends()


def builder_of(line, *observers, **settings):
    made = WorkflowSettings(
        service_name="test", long_poll=0.02, command_timeout=timedelta(seconds=1), **settings
    )
    return WorkflowBuilder(settings=made, gateway=line, observers=observers)


@pytest.fixture
def errors():
    found = []
    sink = logger.add(found.append, level="ERROR", format="{message}")
    yield found
    logger.remove(sink)


async def write(outbox, *names):
    async with outbox.engine.begin() as transaction:
        for name in names:
            await outbox.publish(transaction, name)


def with_outbox(builder, outbox):
    return builder.with_outbox(outbox, create_table=True, interval=timedelta(seconds=0.05))


async def test_the_outbox_is_sent_in_the_second_run_of_a_builder_too(line, tmp_path):
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    builder = with_outbox(builder_of(line), outbox)
    await outbox.create_table()
    for name in ("first", "second", "third"):
        async with builder.running():
            await write(outbox, name)
            await until(lambda name=name: name in line.names)
    assert line.names == ["first", "second", "third"]


def test_each_run_may_have_an_event_loop_of_its_own(tmp_path):
    sent = []
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    line = Line()
    line.names = sent
    builder = with_outbox(builder_of(line), outbox)

    async def once(name):
        await outbox.create_table()
        async with builder.running() as workflow:
            await write(outbox, name)
            assert workflow.publish_later(f"{name}_buffered")
            await until(lambda: name in sent)

    for name in ("first", "second"):
        asyncio.run(once(name))
    assert sorted(sent) == ["first", "first_buffered", "second", "second_buffered"]


async def test_a_builder_that_runs_twice_at_once_stops_each_run_by_itself(line, tmp_path):
    outbox = Outbox(create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}"))
    await outbox.create_table()
    builder = with_outbox(builder_of(line), outbox)
    async with builder.running():
        async with builder.running():
            pass
        await write(outbox, "after")
        await until(lambda: line.names == ["after"])
    await outbox.engine.dispose()


async def test_two_services_in_one_process_buffer_by_themselves(line):
    async with builder_of(line).running() as first, builder_of(line).running() as second:
        await first.stop()
        assert not first.publish_later("a")
        assert second.publish_later("b")
    assert line.names == ["b"]


async def test_a_def_handler_publishes_later(line, ends):
    def work(task):
        return {"taken": workflow.publish_later("told")}

    await line.deploy([one_task("p", "work")])
    async with builder_of(line, ends).with_handler("p_work", work).running() as workflow:
        assert (await workflow.start_process_and_wait("p"))["taken"] is True
    assert line.names == ["told"]
    assert [each[:2] for each in ends.seen] == [("told", "published")]


async def test_many_threads_and_other_loops_publish_later_and_none_is_lost(line):
    async def in_another_loop(number):
        return workflow.publish_later(f"loop{number}")

    def say(number):
        if number % 2:
            return workflow.publish_later(f"thread{number}")
        return asyncio.run(in_another_loop(number))

    async with builder_of(line).running() as workflow:
        with ThreadPoolExecutor(8) as pool:
            loop = asyncio.get_running_loop()
            taken = await asyncio.gather(*(loop.run_in_executor(pool, say, n) for n in range(100)))
    assert all(taken)
    assert len(set(line.names)) == 100


async def test_a_thread_that_finds_no_room_is_told_and_observers_stay_on_the_loop(line, ends):
    line.away = True
    async with builder_of(line, ends, event_buffer=1).running() as workflow:
        taken = [await asyncio.to_thread(workflow.publish_later, name) for name in "ab"]
        await until(lambda: ends.seen)
        line.away = False
    assert taken == [True, False]
    assert [each[:2] for each in ends.seen] == [("b", "dropped"), ("a", "published")]
    assert {each[2] for each in ends.seen} == {threading.current_thread()}


async def test_handlers_find_what_lifespan_hooks_have_opened_and_not_yet_closed(line):
    await line.deploy([one_task("p", "work")])
    seen = []

    class Pool:
        open = False

        async def start(self, workflow):
            # The job is there before: a handler that ran now would find nothing.
            await workflow.start_process("p", {})
            for _ in range(20):
                await asyncio.sleep(0)
            self.open = True

        async def stop(self):
            self.open = False

    pool = Pool()

    async def work():
        seen.append(pool.open)
        await asyncio.sleep(0)
        seen.append(pool.open)

    builder = builder_of(line).with_lifespan_hook(pool).with_handler("p_work", work)
    async with builder.running():
        await until(lambda: seen)
    assert seen == [True, True]


async def test_lifespan_hooks_may_publish_as_they_start_and_as_they_stop(line):
    async with builder_of(line).with_lifespan_hook(Hook()).running():
        pass
    assert line.names == ["hook_started", "hook_stopped"]


async def test_after_the_stop_an_event_is_refused_and_reported(line, ends, errors):
    async with builder_of(line, ends).running() as workflow:
        pass
    assert workflow.publish_later("late", event_id="mine") is False
    assert await asyncio.to_thread(workflow.publish_later, "later") is False
    await until(lambda: len(ends.seen) == 2)
    assert [each[:2] for each in ends.seen] == [("late", "dropped"), ("later", "dropped")]
    assert "event late (mine) was dropped: the service has ended" in errors[0]


async def test_a_service_that_never_said_anything_refuses_after_its_stop_too(line, ends):
    async with builder_of(line, ends).running() as workflow:
        assert await workflow.stop() == 0
        assert await workflow.stop() == 0
        assert workflow.publish_later("late") is False
    assert [each[:2] for each in ends.seen] == [("late", "dropped")]


def test_when_the_loop_is_gone_an_event_is_refused_and_named(ends, errors):
    async def run():
        line = Line()
        async with builder_of(line, ends).running() as workflow:
            return workflow

    workflow = asyncio.run(run())
    assert workflow.publish_later("late") is False
    assert "event late (" in errors[0]


async def test_what_cannot_leave_in_time_is_reported_by_name(line, ends, errors):
    line.away = True
    workflow = await builder_of(line, ends).run()
    for name in "abc":
        assert workflow.publish_later(name)
    await workflow.stop(grace=0)
    assert [each[:2] for each in ends.seen] == [(name, "dropped") for name in "abc"]
    assert [line.partition(" (")[0] for line in errors] == ["event a", "event b", "event c"]


async def test_what_waits_at_the_stop_leaves_when_the_engine_comes_back_within_the_grace(line):
    line.away = True
    workflow = await builder_of(line).run()
    assert workflow.publish_later("a")
    stopping = asyncio.create_task(workflow.stop(grace=60))
    await asyncio.sleep(0)
    line.away = False
    await stopping
    assert line.names == ["a"]


async def test_an_event_is_sent_as_it_was_when_it_was_given(line):
    basket = {"items": ["book"]}
    async with builder_of(line).running() as workflow:
        assert workflow.publish_later("bought", scope=basket)
        basket["items"].append("pen")
    assert line.scopes == [{"items": ["book"]}]


async def test_a_scope_that_is_no_json_is_refused_at_the_call(line, ends, errors):
    async with builder_of(line, ends).running() as workflow:
        assert workflow.publish_later("odd", scope={"lock": threading.Lock()}) is False
    assert [each[:2] for each in ends.seen] == [("odd", "dropped")]
    assert "event odd (" in errors[0]


async def test_a_start_that_fails_half_way_stops_what_had_begun_and_can_begin_again(line):
    good, bad, never = Hook("good"), Hook("bad", OSError("no")), Hook("never")
    builder = builder_of(line)
    for hook in (good, bad, never):
        builder.with_lifespan_hook(hook)
    with pytest.raises(OSError, match="no"):
        await builder.run()
    assert (good.calls, bad.calls, never.calls) == (["start", "stop"], ["start", "stop"], [])
    bad.error = None
    async with builder.running():
        pass
    assert never.calls == ["start", "stop"]
    assert line.names[:2] == ["good_started", "good_stopped"]
    assert line.names[-3:] == ["never_stopped", "bad_stopped", "good_stopped"]
