"""Chaos for the outbox: three relays, kills, rollbacks, and a gateway that is cut."""

import asyncio
import itertools
import os
import time
import uuid
from collections import Counter, defaultdict

from benchmarks.chaos_jobs import LOAD, STUCK
from benchmarks.chaos_processes import Fleet, Line, serving
from benchmarks.chaos_records import Notes, Records
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from tests.reliability.proxy import Proxy

from workflow_runtime.publishing.outbox import Outbox, outbox_table

RELAYS = 3
WRITERS, KEYS = 10, 10
"""Each writer has so many keys of its own: what it has committed first is to be sent first."""


class Rollback(Exception):
    """What a writer changes its mind by."""


class Writers:
    """Write facts, an event with each, in transactions of which some are rolled back."""

    def __init__(self, engine, name, rand):
        self._engine, self._rand = engine, rand
        self.outbox = Outbox(engine, table=outbox_table(name=name))
        # Rows get their number as they are written: within a key that is the order of commits.
        self.facts = Table(
            f"{name}_facts", MetaData(), Column("id", Integer, primary_key=True),
            Column("key", String), Column("event_id", String),
        )  # fmt: skip
        self.transactions = Counter()

    async def prepare(self):
        await self.outbox.create_table()
        async with self._engine.begin() as connection:
            await connection.run_sync(self.facts.create)

    async def drop(self):
        async with self._engine.begin() as connection:
            for table in (self.facts, self.outbox.table):
                await connection.run_sync(table.drop)

    async def write(self, seconds):
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._one_after_the_other(w, end) for w in range(WRITERS)))

    async def _one_after_the_other(self, writer, end):
        while time.monotonic() < end:
            key = f"{writer}-{self._rand.randrange(KEYS)}"
            try:
                async with AsyncSession(self._engine) as session, session.begin():
                    await self._change(session, key)
                self.transactions["committed"] += 1
            except Rollback:
                self.transactions["rolled back"] += 1
            await asyncio.sleep(self._rand.uniform(0, 0.03))

    async def _change(self, session, key):
        for _ in range(self._rand.randint(1, 3)):
            try:
                async with session.begin_nested():
                    event = await self.outbox.publish(session, "fact", correlation_key=key)
                    row = {"key": key, "event_id": event.event_id}
                    await session.execute(self.facts.insert().values(row))
                    self._perhaps_not(0.1)
            except Rollback:
                self.transactions["savepoints rolled back"] += 1
        self._perhaps_not(0.15)

    def _perhaps_not(self, probability):
        if self._rand.random() < probability:
            raise Rollback

    async def committed(self):
        """Ids of the events of the facts that the database has, in order, by key."""
        found = defaultdict(list)
        async with self._engine.connect() as connection:
            for _, key, event_id in await connection.execute(
                select(self.facts).order_by(self.facts.c.id)
            ):
                found[key].append(event_id)
        return found


async def missing():
    """What stands in the way of PostgreSQL, or ""."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgresql"):
        return "the outbox needs PostgreSQL"
    engine = create_async_engine(url)
    try:
        async with engine.connect():
            return ""
    except (OSError, SQLAlchemyError) as error:
        return f"PostgreSQL at DATABASE_URL does not answer ({type(error).__name__})"
    finally:
        await engine.dispose()


async def outbox(folder, seconds, rand, show):
    """Facts on PostgreSQL, and what of them is said to the engine."""
    engine = create_async_engine(os.environ["DATABASE_URL"])
    writers = Writers(engine, f"chaos_{uuid.uuid4().hex[:10]}", rand)
    records, notes = Records(folder), Notes(folder)
    await writers.prepare()
    try:
        async with serving(folder, rand.random(), hostile=True) as (port, counted):
            line = Proxy(port)
            await line.start()
            address = f"http://127.0.0.1:{line.port}"
            table = writers.outbox.table.name
            fleet = Fleet(folder, "relay", RELAYS, WORKFLOW_ADDRESS=address, TABLE=table)
            disturbance = Line(line, rand)
            async with fleet.running(), show(lambda: progress(writers, records)):
                async with disturbance.hostile():
                    await asyncio.gather(
                        writers.write(seconds * LOAD), fleet.strike(rand, seconds * LOAD)
                    )
                facts = await writers.committed()
                await all_sent(records, {each for ids in facts.values() for each in ids})
            await line.cut()
    finally:
        await writers.drop()
        await engine.dispose()
    records.read()
    notes.read()
    more = {
        "transactions": dict(writers.transactions),
        "sendings by outcome": dict(notes.events),
        "disturbances": dict(disturbance.counts),
        **counted,
        **fleet.counts(),
    }
    return report(facts, records.messages, more)


def progress(writers, records):
    records.read()
    done = writers.transactions["committed"]
    return f"{done} transactions committed, {len(records.messages)} messages at the engine"


async def all_sent(records, wanted):
    """Waits for all messages, as long as any comes."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < STUCK:
        records.read()
        left = len(wanted - {event_id for _, event_id in records.messages})
        if not left:
            return
        if left != last:
            last, since = left, time.monotonic()
        await asyncio.sleep(0.5)


def report(facts, messages, more):
    wanted = {event_id for ids in facts.values() for event_id in ids}
    times = Counter(event_id for _, event_id in messages)
    by_key = defaultdict(list)
    for key, event_id in dict.fromkeys(messages):
        by_key[key].append(event_id)
    out_of_order = 0
    for key, ids in by_key.items():
        places = {event_id: place for place, event_id in enumerate(facts[key])}
        found = [places[each] for each in ids if each in places]
        out_of_order += sum(b < a for a, b in itertools.pairwise(found))
    counts = {"facts committed": len(wanted), "messages at the engine": len(messages), **more}
    wrong = {
        "runs without a message": int(not messages),
        "facts lost": len(wanted - times.keys()),
        "messages doubled within their time to live": sum(n > 1 for n in times.values()),
        "messages out of order within their key": out_of_order,
        "messages of facts that were rolled back": len(times.keys() - wanted),
    }
    return counts, wrong
