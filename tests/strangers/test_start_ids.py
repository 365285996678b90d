"""A start that is asked for twice: once for a start id, or a sentence why that cannot be."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.diagrams import BY_HAND_OR_MESSAGE, bpmn
from tests.support.waiting import until

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime import (
    ConfigurationError,
    EventNotPublished,
    WorkflowBuilder,
    WorkflowSettings,
)

PLAIN = """
    start start
    service ship job=ship
    end end
    start -> ship -> end
    """
SEVERAL = """
    start ordered message=ordered
    start returned message=returned
    end end
    ordered -> end
    returned -> end
    """
NAMED = """
    start requested 'message=="ordered"'
    end end
    requested -> end
    """
DIAGRAMS = {"order": BY_HAND_OR_MESSAGE, "depot": PLAIN, "goods": SEVERAL, "named": NAMED}


class Shop:
    """A service of three processes, and an engine whose answers can be lost."""

    def __init__(self, folder, server, faults, clock):
        for name, text in DIAGRAMS.items():
            (folder / f"{name}.bpmn").write_bytes(bpmn(text, name))
        self.faults, self.clock, self.started = faults, clock, asyncio.Queue()
        settings = WorkflowSettings(
            service_name="shop",
            address=f"http://127.0.0.1:{server.port}",
            command_timeout=timedelta(seconds=2),
        )
        self.builder = WorkflowBuilder(settings=settings).with_process(folder)
        self.builder.with_handler("order_pay", self.pay)

    async def pay(self, task):
        await self.started.put(task.scope)

    async def all_started(self, workflow):
        """The scopes of what was started before this, in any order."""
        last = {"last": True}
        await workflow.start_process("order", last)
        found = []
        async with asyncio.timeout(30):
            while not found or found[-1] != last:
                found.append(dict(await self.started.get()))
        return found[:-1]


@pytest.fixture
async def shop(tmp_path):
    faults, clock = Faults(names=RPCS), ControlledClock()
    server = await serve(Engine(clock), faults=faults)
    yield Shop(tmp_path, server, faults, clock)
    await server.stop()


async def test_a_start_id_starts_once_and_says_that_the_second_call_was_one(shop):
    async with shop.builder.running() as workflow:
        first = await workflow.start_process_once("order", "42", {"n": 1})
        again = await workflow.start_process_once("order", "42", {"n": 1})
        other = await workflow.start_process_once("order", "43", {"n": 2})
        assert await shop.all_started(workflow) == [{"n": 1}, {"n": 2}]
    assert [each.duplicate for each in (first, again, other)] == [False, True, False]
    assert (again.name, again.event_id) == ("order_requested", "42")


async def test_whatever_becomes_of_the_answers_the_caller_may_ask_again(shop):
    async with shop.builder.running() as workflow:
        shop.faults.lose_answer("PublishMessage", times=3)
        for _ in range(3):
            await workflow.start_process_once("order", "42", {"n": 1})
        shop.faults.fail("PublishMessage", times=-1)
        with pytest.raises(EventNotPublished):
            await workflow.start_process_once("order", "43", {"n": 2})
        shop.faults.clear()
        await workflow.start_process_once("order", "43", {"n": 2})
        assert await shop.all_started(workflow) == [{"n": 1}, {"n": 2}]


async def test_a_start_id_is_forgotten_after_its_time_to_live(shop):
    async with shop.builder.running() as workflow:
        for _ in range(2):
            await workflow.start_process_once("order", "42", {"n": 1}, time_to_live=60)
            assert await shop.all_started(workflow) == [{"n": 1}]
            # A job whose completion is under way would be given away again after that time.
            await until(lambda: not workflow.health().types["order_pay"].running)
            shop.clock.advance(timedelta(seconds=61))


async def test_many_at_once_are_one(shop):
    async with shop.builder.running() as workflow:
        calls = (workflow.start_process_once("order", "42", {"n": 1}) for _ in range(30))
        ends = await asyncio.gather(*calls)
        assert await shop.all_started(workflow) == [{"n": 1}]
    assert sum(not each.duplicate for each in ends) == 1


@pytest.mark.parametrize(
    ("process_id", "options", "words"),
    [
        ("depot", {}, "process depot cannot be started once.*message start event"),
        ("goods", {}, "process goods begins with one of ordered, returned"),
        ("elsewhere", {}, "process elsewhere is in none of this service's diagrams"),
        ("order", {"time_to_live": 0}, "order_requested: a start id is known for the time to live"),
        ("order", {"time_to_live": 0.0009}, "order_requested: a start id is known for the time to"),
        ("order", {"time_to_live": "1h"}, "order_requested: time_to_live is '1h'; give seconds"),
        ("order", {"time_to_live": float("nan")}, "order_requested: time_to_live is nan"),
        ("named", {}, "process named begins with one of =.*publish the one that is meant"),
        ("order", {"start_id": ""}, "order_requested: the start id is empty"),
    ],
)
async def test_what_cannot_be_promised_is_refused_with_a_sentence(shop, process_id, options, words):
    async with shop.builder.running() as workflow:
        with pytest.raises(ConfigurationError, match=words):
            await workflow.start_process_once(process_id, **{"start_id": "42", **options})
        assert await shop.all_started(workflow) == []
