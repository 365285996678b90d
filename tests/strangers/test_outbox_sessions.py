"""Sessions, schemas and databases as ordinary services have them."""

import asyncio
import uuid

import pytest
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from tests.support.outboxes import Line, drain, postgres_url, relay_of, rows, write
from typer.testing import CliRunner

from workflow_runtime import ConfigurationError, WorkflowBuilder
from workflow_runtime.cli._app import app
from workflow_runtime.publishing.outbox import Outbox, outbox_table


@pytest.mark.postgres
@pytest.mark.parametrize("event_id", [None, "mine"])
async def test_a_sequence_that_lags_behind_is_no_duplicate(engine, event_id):
    """As after a restore of the rows alone, or on a logical replica that was promoted."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite takes the highest number that there is")
    outbox = Outbox(engine, table=outbox_table(name=f"outbox_{uuid.uuid4().hex[:10]}"))
    await outbox.create_table()
    await write(outbox, ("a", "1"), ("b", "2"))
    async with engine.begin() as connection:
        back = f"SELECT setval(pg_get_serial_sequence('{outbox.table.name}', 'id'), 1, false)"
        await connection.execute(text(back))
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await outbox.publish(connection, "c", correlation_key="3", event_id=event_id)
    async with engine.begin() as connection:
        await connection.run_sync(outbox.table.drop)


@pytest.mark.parametrize("kind", ["session", "scoped session", "connection"])
async def test_a_transaction_that_is_not_asyncios_is_refused_before_it_writes(tmp_path, kind):
    file = tmp_path / "shop.db"
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    outbox = Outbox(engine)
    await outbox.create_table()
    blocking = create_engine(f"sqlite:///{file}")
    make = {
        "session": lambda: Session(blocking),
        "scoped session": scoped_session(sessionmaker(blocking)),
        "connection": blocking.connect,
    }[kind]
    with make() as transaction:
        with pytest.raises(ConfigurationError, match=r"expected an AsyncSession .*statement"):
            await outbox.publish(transaction, "a")
        transaction.execute(outbox.statement("b"))
        transaction.commit()
    assert await rows(outbox, "name") == [("b",)]
    blocking.dispose()
    await engine.dispose()


@pytest.mark.parametrize("what", ["engine", "maker", "none"])
async def test_what_is_no_transaction_is_refused_with_a_sentence(outbox, what):
    given = {"engine": outbox.engine, "maker": async_sessionmaker(outbox.engine)}.get(what)
    with pytest.raises(ConfigurationError, match="expected an AsyncSession or AsyncConnection"):
        await outbox.publish(given, "a")


async def test_a_commit_of_a_scoped_session_is_told_at_once(outbox):
    scoped = async_scoped_session(async_sessionmaker(outbox.engine), asyncio.current_task)
    told = []
    outbox.on_commit(lambda: told.append("commit"))
    await outbox.publish(scoped, "a", correlation_key="1")
    assert told == []
    await scoped.commit()
    await scoped.remove()
    assert told == ["commit"]
    assert await rows(outbox, "name") == [("a",)]


@pytest.fixture
async def tenant():
    """An engine on PostgreSQL, and a schema that is not the one where tables are looked for."""
    engine = create_async_engine(postgres_url())
    schema = f"tenant_{uuid.uuid4().hex[:10]}"
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield engine, schema
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await engine.dispose()


async def assert_is_written_and_sent(outbox):
    await outbox.create_table()
    assert await outbox.has_table()
    for outcome in ("written", "duplicate"):
        async with outbox.engine.begin() as connection:
            options = {"correlation_key": "1", "event_id": "mine"}
            assert (await outbox.publish(connection, "a", **options)).outcome == outcome
    line = Line()
    await drain(relay_of(outbox, line))
    assert line.taken == [("a", "1", "mine")]


@pytest.mark.postgres
async def test_a_table_may_be_in_a_schema(tenant):
    engine, schema = tenant
    await assert_is_written_and_sent(Outbox(engine, table=outbox_table(MetaData(schema=schema))))


@pytest.mark.postgres
async def test_a_schema_may_be_chosen_by_the_engine(tenant):
    engine, schema = tenant
    chosen = engine.execution_options(schema_translate_map={None: schema})
    await assert_is_written_and_sent(Outbox(chosen))


@pytest.mark.postgres
async def test_the_command_finds_a_table_in_a_schema(tenant):
    engine, schema = tenant
    outbox = Outbox(engine, table=outbox_table(MetaData(schema=schema), "events"))
    await outbox.create_table()
    await write(outbox, ("paid", "1"))
    arguments = ["outbox", "list", "--url", postgres_url(), "--table", f"{schema}.events"]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exit_code == 0, result.output
    assert "paid" in result.output


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"])
async def test_a_database_of_one_connection_is_refused_for_its_relay(
    url,
):
    outbox = Outbox(url)
    with pytest.raises(ConfigurationError, match=r"one connection for everybody.*give it a file"):
        WorkflowBuilder().with_outbox(outbox)
    await outbox.engine.dispose()
