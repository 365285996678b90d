"""Engines that commit or begin in a way of their own, and the transactions of the outbox."""

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.outboxes import Line, drain, relay_of, rows, write

from workflow_runtime.publishing.outbox import Outbox, outbox_table
from workflow_runtime.publishing.outbox.store import Store


def by_setting(url):
    return create_async_engine(url, isolation_level="AUTOCOMMIT")


def by_option(url):
    return create_async_engine(url).execution_options(isolation_level="AUTOCOMMIT")


def by_driver(url):
    of_sqlite = {"connect_args": {"isolation_level": None}} if "sqlite" in url else {}
    return create_async_engine(url, **of_sqlite)


def by_recipe(url):
    """As SQLAlchemy's documentation gives it for SQLite."""
    engine = by_driver(url)
    if "sqlite" in url:
        event.listen(engine.sync_engine, "begin", lambda each: each.exec_driver_sql("BEGIN"))
    return engine


@pytest.fixture(params=[by_setting, by_option, by_driver, by_recipe])
async def two_outboxes(request, database_url, table_name):
    """Of two replicas of one service."""
    engines = [request.param(database_url) for _ in range(2)]
    yield [Outbox(engine, table=outbox_table(name=table_name)) for engine in engines]
    async with engines[0].begin() as connection:
        await connection.run_sync(outbox_table(name=table_name).drop)
    for engine in engines:
        await engine.dispose()


@pytest.fixture
def meanwhile(monkeypatch):
    """Lets others run between a relay's look at the table and its claim."""
    take = Store._take

    async def slowly(*given):
        await asyncio.sleep(0.05)
        await take(*given)

    monkeypatch.setattr(Store, "_take", slowly)


@pytest.mark.usefixtures("meanwhile")
async def test_two_relays_send_each_event_once(two_outboxes):
    first, second = two_outboxes
    await first.create_table()
    await write(first, *((f"n{i}", str(i % 7)) for i in range(40)))
    line = Line()
    await asyncio.gather(*(drain(relay_of(each, line)) for each in (first, second)))
    assert sorted(line.names) == sorted(f"n{i}" for i in range(40))


async def test_replicas_that_start_together_create_one_table(two_outboxes):
    await asyncio.gather(*(each.create_table() for each in two_outboxes * 4))
    assert await rows(two_outboxes[0], "id") == []


async def test_the_services_own_transactions_stay_as_they_were(two_outboxes):
    first, _ = two_outboxes
    await first.create_table()
    async with first.engine.connect() as connection:
        before = (await connection.get_raw_connection()).driver_connection
    await write(first, ("a", "1"))
    await drain(relay_of(first, Line()))
    async with first.engine.connect() as connection:
        after = (await connection.get_raw_connection()).driver_connection
    assert after is before
    if first.engine.dialect.name == "sqlite":
        assert after.isolation_level == before.isolation_level
        assert not after.in_transaction
