"""A service and its outbox begin: who writes at once, and a database that is away meanwhile."""

import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support import outbox_faults as faults
from tests.support.outboxes import Line, postgres_url
from tests.support.waiting import until

from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.publishing.outbox import Outbox, watch

SOON = 10.0
"""Seconds for a start whose database says nothing: 6 where nobody is busy."""


def service(outbox, line=None):
    settings = WorkflowSettings(service_name="shop", grace=timedelta(0), outbox_ready=True)
    builder = WorkflowBuilder(settings=settings, gateway=line or Line())
    return builder.with_outbox(outbox, create_table=True)


class Door:
    """What takes events from outside, as HTTP does, and has the first one as it opens."""

    def __init__(self, outbox):
        self._outbox = outbox

    async def start(self, workflow):
        await put(self._outbox)
        self.ready_for = workflow.health().outbox[self._outbox.table.name]

    async def stop(self):
        pass


async def test_who_starts_after_the_outbox_writes_into_its_table_at_once(tmp_path):
    outbox, line = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}"), Line()
    door = Door(outbox)
    async with service(outbox, line).with_lifespan_hook(door).running():
        await until(lambda: line.names == ["told"])
    assert door.ready_for.troubles == ()


@asynccontextmanager
async def new_file(folder):
    """A database without anything."""
    outbox = Outbox(f"sqlite+aiosqlite:///{folder / 'outbox.db'}")
    yield faults.Stand(outbox, str(outbox.engine.url))
    await outbox.engine.dispose()


def server(_folder):
    return faults.postgres_stand(postgres_url())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database", "fault", "words"),
    [
        (new_file, faults.locked_file, "SQLITE_BUSY"),
        pytest.param(server, *faults.OF_POSTGRES["refused"], marks=pytest.mark.postgres),
        pytest.param(server, *faults.OF_POSTGRES["silent"], marks=pytest.mark.postgres),
    ],
)
async def test_a_service_starts_without_its_database_and_says_so_from_the_first_moment(
    tmp_path, database, fault, words, monkeypatch
):
    monkeypatch.setattr(watch, "_EVERY", 0.1)
    line = Line()
    async with database(tmp_path) as stand, AsyncExitStack() as wrong:
        await wrong.enter_async_context(fault(stand))
        begun = time.monotonic()
        async with service(stand.outbox, line).running() as workflow:
            assert time.monotonic() - begun < SOON
            assert words in str(workflow.health().outbox[stand.table].troubles)
            assert any(words in each for each in workflow.health().problems)
            await wrong.aclose()
            await until(lambda: workflow.health().ready)
            await put(stand.outbox)
            await until(lambda: line.names == ["told"])


async def put(outbox):
    async with AsyncSession(outbox.engine) as session, session.begin():
        await outbox.publish(session, "told", correlation_key="1")
