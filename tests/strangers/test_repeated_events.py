"""A fact that comes again is a fact again; the same id is the same event, and that is said."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from enum import Enum
from pathlib import Path
from uuid import UUID

import pytest
from loguru import logger
from tests.support.diagrams import bpmn

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import Unavailable
from workflow_runtime.observers import Observer

WEEK = timedelta(days=7)


class Ids(str, Enum):  # noqa: UP042 - what services of Python 3.10 were written with
    PAID = "paid-1"


class Ends(Observer):
    def __init__(self):
        self.seen = []

    def event_published(self, name, outcome):
        self.seen.append(outcome)


@pytest.fixture
def clock():
    return ControlledClock()


@pytest.fixture
def ends():
    return Ends()


@pytest.fixture
def gateway(clock):
    return EmbeddedGateway(Engine(clock))


@pytest.fixture
def builder(gateway, ends, tmp_path):
    text = """
        start changed message=status
        service note job=note
        end end
        changed -> note -> end
        """
    (tmp_path / "watch.bpmn").write_bytes(bpmn(text, "watch"))
    text = """
        start start
        service do job=work
        end end
        start -> do -> end
        """
    (tmp_path / "work.bpmn").write_bytes(bpmn(text, "work"))
    settings = WorkflowSettings(service_name="test", long_poll=0.02)
    return WorkflowBuilder(settings=settings, gateway=gateway, observers=[ends]).with_process(
        tmp_path
    )


@pytest.fixture
def lines():
    found = []
    sink = logger.add(found.append, level="INFO", format="{message}")
    yield found
    logger.remove(sink)


class Seen:
    """A handler that takes down the facts that started its process."""

    def __init__(self):
        self.facts = asyncio.Queue()

    async def __call__(self, task):
        await self.facts.put(task.scope["is"])

    async def next(self, count):
        async with asyncio.timeout(30):
            return [await self.facts.get() for _ in range(count)]


async def test_a_status_that_changes_to_and_fro_is_a_fact_each_time(builder, clock, ends):
    seen = Seen()
    facts = ["active", "inactive", "active", "inactive"]
    async with builder.with_handler("note", seen.__call__).running() as workflow:
        await workflow.deployed()
        for fact in facts:
            await workflow.publish_event("status", scope={"is": fact}, time_to_live=WEEK)
            clock.advance(timedelta(days=1))
        assert await seen.next(4) == facts
    assert ends.seen == ["published"] * 4


async def test_two_clicks_in_one_second_are_two_facts_for_the_buffer_too(builder, ends):
    seen = Seen()
    async with builder.with_handler("note", seen.__call__).running() as workflow:
        await workflow.deployed()
        for _ in range(2):
            assert workflow.publish_later("status", scope={"is": "clicked"})
        assert await seen.next(2) == ["clicked"] * 2
    assert ends.seen == ["published"] * 2


async def test_a_given_id_that_is_taken_is_told_by_outcome_line_and_metric(builder, ends, lines):
    async with builder.running() as workflow:
        first = await workflow.publish_event("status", scope={"is": "a"}, event_id="mine")
        again = await workflow.publish_event("status", scope={"is": "b"}, event_id="mine")
    assert (first.duplicate, again.duplicate) == (False, True)
    assert (again.outcome, again.event_id) == ("duplicate", "mine")
    assert ends.seen == ["published", "duplicate"]
    assert [line for line in lines if "status" in line and "mine" in line and "duplicate" in line]


async def test_a_given_id_is_free_again_when_the_time_to_live_is_over(builder, clock):
    async with builder.running() as workflow:
        first = await workflow.publish_event("status", event_id="mine", time_to_live=60)
        clock.advance(timedelta(seconds=61))
        later = await workflow.publish_event("status", event_id="mine", time_to_live=60)
    assert (first.duplicate, later.duplicate) == (False, False)


async def test_the_resend_of_a_call_is_no_second_event_and_no_duplicate(builder, gateway, ends):
    published, gateway_publish = [], gateway.publish_message

    async def lose_the_first_answer(*args, **options):
        published.append(options["message_id"])
        key = await gateway_publish(*args, **options)
        if len(published) == 1:
            raise Unavailable("the answer is lost")
        return key

    gateway.publish_message = lose_the_first_answer
    seen = Seen()
    async with builder.with_handler("note", seen.__call__).running() as workflow:
        await workflow.deployed()
        result = await workflow.publish_event("status", scope={"is": "once"})
        assert await seen.next(1) == ["once"]
    assert len(published) == 2
    assert len(set(published)) == 1
    assert result.outcome == "published"
    assert ends.seen == ["published"]
    assert seen.facts.empty()


RERUN = TaskHandlerConfig(retry_timeout=timedelta(0), incident_max_retries=3)


async def test_a_handler_that_runs_again_says_each_of_its_facts_once(builder, ends):
    seen, results = Seen(), []

    async def work(task):
        for fact in ("active", "inactive", "active"):
            result = await workflow.publish_event("status", scope={"is": fact})
            results.append(result)
        if task.attempt == 1:
            raise ValueError("the second half of the work fails")

    builder.with_handler("work", work, RERUN).with_handler("note", seen.__call__)
    async with builder.running() as workflow:
        await workflow.start_process_and_wait("work")
        assert await seen.next(3) == ["active", "inactive", "active"]
    assert [each.duplicate for each in results] == [False] * 3 + [True] * 3
    assert len({each.event_id for each in results}) == 3
    assert ends.seen == ["published"] * 3 + ["duplicate"] * 3


async def test_what_a_def_handler_publishes_has_ids_of_its_job(builder):
    ids = []

    def work(task):
        for _ in range(2):
            call = asyncio.run_coroutine_threadsafe(workflow.publish_event("told"), loop)
            ids.append(call.result(30).event_id)
        if task.attempt == 1:
            raise ValueError("again")

    async with builder.with_handler("work", work, RERUN).running() as workflow:
        loop = asyncio.get_running_loop()
        await workflow.start_process_and_wait("work")
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


async def test_events_of_several_keys_keep_their_ids_whoever_comes_first(builder, ends):
    async def work(task):
        keys = "ab" if task.attempt == 1 else "ba"
        calls = (workflow.publish_event("told", correlation_key=key) for key in keys)
        await asyncio.gather(*calls)
        if task.attempt == 1:
            raise ValueError("again")

    async with builder.with_handler("work", work, RERUN).running() as workflow:
        await workflow.start_process_and_wait("work")
    assert ends.seen == ["published"] * 2 + ["duplicate"] * 2


async def test_what_a_handler_leaves_running_publishes_under_new_ids(builder):
    ids, background = [], []

    async def consume(handled):
        await handled.wait()
        for _ in range(2):
            result = await workflow.publish_event("told")
            ids.append(result.event_id)

    async def work(task):
        ids.append((await workflow.publish_event("told")).event_id)
        if not background:
            handled = asyncio.Event()
            background.append((asyncio.create_task(consume(handled)), handled))
            raise ValueError("again")

    async with builder.with_handler("work", work, RERUN).running() as workflow:
        await workflow.start_process_and_wait("work")
        consumer, handled = background[0]
        handled.set()
        await consumer
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("given", [42, 0, UUID(int=7), Ids.PAID])
async def test_an_id_may_be_whatever_a_service_numbers_its_facts_by(builder, given):
    async with builder.running() as workflow:
        first = await workflow.publish_event("told", event_id=given)
        again = await workflow.publish_event("told", event_id=given)
    assert (first.event_id, again.duplicate) == (str(getattr(given, "value", given)), True)


SCRIPT = """
import sys
from workflow_runtime.publishing.model import make_event
from datetime import timedelta
scope = {"tags": {"a", "b", "c"}, 1: "x", "1": "y", None: object}

print(make_event("status", scope=scope, default_ttl=timedelta(hours=1)).event_id)
"""


def test_an_id_is_made_of_no_content_however_odd_it_is():
    ids = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "1", "2")
    }
    assert len(ids) == 3
