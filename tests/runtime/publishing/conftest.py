import os
import uuid

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from workflow_runtime.publishing.outbox import Outbox, outbox_table


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
