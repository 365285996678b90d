"""What is committed is sent once, in order per key; what is rolled back never."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from tests.support.outboxes import Line, Watch, drain, edit, relay_of, rows, write

from workflow_runtime import CommandFailed, ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    Unavailable,
)
from workflow_runtime.publishing.outbox import Outbox, admin, create_table, upgrade
from workflow_runtime.publishing.outbox.store import Lane, Marks, Store


async def test_a_committed_event_is_sent_and_a_rolled_back_one_never(outbox):
    async with AsyncSession(outbox.engine) as session, session.begin():
        written = await outbox.publish(session, "a", correlation_key="1", scope={"x": 1})
    async with AsyncSession(outbox.engine) as session:
        await outbox.publish(session, "b", correlation_key="1")
        await session.rollback()
    line = Line()
    await drain(relay_of(outbox, line))
    assert line.taken == [("a", "1", written.event_id)]
    assert await rows(outbox, "state") == [("sent",)]


async def test_a_given_id_is_written_once_for_each_name_and_key(outbox):
    async with outbox.engine.begin() as connection:
        for key in "112":
            await outbox.publish(connection, "a", correlation_key=key, event_id="mine")
    assert len(await rows(outbox, "id")) == 2


async def test_equal_facts_are_written_each_time(outbox):
    await write(outbox, ("active", "1"), ("inactive", "1"), ("active", "1"), ("inactive", "1"))
    line = Line()
    await drain(relay_of(outbox, line))
    assert line.names == ["active", "inactive"] * 2


async def test_events_of_one_key_go_in_order_even_when_the_first_has_to_wait(outbox, clock):
    await write(outbox, ("a", "1"), ("b", "1"), ("c", "2"))
    line = Line(FailedPrecondition("not now"))
    relay = relay_of(outbox, line)
    await drain(relay)
    assert line.names == ["c"]
    clock.seconds += 10
    await drain(relay)
    assert line.names == ["c", "a", "b"]


async def test_an_engine_that_is_away_burns_no_attempt(outbox, clock):
    await write(outbox, ("a", "1"))
    line = Line(*[Unavailable("away")] * 5)
    relay = relay_of(outbox, line, attempts=2)
    for _ in range(6):
        await relay.step()
        clock.seconds += 10
    assert line.names == ["a"]
    assert await rows(outbox, "state", "attempts") == [("sent", 0)]


async def test_an_event_that_is_refused_again_and_again_is_parked_and_told(outbox, clock):
    await write(outbox, ("a", "1"), ("b", "1"))
    line, watch = Line(*[FailedPrecondition("bad")] * 3), Watch()
    relay = relay_of(outbox, line, watch, attempts=3)
    for _ in range(4):
        await drain(relay)
        clock.seconds += 10
    assert await rows(outbox, "name", "state", "attempts") == [("a", "parked", 3), ("b", "sent", 0)]
    assert watch.parked == [("a", "event a: bad")]


async def test_an_event_that_the_engine_calls_wrong_is_parked_at_once(outbox):
    await write(outbox, ("a", "1"), ("b", "1"))
    line, watch = Line(InvalidArgument("bad")), Watch()
    await drain(relay_of(outbox, line, watch))
    assert await rows(outbox, "name", "state", "attempts") == [("a", "parked", 1), ("b", "sent", 0)]
    assert watch.parked == [("a", "event a: bad")]


async def test_what_follows_a_parked_event_keeps_its_order(outbox):
    await write(outbox, *((name, "1") for name in "abcd"))
    line = Line(None, InvalidArgument("bad"))
    await drain(relay_of(outbox, line))
    assert line.names == ["a", "c", "d"]
    assert await admin.retry(outbox) == 1
    await drain(relay_of(outbox, line))
    assert line.names == ["a", "c", "d", "b"]


@pytest.mark.parametrize("way_out", [admin.retry, partial(admin.purge, state="parked")])
async def test_a_strict_relay_lets_nothing_overtake_a_parked_event(outbox, clock, way_out):
    await write(outbox, *((name, "1") for name in "abc"), ("d", "2"))
    line = Line()
    line.refused = {"b"}
    relay = relay_of(outbox, line, strict=True)
    await drain(relay)
    clock.seconds += 3600
    await drain(relay)
    assert sorted(line.names) == ["a", "d"]
    line.refused = set()
    assert await way_out(outbox) == 1
    await drain(relay)
    assert "".join(line.names[2:]) in {"bc", "c"}
    assert {state for (state,) in await rows(outbox, "state")} == {"sent"}


async def test_many_events_of_one_key_go_in_one_round(outbox):
    names = [f"e{number:02}" for number in range(50)]
    await write(outbox, *((name, "1") for name in names))
    line = Line()
    assert await relay_of(outbox, line).step() == 50
    assert line.names == names


async def test_nothing_overtakes_an_event_of_its_key_that_still_has_to_wait(outbox, clock):
    await write(outbox, *((name, "1") for name in "abc"))
    await edit(outbox, "b", due_at=outbox.now() + 5000)
    line = Line()
    relay = relay_of(outbox, line)
    await drain(relay)
    assert line.names == ["a"]
    clock.seconds += 5
    await drain(relay)
    assert line.names == ["a", "b", "c"]


async def test_what_cannot_be_begun_within_the_lease_is_let_go(outbox):
    await write(outbox, ("a", "1"), ("b", "1"))
    line = Line()
    hasty = relay_of(outbox, line, lease=timedelta(0))
    await hasty.step()
    assert line.names == []
    assert await rows(outbox, "claimed_by", "due_at") == [("", 0)] * 2


async def test_a_duplicate_counts_as_sent(outbox):
    await write(outbox, ("a", "1"))
    await drain(relay_of(outbox, Line(AlreadyExists("known"))))
    assert await rows(outbox, "state") == [("sent",)]


async def test_two_relays_share_the_work_and_never_take_the_same_event(outbox):
    await write(outbox, *(("e", str(n)) for n in range(40)))
    lines = Line(), Line()
    relays = [relay_of(outbox, line) for line in lines]
    await asyncio.gather(*(drain(relay) for relay in relays))
    sent = lines[0].taken + lines[1].taken
    assert len(sent) == len(set(sent)) == 40


async def test_a_relay_takes_over_what_a_dead_one_held(outbox, clock):
    await write(outbox, ("a", "1"), ("b", "1"))
    dead = Store(outbox, "dead", timedelta(seconds=60))
    (run,) = await dead.claim(Lane.NEW, 10)
    assert [each.event.name for each in run] == ["a", "b"]
    line = Line()
    relay = relay_of(outbox, line)
    await drain(relay)
    assert line.names == []
    clock.seconds += 61
    await drain(relay)
    assert line.names == ["a", "b"]


async def test_what_a_slow_relay_says_after_its_lease_changes_nothing(outbox, clock):
    await write(outbox, ("a", "1"))
    slow = Store(outbox, "slow", timedelta(seconds=60))
    ((claimed,),) = await slow.claim(Lane.NEW, 10)
    clock.seconds += 61
    await drain(relay_of(outbox, Line()))
    await slow.settle(Marks(later=[(claimed, "late", 0, True)]))
    assert await rows(outbox, "state", "attempts") == [("sent", 0)]


async def test_sent_events_are_forgotten_after_the_retention(outbox, clock):
    await write(outbox, ("a", "1"))
    relay = relay_of(outbox, Line(), retention=timedelta(days=7))
    await drain(relay)
    clock.seconds += 7 * 86400 + 1
    await relay._keep_house()
    assert await rows(outbox, "id") == []


async def test_how_full_it_is_reaches_the_observers(outbox, clock):
    await write(outbox, ("a", "1"), ("b", "2"))
    clock.seconds += 30
    watch = Watch()
    await relay_of(outbox, Line(), watch)._keep_house()
    assert watch.states == [(2, 0, 30.0)]


async def test_an_event_without_a_time_to_live_is_refused(outbox):
    with pytest.raises(ConfigurationError, match="needs a time to live"):
        outbox.statement("a", time_to_live=0)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ({"x": object()}, "event a: PublishMessage: the scope is no JSON object"),
        ({"x": "x" * 5_000_000}, "event a: PublishMessage: 5000009 bytes, above"),
    ],
    ids=["no JSON", "too large"],
)
async def test_what_the_engine_would_refuse_is_refused_as_it_is_written(outbox, scope, said):
    async with outbox.engine.connect() as connection:
        with pytest.raises(CommandFailed, match=said):
            await outbox.publish(connection, "a", correlation_key="1", scope=scope)


async def test_a_scope_is_written_as_it_would_be_published(outbox):
    scope = {"amount": Decimal("1.50"), "at": datetime(2026, 1, 1, tzinfo=UTC)}
    async with outbox.engine.begin() as connection:
        await outbox.publish(connection, "a", correlation_key="1", scope=scope)
    ((text,),) = await rows(outbox, "scope")
    assert json.loads(text) == {"amount": "1.50", "at": "2026-01-01T00:00:00Z"}


async def test_a_service_sends_at_the_commit_and_not_at_its_next_look(outbox):
    line = Line()
    builder = WorkflowBuilder(settings=WorkflowSettings(service_name="shop"), gateway=line)
    builder.with_outbox(outbox, interval=timedelta(hours=1))
    async with builder.running():
        async with AsyncSession(outbox.engine) as session, session.begin():
            await outbox.publish(session, "a", correlation_key="1")
        await asyncio.wait_for(line.news.wait(), 10)
    assert line.names == ["a"]


async def test_a_database_that_is_away_is_tried_again(outbox, monkeypatch):
    await write(outbox, ("a", "1"))
    line, calls, claim = Line(), [], Store.claim

    async def flaky(self, *arguments):
        calls.append(1)
        if len(calls) < 5:
            raise OperationalError("select", {}, OSError("away"))
        return await claim(self, *arguments)

    monkeypatch.setattr(Store, "claim", flaky)
    builder = WorkflowBuilder(settings=WorkflowSettings(service_name="shop"), gateway=line)
    builder.with_outbox(outbox, interval=timedelta(milliseconds=1))
    async with builder.running():
        await asyncio.wait_for(line.news.wait(), 10)
    assert line.names == ["a"]


async def test_the_table_comes_by_a_function_or_by_alembic(engine, outbox):
    await create_table(engine, outbox.table)

    def revision(connection):
        upgrade(Operations(MigrationContext.configure(connection)), outbox.table)

    async with engine.begin() as connection:
        await connection.run_sync(outbox.table.drop)
        await connection.run_sync(revision)
    assert await rows(outbox, "id") == []


async def test_a_relay_creates_the_table_where_it_is_told_to(engine, outbox):
    async with engine.begin() as connection:
        await connection.run_sync(outbox.table.drop)
    await drain(relay_of(outbox, Line(), create_table=True))
    assert await rows(outbox, "id") == []


def test_another_database_is_refused():
    class Other(AsyncEngine):
        def __init__(self):
            pass

        dialect = type("Dialect", (), {"name": "mysql"})

    with pytest.raises(ConfigurationError, match="postgresql and sqlite, not with mysql"):
        Outbox(Other())


def test_the_optional_parts_are_not_imported_by_the_runtime_itself():
    import subprocess
    import sys

    code = (
        "import sys, workflow_runtime.builder; "
        "print([m for m in ('sqlalchemy', 'apprise', 'opentelemetry') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("given", "outcome"), [(None, "published"), ("mine", "duplicate")])
async def test_an_event_that_a_dead_relay_had_sent_is_no_duplicate(outbox, given, outcome):
    async with outbox.engine.begin() as connection:
        await outbox.publish(connection, "a", correlation_key="1", event_id=given)
    watch = Watch()
    await drain(relay_of(outbox, Line(AlreadyExists("known")), watch))
    assert watch.published == [("a", outcome)]
