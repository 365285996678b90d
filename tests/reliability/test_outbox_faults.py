"""An outbox whose database fails: who writes hears of it in time, and who looks sees it."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from tests.support import outbox_faults as faults
from tests.support.outboxes import postgres_url

from workflow_runtime import OutboxUnavailable
from workflow_runtime.errors import CommandFailed

IN_TIME = 2.0
"""Seconds for a writer, above the 1.5 that it is given."""

CASES = [
    *(
        pytest.param("sqlite", *case, id=f"sqlite {name}")
        for name, case in faults.OF_SQLITE.items()
    ),
    *(
        pytest.param("postgres", *case, id=f"postgres {name}", marks=pytest.mark.postgres)
        for name, case in faults.OF_POSTGRES.items()
    ),
]


@pytest.fixture
def database():
    return "sqlite"


@pytest.fixture
async def stand(database, tmp_path):
    made = (
        faults.sqlite_stand(tmp_path)
        if database == "sqlite"
        else faults.postgres_stand(postgres_url())
    )
    async with made as stand:
        yield stand


async def put(outbox, **options):
    """Writes an event as a request does; what came of it, and how many seconds it took."""
    begun = time.monotonic()
    try:
        written = await outbox.transact(
            lambda transaction: outbox.publish(transaction, "told", correlation_key="1", **options)
        )
    except OutboxUnavailable as error:
        return error, time.monotonic() - begun
    return written.outcome, time.monotonic() - begun


async def events(outbox):
    async with outbox.engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(outbox.table))).scalar()


@pytest.mark.slow
@pytest.mark.parametrize(("database", "fault", "words"), CASES)
async def test_who_writes_hears_of_a_fault_in_time_and_writes_again_after_it(
    stand, database, fault, words
):
    outbox = stand.outbox
    assert (await put(outbox, event_id="before"))[0] == "written"
    async with fault(stand):
        found = await asyncio.gather(*(put(outbox, event_id=f"{n}") for n in range(5)))
    for error, took in found:
        assert words in error.reason
        assert error.reason in str(error)
        assert took < IN_TIME
    assert (await put(outbox, event_id="after"))[0] == "written"
    assert await events(outbox) >= 2


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"])
async def test_a_server_that_was_restarted_costs_no_event(stand, database):
    assert (await put(stand.outbox, event_id="before"))[0] == "written"
    async with faults.ended_connections(stand):
        assert (await put(stand.outbox, event_id="after"))[0] == "written"


async def test_a_full_disk_is_told_to_who_writes(stand):
    async with faults.full_disk(stand):
        error, _ = await put(stand.outbox, scope={"much": "x" * 200_000})
    assert error.reason == "the disk is full (SQLITE_FULL)"
    assert await events(stand.outbox) == 0


async def test_what_is_given_up_is_not_written_later(stand):
    async with faults.locked_file(stand):
        with pytest.raises(OutboxUnavailable):
            await stand.outbox.transact(
                lambda transaction: stand.outbox.publish(transaction, "told"), within=0.3
            )
    assert (await put(stand.outbox))[0] == "written"
    assert await events(stand.outbox) == 1


async def test_the_patience_of_the_services_own_connections_stays_as_it_is(stand):
    await put(stand.outbox)
    async with stand.outbox.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA busy_timeout"))).scalar() == 5000


async def test_mistakes_of_the_work_are_its_own_and_undo_what_it_wrote(stand):
    outbox = stand.outbox

    async def refused(transaction):
        await outbox.publish(transaction, "told")
        await outbox.publish(transaction, "told", scope={"no": object()})

    async def against_its_own_rules(transaction):
        await outbox.publish(transaction, "told")
        await transaction.execute(text("CREATE TABLE facts (id INTEGER PRIMARY KEY)"))
        await transaction.execute(text("INSERT INTO facts VALUES (1), (1)"))

    with pytest.raises(CommandFailed):
        await outbox.transact(refused)
    with pytest.raises(IntegrityError):
        await outbox.transact(against_its_own_rules)
    assert await events(outbox) == 0


async def test_work_that_takes_longer_than_it_may_is_given_up(stand):
    async def slow(transaction):
        await stand.outbox.publish(transaction, "told")
        await asyncio.Event().wait()

    begun = time.monotonic()
    with pytest.raises(OutboxUnavailable, match="no answer within"):
        await stand.outbox.transact(slow, within=timedelta(seconds=0.2))
    assert time.monotonic() - begun < 1
    assert (await put(stand.outbox))[0] == "written"
    assert await events(stand.outbox) == 1
