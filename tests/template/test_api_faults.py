"""A generated API whose database, engine or token server fails: problems in time, no traceback."""

import asyncio
import os
import sys
import time
import uuid
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from tests.reliability.proxy import Proxy
from tests.support import outbox_faults as faults
from tests.support.outboxes import postgres_url
from tools import demo

from workflow_runtime.publishing.outbox import Outbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STORED, STARTED = 3.0, 5.0
"""Seconds in which an answer comes: to an event (1.5 where nobody is busy), and to a start (3)."""


class Api:
    """A generated service in a process of its own, and what it says."""

    def __init__(self, client, health):
        self.client, self.health_url = client, health

    async def post(self, path, **body):
        begun = time.monotonic()
        answer = await self.client.post(path, **body)
        return answer, time.monotonic() - begun

    async def confirm(self):
        return await self.post(f"/registrations/{uuid.uuid4().hex}/confirmation")

    async def start(self):
        return await self.post("/registrations", json={"userId": "ann"})

    async def health(self, page="/health"):
        return await self.client.get(self.health_url + page)

    async def until(self, condition):
        """Waits for an answer of which something holds."""
        async with asyncio.timeout(60):
            while not await condition():  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.1)


@asynccontextmanager
async def running(service, log, **variables):
    http, health = demo.free_port(), demo.free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WORKFLOW_", "ZEEBE_"))}
    given = {
        "SERVICE_HTTP_PORT": str(http),
        "WORKFLOW_HEALTH_PORT": str(health),
        "WORKFLOW_GRACE": "0",
        "PYTHONPATH": os.pathsep.join([str(service / "src"), kept.get("PYTHONPATH", "")]),
    }
    with log.open("w") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "registration_service"),
            cwd=service,
            env=kept | given | variables,
            stderr=stderr,
        )
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}", timeout=60) as client:
            api = Api(client, f"http://127.0.0.1:{health}")

            async def listens():
                try:
                    return (await client.get("/docs")).status_code
                except httpx.TransportError:
                    return None

            try:
                await api.until(listens)
                yield api
            finally:
                process.terminate()
                await process.wait()
    said = log.read_text()
    assert "Traceback" not in said
    assert '"ERROR"' not in said
    assert sum("trying again until it works" in line for line in said.splitlines()) <= 2


@asynccontextmanager
async def sqlite(folder):
    outbox = Outbox(f"sqlite+aiosqlite:///{folder / 'outbox.db'}")
    yield faults.Stand(outbox, str(outbox.engine.url))
    await outbox.engine.dispose()


@asynccontextmanager
async def postgres(_folder):
    """A database of its own, behind a line that can fail."""
    server, name = make_url(postgres_url()), f"api_{uuid.uuid4().hex[:10]}"
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT")
    proxy = Proxy(server.port, server.host)
    await proxy.start()
    own = server.set(database=name).render_as_string(hide_password=False)
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        through = make_url(own).set(host="127.0.0.1", port=proxy.port)
        outbox = Outbox(through.render_as_string(hide_password=False))
        yield faults.Stand(outbox, own, proxy)
        await outbox.engine.dispose()
        await proxy.cut()
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()


def is_problem(answer, status, took, limit):
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )
    assert answer.json()["status"] == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "Traceback" not in answer.text
    assert took < limit


CASES = [
    pytest.param(sqlite, faults.locked_file, "SQLITE_BUSY", id="sqlite, locked file"),
    pytest.param(sqlite, faults.missing_table, "table is missing", id="sqlite, no table"),
    *(
        pytest.param(postgres, fault, words, id=f"postgres, {name}", marks=pytest.mark.postgres)
        for name, (fault, words) in faults.OF_POSTGRES.items()
        if name != "exhausted pool"
    ),
]


@pytest.mark.parametrize(("database", "fault", "words"), CASES)
async def test_an_event_is_stored_or_a_problem_in_time_whatever_the_database_does(
    bake, gateway, tmp_path, database, fault, words
):
    service = bake(http_api="fastapi", outbox="postgres" if database is postgres else "sqlite")
    async with (
        database(tmp_path) as stand,
        running(
            service,
            tmp_path / "log",
            ZEEBE_ADDRESS=gateway,
            SERVICE_OUTBOX_URL=stand.outbox.engine.url.render_as_string(hide_password=False),
            WORKFLOW_OUTBOX_READY="true",
        ) as api,
    ):

        async def stored():
            return (await api.confirm())[0].status_code == 202

        async def named():
            return words in (await api.health()).text

        async def ready():
            return (await api.health("/ready")).status_code == 200

        await api.until(stored)
        await api.until(ready)
        async with fault(stand):
            for answer, took in await asyncio.gather(*(api.confirm() for _ in range(3))):
                is_problem(answer, 503, took, STORED)
                assert words in answer.json()["detail"]
            await api.until(named)
            assert not await ready()
            # What does not need it goes on.
            assert (await api.start())[0].status_code == 202
        await api.until(stored)
        await api.until(ready)


@asynccontextmanager
async def nobody():
    yield f"http://127.0.0.1:{demo.free_port()}"


@asynccontextmanager
async def silence():
    """Takes every connection, and says nothing."""
    kept = []
    server = await asyncio.start_server(lambda *line: kept.append(line), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for _, writer in kept:
        writer.close()


@pytest.mark.parametrize("away", [nobody, silence])
@pytest.mark.parametrize("what", ["engine", "token server"])
async def test_a_start_is_a_problem_in_time_while_engine_or_tokens_are_away(
    bake, gateway, tmp_path, away, what
):
    async with away() as address:
        variables = {"ZEEBE_ADDRESS": address}
        if what == "token server":
            variables = {
                "ZEEBE_ADDRESS": gateway,
                "WORKFLOW_CLIENT_ID": "me",
                "WORKFLOW_CLIENT_SECRET": "secret",
                "WORKFLOW_OAUTH_URL": address,
            }
        service = bake(http_api="fastapi")
        async with running(service, tmp_path / "log", **variables) as api:
            for ask in (api.start, api.confirm):
                answer, took = await ask()
                is_problem(answer, 503, took, STARTED)
            begun = time.monotonic()
            assert (await api.health("/ready")).status_code == 503
            assert time.monotonic() - begun < 1
