"""Writers and relays whose clocks differ: order and turns come from the database."""

import time
from datetime import timedelta

import pytest
from tests.support.outboxes import Line, drain, relay_of, rows, write

from workflow_runtime import ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.publishing.outbox import Outbox, outbox_table
from workflow_runtime.publishing.outbox.store import Lane, Store

HOUR = 3600


@pytest.fixture
async def shared(engine, table_name):
    """An outbox that goes by the database's clock, as all do outside of tests."""
    outbox = Outbox(engine, table=outbox_table(name=table_name))
    await outbox.create_table()
    yield outbox
    async with engine.begin() as connection:
        await connection.run_sync(outbox.table.drop)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 400 * 24 * HOUR])
async def test_a_writer_whose_clock_is_wrong_delays_and_reorders_nothing(shared, ahead):
    def wrong():
        return time.time() + ahead

    wrong_writer = Outbox(shared.engine, table=shared.table, clock=wrong)
    await write(shared, ("a", "1"))
    await write(wrong_writer, ("b", "1"), ("c", "2"))
    await write(shared, ("d", "1"), ("e", "2"))
    line = Line()
    await drain(relay_of(shared, line))
    assert [name for name, key, _ in line.taken if key == "1"] == ["a", "b", "d"]
    assert [name for name, key, _ in line.taken if key == "2"] == ["c", "e"]


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
async def test_a_service_whose_clock_is_wrong_writes_the_databases_time(shared, monkeypatch, ahead):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + ahead)
    await write(shared, ("a", "1"))
    ((created,),) = await rows(shared, "created_at")
    assert abs(created / 1000 - now) < HOUR / 2


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
async def test_a_relay_whose_clock_is_wrong_takes_nothing_from_others(shared, monkeypatch, ahead):
    await write(shared, ("a", "1"))
    first = Store(shared, "first", timedelta(seconds=60))
    assert len(await first.claim(Lane.NEW, 10)) == 1
    now, monotonic = time.time(), time.monotonic()
    monkeypatch.setattr(time, "time", lambda: now + ahead)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic + ahead)
    wrong = Store(shared, "wrong", timedelta(seconds=60))
    assert [await wrong.claim(lane, 10) for lane in Lane] == [[], []]


async def test_a_database_whose_clock_was_set_back_sends_after_all(outbox, clock):
    clock.seconds += 10 * HOUR
    await write(outbox, ("a", "1"), ("b", "1"))
    assert await Store(outbox, "dead", timedelta(seconds=60)).claim(Lane.NEW, 10)
    clock.seconds -= 10 * HOUR
    line = Line()
    relay = relay_of(outbox, line)
    await drain(relay)
    assert line.names == []
    await relay._keep_house()
    await drain(relay)
    assert line.names == ["a", "b"]


async def test_a_relay_says_how_short_a_time_to_live_may_be(outbox):
    with pytest.raises(ConfigurationError, match="shorter than the lease of 60 s"):
        outbox.statement("a", correlation_key="1", time_to_live=30)
    relay_of(outbox, Line(), lease=timedelta(seconds=20))
    outbox.statement("a", correlation_key="1", time_to_live=30)
    with pytest.raises(ConfigurationError, match="shorter than the lease of 20 s"):
        outbox.statement("a", correlation_key="1", time_to_live=19.9)


@pytest.mark.parametrize("seconds", [0, -1, 0.001])
def test_a_lease_in_which_nothing_could_be_sent_is_refused(tmp_path, seconds):
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    with pytest.raises(ConfigurationError, match=r"with_outbox: lease is .* at least 1 s"):
        WorkflowBuilder("shop").with_outbox(outbox, lease=timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("own", "expected"), [(None, 7200), (timedelta(minutes=5), 300)], ids=["none", "its own"]
)
async def test_events_of_an_outbox_live_as_long_as_those_published_directly(engine, own, expected):
    outbox = Outbox(engine, default_ttl=own)
    settings = WorkflowSettings(service_name="shop", event_ttl=timedelta(hours=2))
    WorkflowBuilder(settings=settings, gateway=Line()).with_outbox(outbox)
    written = outbox.statement("a", correlation_key="1").compile().params
    assert written["ttl"] == expected * 1000


async def test_without_settings_both_live_an_hour(engine):
    written = Outbox(engine).statement("a", correlation_key="1").compile().params
    ttl = WorkflowSettings.model_fields["event_ttl"].default
    assert timedelta(milliseconds=written["ttl"]) == ttl == timedelta(hours=1)
