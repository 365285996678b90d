"""Savepoints: what is rolled back, by them or around them, is never sent."""

import asyncio
import contextlib

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from tests.support.outboxes import Line, drain, relay_of


async def sent(outbox):
    line = Line()
    await drain(relay_of(outbox, line))
    return line.names


async def test_a_savepoint_that_is_rolled_back_takes_its_events_with_it(outbox):
    async with AsyncSession(outbox.engine) as session, session.begin():
        await outbox.publish(session, "kept", correlation_key="1")
        with contextlib.suppress(ValueError):
            async with session.begin_nested():
                await outbox.publish(session, "gone", correlation_key="1")
                raise ValueError
        await outbox.publish(session, "after", correlation_key="1")
    assert await sent(outbox) == ["kept", "after"]


@pytest.mark.parametrize("before", ["", "read", "write"])
async def test_a_rollback_around_a_savepoint_takes_its_events_with_it(outbox, before):
    async with AsyncSession(outbox.engine) as session:
        if before == "read":
            await session.execute(text("SELECT 1"))
        if before == "write":
            await outbox.publish(session, "first", correlation_key="1")
        async with session.begin_nested():
            await outbox.publish(session, "gone", correlation_key="1")
        await session.rollback()
    assert await sent(outbox) == []


async def test_savepoints_within_savepoints_obey_each_of_those_around_them(outbox):
    async with AsyncSession(outbox.engine) as session, session.begin():
        outer = await session.begin_nested()
        async with session.begin_nested():
            await outbox.publish(session, "gone", correlation_key="1")
        await outer.rollback()
        async with session.begin_nested(), session.begin_nested():
            await outbox.publish(session, "kept", correlation_key="1")
    assert await sent(outbox) == ["kept"]


async def test_a_committed_savepoint_in_a_committed_transaction_is_sent(outbox):
    async with AsyncSession(outbox.engine) as session, session.begin(), session.begin_nested():
        await outbox.publish(session, "a", correlation_key="1")
    assert await sent(outbox) == ["a"]


async def test_a_connection_has_savepoints_too(outbox):
    async with outbox.engine.connect() as connection:
        async with connection.begin_nested():
            await outbox.publish(connection, "gone", correlation_key="1")
        await connection.rollback()
    assert await sent(outbox) == []


def obey_the_recipe(engine):
    """SQLAlchemy's documentation gives it for SQLite: transactions begin when they are begun."""
    event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))


def in_a_thread(outbox, work, *, recipe):
    """Runs work in a session that is not asyncio's, of an engine that the outbox does not know."""

    def run():
        engine = create_engine(f"sqlite:///{outbox.engine.url.database}")
        if recipe:
            obey_the_recipe(engine)
        with Session(engine) as session:
            work(session)
        engine.dispose()

    return asyncio.to_thread(run)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("recipe", [False, True], ids=["as it comes", "SQLAlchemy's recipe"])
async def test_sessions_without_asyncio_roll_back_the_same(outbox, recipe):
    def work(session):
        with session.begin_nested():
            session.execute(outbox.statement("gone", correlation_key="1"))
        session.rollback()
        with session.begin_nested():
            session.execute(outbox.statement("kept", correlation_key="1"))
        session.commit()

    await in_a_thread(outbox, work, recipe=recipe)
    assert await sent(outbox) == ["kept"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_engine_with_sqlalchemys_recipe_works_as_before(outbox):
    await outbox.engine.dispose()
    obey_the_recipe(outbox.engine.sync_engine)
    async with AsyncSession(outbox.engine) as session:
        async with session.begin_nested():
            await outbox.publish(session, "gone", correlation_key="1")
        await session.rollback()
        await outbox.publish(session, "kept", correlation_key="1")
        await session.commit()
    assert await sent(outbox) == ["kept"]


@pytest.mark.parametrize(
    "options",
    [{"isolation_level": "AUTOCOMMIT"}, {"connect_args": {"isolation_level": None}}],
    ids=["of SQLAlchemy", "of the driver"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_engines_without_transactions_keep_what_a_savepoint_has_written(outbox, options):
    """Also those that have nothing to do with the outbox."""
    url = outbox.engine.url

    def write_it():
        engine = create_engine(f"sqlite:///{url.database}", **options)
        with engine.connect() as connection, connection.begin_nested():
            connection.execute(outbox.statement("kept"))
        engine.dispose()

    await asyncio.to_thread(write_it)
    engine = create_async_engine(url, **options)
    async with engine.connect() as connection, connection.begin_nested():
        await outbox.publish(connection, "kept too")
    await engine.dispose()
    assert await sent(outbox) == ["kept", "kept too"]
