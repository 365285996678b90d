"""Events of keys whose partition is away hold up no others, and nobody is asked without end."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.outboxes import Line, drain, relay_of, rows, write
from tests.support.waiting import until

from workflow_runtime import WorkflowBuilder, WorkflowSettings, lifespan
from workflow_runtime.gateway.errors import ResourceExhausted, Unauthenticated, Unavailable
from workflow_runtime.publishing.outbox import relay as relay_module
from workflow_runtime.publishing.outbox.pace import Pace
from workflow_runtime.publishing.outbox.sending import Round

DEAD = [f"dead{number}" for number in range(150)]
HEALTHY = [f"healthy{number}" for number in range(50)]


class Partitions(Line):
    """A gateway of which some keys' partition does not answer, in one of several ways."""

    def __init__(self, dead, how=None):
        super().__init__()
        self.dead, self.how = set(dead), how
        self.tried = []

    async def publish_message(self, name, correlation_key, scope, **others):
        self.tried.append(correlation_key)
        if correlation_key in self.dead:
            if self.how is None:
                await asyncio.Event().wait()
            raise self.how
        await super().publish_message(name, correlation_key, scope, **others)

    @property
    def keys(self):
        return [key for _, key, _ in self.taken]


async def write_keys(outbox, keys, count=1):
    await write(outbox, *((f"e{number}", key) for key in keys for number in range(count)))


AWAY = pytest.mark.parametrize(
    "how",
    [Unavailable("no leader"), ResourceExhausted("too much"), Unauthenticated("who?"), None],
    ids=["unavailable", "back-pressure", "credentials", "silence"],
)


@AWAY
async def test_healthy_keys_are_out_within_two_rounds_behind_150_dead_ones(outbox, how):
    await write_keys(outbox, [*DEAD, *HEALTHY])
    line = Partitions(DEAD, how)
    relay = relay_of(outbox, line)
    # A broker with too much to do is asked less: a few rounds more.
    for _ in range(5 if isinstance(how, ResourceExhausted) else 2):
        await relay.step()
    assert sorted(line.keys) == sorted(HEALTHY)


async def test_healthy_keys_are_out_within_two_rounds_of_any_size(outbox, monkeypatch):
    monkeypatch.setattr(relay_module, "_BATCH", 100)
    await write_keys(outbox, [*DEAD, *HEALTHY])
    line = Partitions(DEAD, Unavailable("no leader"))
    relay = relay_of(outbox, line)
    for _ in range(2):
        await relay.step()
    assert sorted(line.keys) == sorted(HEALTHY)


async def test_what_waits_behind_dead_keys_costs_a_round_nothing(outbox, monkeypatch):
    monkeypatch.setattr(relay_module, "_BATCH", 100)
    await write_keys(outbox, ["dead"], count=500)
    await write_keys(outbox, HEALTHY)
    line = Partitions(["dead"], Unavailable("no leader"))
    relay = relay_of(outbox, line)
    while "healthy49" not in line.keys:
        await relay.step()
    assert line.tried.count("dead") == 1
    # The rows behind are not looked at any more: a new event is the first to be found.
    await write_keys(outbox, ["late"])
    await relay.step()
    assert line.keys[-1] == "late"


async def test_a_service_sends_to_healthy_partitions_while_another_is_away(outbox):
    await write_keys(outbox, [*DEAD, *HEALTHY])
    line = Partitions(DEAD, Unavailable("no leader"))
    out = asyncio.Event()

    async def publish(*arguments, publish=line.publish_message, **named):
        await publish(*arguments, **named)
        if len(line.keys) == len(HEALTHY):
            out.set()

    line.publish_message = publish
    builder = WorkflowBuilder(settings=WorkflowSettings(service_name="shop"), gateway=line)
    async with builder.with_outbox(outbox).running():
        await asyncio.wait_for(out.wait(), 20)
    assert sorted(line.keys) == sorted(HEALTHY)


async def test_a_service_that_stops_in_a_round_leaves_the_rest_to_the_next_one(outbox):
    await write_keys(outbox, DEAD)
    line = Partitions(DEAD)
    settings = WorkflowSettings(service_name="shop")
    builder = WorkflowBuilder(settings=settings, gateway=line)
    builder.with_outbox(outbox, patience=timedelta(seconds=0.5))
    async with builder.running():
        await until(lambda: line.tried)
    # Nobody has to wait for the lease: all are free, or wait for their next try.
    assert set(await rows(outbox, "claimed_by")) == {("",)}
    assert len(line.tried) < 100


async def test_a_relay_that_is_given_less_time_than_it_wants_leaves_all_to_the_next_one(
    outbox, monkeypatch
):
    monkeypatch.setattr(lifespan, "_STOP_SECONDS", 0.1)
    await write_keys(outbox, DEAD)
    line = Partitions(DEAD)
    settings = WorkflowSettings(service_name="shop")
    builder = WorkflowBuilder(settings=settings, gateway=line).with_outbox(outbox)
    async with builder.running():
        await until(lambda: line.tried)
    assert set(await rows(outbox, "claimed_by")) == {("",)}


async def test_a_dead_key_is_tried_less_often_and_not_with_others_at_once(outbox, clock):
    await write_keys(outbox, DEAD)
    line = Partitions(DEAD, Unavailable("no leader"))
    relay = relay_of(outbox, line)
    for _ in range(60):
        await relay.step()
        clock.seconds += 1
    assert {line.tried.count(key) for key in DEAD} <= set(range(6, 13))


@AWAY
async def test_a_partition_that_comes_back_gets_all_of_its_events_in_order(outbox, clock, how):
    await write_keys(outbox, DEAD, count=3)
    line = Partitions(DEAD, how)
    relay = relay_of(outbox, line)
    for _ in range(5):
        await relay.step()
        clock.seconds += 10
    assert line.taken == []
    line.dead = set()
    for _ in range(5):
        await drain(relay)
        clock.seconds += 10
    for key in DEAD:
        assert [name for name, its_key, _ in line.taken if its_key == key] == ["e0", "e1", "e2"]
    assert set(await rows(outbox, "state", "attempts")) == {("sent", 0)}


async def test_a_broker_with_too_much_to_do_is_not_given_the_rest_of_the_round(outbox):
    keys = [f"k{number}" for number in range(500)]
    await write_keys(outbox, keys)
    line = Partitions(keys, ResourceExhausted("too much"))
    relay = relay_of(outbox, line)
    await relay.step()
    assert len(line.tried) < 110
    line.dead = set()
    await relay.step()
    assert len(line.taken) >= 150


async def test_one_slow_partition_does_not_take_the_time_of_the_others(outbox):
    await write_keys(outbox, [*DEAD, *HEALTHY])
    line = Partitions(DEAD)
    relay = relay_of(outbox, line)
    begun = asyncio.get_running_loop().time()
    await relay.step()
    # Each silent one has its own patience, fifty of them at once.
    assert asyncio.get_running_loop().time() - begun < 10
    assert sorted(line.keys) == sorted(HEALTHY)


def test_rounds_become_small_and_rare_while_nobody_answers_and_large_again_afterwards():
    pace = Pace(least=50, most=500, interval=1.0)

    def round_(good, away, pressed=0):
        this = Round(until=0, in_hand=good + away, away=away, pressed=pressed)
        this.marks.sent.extend([None] * good)
        pace.went(this)
        return pace.limit, pace.pause

    assert [round_(0, 100) for _ in range(5)] == [
        (250, 1.0), (125, 2.0), (62, 4.0), (50, 5.0), (50, 5.0),
    ]  # fmt: skip
    assert round_(10, 40) == (50, 0.0)
    assert [round_(50, 0) for _ in range(4)] == [(100, 0.0), (200, 0.0), (400, 0.0), (500, 0.0)]
    assert round_(400, 100, pressed=100) == (250, 1.0)
    assert round_(0, 0) == (500, 1.0)


async def test_a_relay_that_finds_nothing_asks_the_database_once_an_interval(outbox, monkeypatch):
    asked, round_ = [], relay_module.Relay._round

    async def counted(self, lane):
        this = await round_(self, lane)
        asked.append(this.in_hand)
        return this

    monkeypatch.setattr(relay_module.Relay, "_round", counted)
    line = Line()
    builder = WorkflowBuilder(settings=WorkflowSettings(service_name="shop"), gateway=line)
    async with builder.with_outbox(outbox, interval=timedelta(hours=1)).running():
        async with AsyncSession(outbox.engine) as session, session.begin():
            await outbox.publish(session, "a", correlation_key="1")
        await asyncio.wait_for(line.news.wait(), 10)
        # A silence is what it tests.
        await asyncio.sleep(0.2)
    assert asked.count(1) == 1
    assert len(asked) <= 4
