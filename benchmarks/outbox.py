"""How many events a second a relay sends while many others wait, each with a key of its own.

Takes PostgreSQL at DATABASE_URL (``tools/postgres.sh start`` prints one) and a SQLite file; the
gateway only counts. For each number of waiting events, the relay sends a stretch of them: first
and last figure are of the beginning and the end of what was sent. ``--all`` sends every event.
Exit 1 if a limit is missed.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox, Relay, outbox_table
from workflow_runtime.publishing.publisher import Publisher

SIZES = {"postgresql": (50_000, 400_000), "sqlite": (50_000, 200_000)}
LEAST = {"postgresql": 1000, "sqlite": 500}
FLAT = 0.8
STRETCH = 20_000
CHUNK = 5_000


class Counting:
    """A gateway that takes every message."""

    def __init__(self):
        self.taken = set()

    async def publish_message(self, _name, correlation_key, _scope, **_):
        await asyncio.sleep(0)
        self.taken.add(correlation_key)


async def fill(outbox, count):
    """Writes by the outbox's own statement, many rows at once."""
    statement = outbox.statement("order_paid", correlation_key="", event_id="x", scope={"n": 1})
    row = dict(statement.compile().params)
    rows = [
        row | {"correlation_key": f"order-{number}", "event_id": uuid.uuid4().hex}
        for number in range(count)
    ]
    async with outbox.engine.begin() as connection:
        for begin in range(0, count, CHUNK):
            part = [
                {name: value for name, value in each.items() if name in outbox.table.c}
                for each in rows[begin : begin + CHUNK]
            ]
            await connection.execute(outbox.table.insert().values(created_at=outbox.now()), part)


async def send(relay, gateway, count):
    """Events a second of each chunk, until so many are sent."""
    rates, done = [], 0
    while done < count:
        begun, before = time.perf_counter(), len(gateway.taken)
        while len(gateway.taken) - before < min(CHUNK, count - done):
            if not await relay.step():
                sys.exit(f"the relay stopped after {len(gateway.taken)} of {count} events")
        sent = len(gateway.taken) - before
        rates.append(sent / (time.perf_counter() - begun))
        done += sent
    return rates


async def measure(url, waiting, stretch):
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _as_services_do)
    outbox = Outbox(engine, table=outbox_table(name=f"outbox_{uuid.uuid4().hex[:10]}"))
    gateway, observer = Counting(), Observer()
    relay = Relay(outbox, create_table=True)
    relay.connect(Publisher(gateway, observer, patience=timedelta(seconds=1)), observer)
    await relay.step()
    try:
        await fill(outbox, waiting)
        rates = await send(relay, gateway, min(stretch or waiting, waiting))
    finally:
        async with engine.begin() as connection:
            await connection.execute(text(f"DROP TABLE {outbox.table.name}"))
        await engine.dispose()
    mean = len(rates) / sum(1 / rate for rate in rates)
    return {"rate": round(mean), "first": round(rates[0]), "last": round(rates[-1])}


def _as_services_do(connection, _record):
    connection.cursor().execute("PRAGMA journal_mode=WAL")


async def of_database(url, sizes, stretch):
    name = url.split("+")[0].split(":")[0]
    found = {waiting: await measure(url, waiting, stretch) for waiting in sizes or SIZES[name]}
    few, many = min(found), max(found)
    ratio = found[many]["rate"] / found[few]["rate"]
    missed = [
        f"{name}: {what}"
        for what, is_missed in (
            (f"{LEAST[name]} events a second", found[many]["rate"] < LEAST[name]),
            (f"{FLAT} of the rate at {few}", ratio < FLAT),
        )
        if is_missed
    ]
    report = {"events per second, by how many wait": found, "many to few": round(ratio, 2)}
    return name, report, missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=int, nargs="*", help="how many events wait")
    parser.add_argument("--all", action="store_true", help="send every one of them")
    parser.add_argument("--database", choices=sorted(SIZES), help="only this one")
    options = parser.parse_args()
    report, missed = {"benchmark": "outbox"}, []
    with tempfile.TemporaryDirectory() as folder:
        urls = {"sqlite": f"sqlite+aiosqlite:///{Path(folder) / 'outbox.db'}"}
        if "DATABASE_URL" in os.environ:
            urls["postgresql"] = os.environ["DATABASE_URL"]
        elif options.database != "sqlite":
            report["note"] = "PostgreSQL skipped: export DATABASE_URL=$(tools/postgres.sh start)"
        for wanted, url in urls.items():
            if options.database in {None, wanted}:
                stretch = None if options.all else STRETCH
                name, found, short = asyncio.run(of_database(url, options.waiting, stretch))
                report[name] = found
                missed += short
    report["missed"] = missed
    print(json.dumps(report, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
