"""An outbox on each database, a gateway that only takes messages, and a relay between them."""

import asyncio
import os
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import create_async_engine

from workflow_runtime.gateway.errors import InvalidArgument, Unavailable
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox, Relay, outbox_table
from workflow_runtime.publishing.publisher import Publisher


def postgres_url():
    url = os.environ.get("DATABASE_URL")
    if url:
        return url
    if os.environ.get("REQUIRE_POSTGRES"):
        pytest.fail("REQUIRE_POSTGRES is set, but DATABASE_URL is not")
    pytest.skip("no PostgreSQL: export DATABASE_URL=$(tools/postgres.sh start)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}"
    return postgres_url()


@pytest.fixture
async def engine(database_url):
    engine = create_async_engine(database_url)
    yield engine
    await engine.dispose()


class Clock:
    def __init__(self):
        self.seconds = 1_800_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def table_name():
    return f"outbox_{uuid.uuid4().hex[:10]}"


@pytest.fixture
async def outbox(engine, clock, table_name):
    outbox = Outbox(engine, table=outbox_table(name=table_name), clock=clock)
    await outbox.create_table()
    yield outbox
    async with engine.begin() as connection:
        await connection.run_sync(outbox.table.drop)


class Line:
    """A gateway that only takes messages; ``answers`` are raised one by one."""

    in_process = True

    def __init__(self, *answers):
        self.answers = list(answers)
        self.refused, self.away = set(), set()
        self.taken = []
        self.news = asyncio.Event()

    async def publish_message(self, name, correlation_key, scope, *, message_id, **_):
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        if name in self.refused:
            raise InvalidArgument("bad")
        if name in self.away or correlation_key in self.away:
            raise Unavailable("no leader")
        self.taken.append((name, correlation_key, message_id))
        self.news.set()

    @property
    def names(self):
        return [name for name, _, _ in self.taken]

    async def close(self):
        pass


class Watch(Observer):
    def __init__(self):
        self.parked, self.states, self.published = [], [], []

    def event_published(self, name, outcome):
        self.published.append((name, outcome))

    def event_parked(self, name, event_id, reason):
        self.parked.append((name, reason))

    def outbox_state(self, waiting, parked, oldest):
        self.states.append((waiting, parked, oldest))


def relay_of(outbox, line, watch=None, **options):
    watch = watch or Watch()
    relay = Relay(outbox, patience=timedelta(milliseconds=1), **options)
    relay.connect(Publisher(line, watch, patience=timedelta(seconds=1)), watch)
    return relay


async def write(outbox, *events):
    async with outbox.engine.begin() as connection:
        for name, key in events:
            await outbox.publish(connection, name, correlation_key=key)


async def rows(outbox, *columns):
    async with outbox.engine.connect() as connection:
        chosen = [outbox.table.c[column] for column in columns]
        query = select(*chosen).order_by(outbox.table.c.id)
        return [tuple(row) for row in await connection.execute(query)]


async def drain(relay):
    while await relay.step():
        pass


async def edit(outbox, name, **values):
    """What somebody with a database client does to the event of this name."""
    async with outbox.engine.begin() as connection:
        chosen = update(outbox.table).where(outbox.table.c.name == name)
        await connection.execute(chosen.values(**values))
