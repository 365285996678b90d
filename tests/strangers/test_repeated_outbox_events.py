"""The same id written twice: one event for as long as the engine knows it, and that is said."""

import asyncio
from datetime import timedelta

import pytest
from loguru import logger
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from tests.support.outboxes import Line, drain, relay_of, rows

from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox, Relay, outbox_table

HOUR = timedelta(hours=1)


class Ends(Observer):
    def __init__(self):
        self.seen = []

    def event_published(self, name, outcome):
        self.seen.append((name, outcome))


@pytest.fixture
def lines():
    found = []
    sink = logger.add(
        lambda line: found.append((line.record["level"].name, line.record["message"])), level="INFO"
    )
    yield found
    logger.remove(sink)


async def write(outbox, name, **options):
    async with outbox.engine.begin() as transaction:
        return await outbox.publish(transaction, name, correlation_key="1", **options)


async def test_a_known_id_is_a_duplicate_that_is_told_and_counted(outbox, lines):
    counted = []
    outbox.told = lambda name, outcome: counted.append((name, outcome))
    first = await write(outbox, "paid", event_id="mine", scope={"amount": 5})
    again = await write(outbox, "paid", event_id="mine", scope={"amount": 5})
    assert (first.outcome, again.outcome) == ("written", "duplicate")
    assert (first.duplicate, again.duplicate) == (False, True)
    assert counted == [("paid", "duplicate")]
    ((level, line),) = lines
    assert level == "INFO"
    assert "event paid (mine) is a duplicate" in line


async def test_two_facts_with_one_id_are_told_as_what_they_are(outbox, lines):
    await write(outbox, "paid", event_id="mine", scope={"amount": 5, "by": "card"})
    other = await write(outbox, "paid", event_id="mine", scope={"amount": 6, "by": "card"})
    assert other.duplicate
    ((level, line),) = lines
    assert level == "WARNING"
    assert "another content: an id belongs to one fact" in line
    assert "6" not in line


async def test_a_trace_makes_no_other_content(outbox, lines):
    outbox.carry = lambda scope: {**scope, "trace": len(lines)}
    for _ in range(2):
        await write(outbox, "paid", event_id="mine", scope={"amount": 5})
    assert [level for level, _ in lines] == ["INFO"]


async def test_an_id_is_known_for_the_time_to_live_as_it_is_at_the_engine(outbox, clock):
    line = Line()
    relay = relay_of(outbox, line)
    first = {"event_id": "mine", "time_to_live": HOUR}
    assert not (await write(outbox, "paid", **first)).duplicate
    clock.seconds += 7200
    assert (await write(outbox, "paid", **first)).duplicate, "it has not been sent yet"
    await drain(relay)
    clock.seconds += 3599
    assert (await write(outbox, "paid", **first)).duplicate
    clock.seconds += 2
    assert not (await write(outbox, "paid", **first)).duplicate
    assert (await write(outbox, "paid", **first)).duplicate
    await drain(relay)
    assert line.names == ["paid", "paid"]


async def test_an_id_that_comes_again_takes_its_place_behind_the_others_of_its_key(outbox, clock):
    line = Line()
    relay = relay_of(outbox, line)
    await write(outbox, "paid", event_id="mine", time_to_live=HOUR)
    await drain(relay)
    clock.seconds += 3601
    for name in ("first", "paid", "last"):
        await write(outbox, name, event_id="mine", time_to_live=HOUR)
    await drain(relay)
    assert line.names == ["paid", "first", "paid", "last"]
    assert len({row[0] for row in await rows(outbox, "id")}) == 3


async def test_a_rollback_leaves_the_old_event_and_its_id_as_they_were(outbox, clock):
    await write(outbox, "paid", event_id="mine", time_to_live=HOUR)
    await drain(relay_of(outbox, Line()))
    clock.seconds += 3601
    async with AsyncSession(outbox.engine) as session:
        written = await outbox.publish(session, "paid", correlation_key="1", event_id="mine")
        assert not written.duplicate
        await session.rollback()
    assert await rows(outbox, "state") == [("sent",)]
    assert not (await write(outbox, "paid", event_id="mine")).duplicate


async def test_a_parked_event_keeps_its_id(outbox, clock):
    await write(outbox, "paid", event_id="mine", time_to_live=HOUR)
    line = Line()
    line.refused = {"paid"}
    await drain(relay_of(outbox, line, attempts=1))
    clock.seconds += 7200
    assert (await write(outbox, "paid", event_id="mine", time_to_live=HOUR)).duplicate


async def test_writers_at_once_write_one(outbox):
    written = await asyncio.gather(*(write(outbox, "paid", event_id="mine") for _ in range(8)))
    assert sum(not each.duplicate for each in written) == 1
    assert len(await rows(outbox, "id")) == 1


def test_a_session_that_is_not_asyncios_sees_it_in_the_row_count(tmp_path):
    path = tmp_path / "outbox.db"
    outbox = Outbox(f"sqlite+aiosqlite:///{path}")
    plain = create_engine(f"sqlite:///{path}")
    outbox.table.create(plain)
    with Session(plain) as session:
        counts = [
            session.execute(outbox.statement("paid", event_id=given)).rowcount
            for given in ("mine", "mine", None, None)
        ]
        session.commit()
    plain.dispose()
    assert counts == [1, 0, 1, 1]


async def test_the_service_counts_what_its_outbox_did_not_write(outbox):
    line, ends = Line(), Ends()
    settings = WorkflowSettings(service_name="shop")
    builder = WorkflowBuilder(settings=settings, gateway=line, observers=[ends])
    async with builder.with_outbox(outbox).running():
        for _ in range(2):
            await write(outbox, "paid", event_id="mine")
    assert ("paid", "duplicate") in ends.seen


def test_a_relay_that_is_given_as_a_hook_runs_in_a_second_loop_too(database_url):
    async def run(name):
        engine = create_async_engine(database_url)
        outbox.engine = engine
        await outbox.create_table()
        async with builder.running():
            await write(outbox, name)
            async with asyncio.timeout(30):
                while name not in line.names:
                    line.news.clear()
                    await line.news.wait()
        if name == "second":
            async with engine.begin() as connection:
                await connection.run_sync(outbox.table.drop)
        await engine.dispose()

    line = Line()
    outbox = Outbox(create_async_engine(database_url))
    relay = Relay(outbox, interval=timedelta(seconds=0.05))
    settings = WorkflowSettings(service_name="shop")
    builder = WorkflowBuilder(settings=settings, gateway=line).with_lifespan_hook(relay)
    for name in ("first", "second"):
        line.news = asyncio.Event()
        asyncio.run(run(name))
    assert line.names == ["first", "second"]


def test_an_outbox_made_of_a_url_may_be_used_in_one_loop_after_the_other(database_url, table_name):
    async def run(name):
        await outbox.create_table()
        async with builder.running():
            await write(outbox, name)
            async with asyncio.timeout(30):
                while name not in line.names:
                    line.news.clear()
                    await line.news.wait()

    async def drop():
        async with outbox.engine.begin() as connection:
            await connection.run_sync(outbox.table.drop)
        await outbox.engine.dispose()

    line = Line()
    outbox = Outbox(database_url, table=outbox_table(name=table_name))
    settings = WorkflowSettings(service_name="shop")
    builder = WorkflowBuilder(settings=settings, gateway=line).with_outbox(outbox)
    for name in ("first", "second", "third"):
        line.news = asyncio.Event()
        asyncio.run(run(name))
    asyncio.run(drop())
    assert line.names == ["first", "second", "third"]
