"""An outbox whose database fails: who writes hears of it in time, and who looks sees it."""

import asyncio
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from loguru import logger
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from tests.support import outbox_faults as faults
from tests.support.outboxes import Line, postgres_url
from tests.support.waiting import until

from workflow_runtime import OutboxUnavailable, WorkflowBuilder, WorkflowSettings
from workflow_runtime.errors import CommandFailed
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import relay, watch

IN_TIME = 3.0
"""Seconds for a writer, above the 1.5 that it is given: the machine may be busy."""

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


class Watch(Observer):
    """What metrics are told of the outbox."""

    def __init__(self):
        self.told = []

    def outbox_state(self, waiting, parked, oldest):
        self.told.append("state")

    def outbox_away(self):
        self.told.append("away")


@contextmanager
def said():
    """What the log says of the outbox meanwhile."""
    found = []
    sink = logger.add(lambda line: found.append(line.record["message"]))
    yield found
    logger.remove(sink)
    found[:] = [each for each in found if each.startswith("outbox: ")]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(watch, "_EVERY", 0.1)
    monkeypatch.setattr(watch, "_PATIENCE", 1.0)


def seen(workflow, stand):
    return workflow.health().outbox[stand.table]


def service(stand, observer, line=None, **settings):
    made = WorkflowSettings(service_name="shop", grace=timedelta(0), **settings)
    builder = WorkflowBuilder(settings=made, gateway=line or Line(), observers=[observer])
    return builder.with_outbox(stand.outbox)


@pytest.mark.slow
@pytest.mark.parametrize(("database", "fault", "words"), CASES)
async def test_a_fault_is_seen_in_health_readiness_metrics_and_two_log_lines(
    stand, database, fault, words, quick
):
    observer = Watch()
    with said() as log:
        async with service(stand, observer, outbox_ready=True).running() as workflow:
            health = partial(seen, workflow, stand)
            await until(lambda: health().waiting == 0)
            assert health().troubles == ()
            async with fault(stand):
                observer.told.clear()
                await until(lambda: words in str(health().troubles))
                await until(lambda: "away" in observer.told)
                (trouble, *_) = health().troubles
                now = workflow.health()
                assert not now.ready
                assert any(trouble.what in each for each in now.problems)
                assert datetime.fromisoformat(trouble.since) <= datetime.now(UTC)
                assert health().waiting is None
                await put(stand.outbox)
            await until(lambda: not health().troubles)
            # What was counted before is forgotten, and it is counted anew at once.
            await until(lambda: observer.told[-1] == "state", seconds=8)
            assert health().oldest < 1
            assert workflow.health().problems == ()
    begun, ended = log
    assert begun.endswith("; trying again until it works")
    assert ended.startswith("outbox: it works again, after 0:00:")


async def test_a_service_is_ready_without_its_outbox_unless_told_otherwise(stand, quick):
    async with service(stand, Watch()).running() as workflow, faults.locked_file(stand):
        await until(lambda: workflow.health().outbox[stand.table].troubles)
        assert workflow.health().ready


async def test_a_writer_that_fails_alone_is_seen_until_one_is_heard(stand, quick):
    async with service(stand, Watch()).running() as workflow:
        health = partial(seen, workflow, stand)
        async with faults.full_disk(stand):
            await put(stand.outbox, scope={"much": "x" * 200_000})
            (trouble,) = health().troubles
            assert trouble.what == "events cannot be written: the disk is full (SQLITE_FULL)"
        await put(stand.outbox)
        assert health().troubles == ()


async def test_a_relay_that_is_behind_is_seen_by_the_databases_clock(stand, quick, monkeypatch):
    monkeypatch.setattr(relay, "_HOUSEKEEPING", 0.1)
    line = Line()
    line.away.add("told")
    await put(stand.outbox)
    with said() as log:
        made = service(stand, Watch(), line, outbox_late=timedelta(seconds=1))
        async with made.running() as workflow:
            health = partial(seen, workflow, stand)
            await until(lambda: health().troubles)
            assert "the oldest event waits for" in str(health().troubles)
            assert "by the database's clock" in str(health().troubles)
            assert health().waiting == 1
            line.away.clear()
            await until(lambda: not health().troubles)
    assert sum("waits for" in each for each in log) == 1
    assert sum("no event waits too long any more" in each for each in log) == 1


async def test_a_relay_that_does_not_run_is_seen(stand, monkeypatch):
    monkeypatch.setattr(watch, "_UNSEEN", 0.0)
    assert "its relay does not run" in str(relay.Relay(stand.outbox).outbox_health())
