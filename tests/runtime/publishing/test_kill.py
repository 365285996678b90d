"""kill -9 at every step: no event is lost, and none is there twice."""

import asyncio
import signal
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.zeebe import ZeebeGateway
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox, Relay, outbox_table
from workflow_runtime.publishing.publisher import Publisher

SERVICE = Path(__file__).with_name("killed_service.py")
STEPS = [
    ("before commit", 3),
    ("after commit", 3),
    ("after claim", 2),
    ("after sending", 3),
    ("after marking", 3),
]


class Minutes:
    """Wall time, moved: what the dead relay held is free at once."""

    def __init__(self):
        self.ahead = 120

    def __call__(self):
        return time.time() + self.ahead


@pytest.fixture
async def shop(engine, table_name):
    """Tables for the orders and their events."""
    outbox = Outbox(engine, table=outbox_table(name=table_name), clock=Minutes())
    orders = f"orders_{uuid.uuid4().hex[:10]}"
    await outbox.create_table()
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE TABLE {orders} (name VARCHAR(10))"))
    yield outbox, orders
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE {orders}"))
        await connection.run_sync(outbox.table.drop)


async def killed(database_url, table, orders, address, step, nth):
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVICE), database_url, table, orders, address, step, str(nth),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await asyncio.wait_for(process.wait(), 30)


async def take_over(outbox, address):
    gateway = ZeebeGateway(parse_address(address))
    relay = Relay(outbox)
    relay.connect(Publisher(gateway, Observer(), patience=timedelta(seconds=5)), Observer())
    while await relay.step():
        pass
    await gateway.close()


async def column(outbox, query):
    async with outbox.engine.connect() as connection:
        return [row[0] for row in await connection.execute(query)]


@pytest.mark.parametrize(("step", "nth"), STEPS, ids=[step for step, _ in STEPS])
@pytest.mark.slow
async def test_every_committed_event_is_published_exactly_once(
    shop, database_url, table_name, step, nth
):
    outbox, orders = shop
    engine = Engine(ControlledClock())
    server = await serve(engine)
    address = f"http://127.0.0.1:{server.port}"
    code = await killed(database_url, table_name, orders, address, step, nth)
    assert code == -signal.SIGKILL
    await take_over(outbox, address)
    await server.stop()
    written = await column(outbox, text(f"SELECT name FROM {orders} ORDER BY name"))
    published = [
        (record.value["name"], record.value["correlationKey"])
        for record in engine.records
        if (record.value_type, record.intent) == ("MESSAGE", "PUBLISHED")
    ]
    assert len(written) >= 2
    assert sorted(name for name, _ in published) == written
    for key in ("k0", "k1"):
        in_order = [name for name, its_key in published if its_key == key]
        assert in_order == sorted(in_order)
    assert set(await column(outbox, select(outbox.table.c.state))) == {"sent"}


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
async def test_of_several_services_the_living_take_over_what_the_dead_held(shop, table_name):
    outbox, orders = shop
    engine = Engine(ControlledClock())
    server = await serve(engine)
    url = outbox.engine.url.render_as_string(hide_password=False)
    gateway = f"http://127.0.0.1:{server.port}"

    async def begin(name, step, nth):
        return await asyncio.create_subprocess_exec(
            sys.executable, str(SERVICE), url, table_name, orders, gateway, step, str(nth), name,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def dies(service):
        assert await asyncio.wait_for(service.wait(), 30) == -signal.SIGKILL

    # The first one holds events as it dies; the others find them, and one of them dies too.
    await dies(await begin("a", "after claim", 1))
    second, living = await begin("b", "before commit", 5), await begin("c", "never", 1)
    await asyncio.wait_for(living.stdout.readline(), 30)
    await dies(second)
    written = await column(outbox, text(f"SELECT name FROM {orders} ORDER BY name"))
    async with asyncio.timeout(30):
        waiting = select(outbox.table.c.id).where(outbox.table.c.state == "waiting")
        while await column(outbox, waiting):  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0)
    living.kill()
    await living.wait()
    await server.stop()
    names = [
        record.value["name"]
        for record in engine.records
        if (record.value_type, record.intent) == ("MESSAGE", "PUBLISHED")
    ]
    assert sorted(names) == written
    for key in ("ak0", "ak1", "bk0", "bk1", "ck0", "ck1"):
        of_key = [n for n in names if n[0] == key[0] and int(n[2:]) % 2 == int(key[2])]
        assert of_key == sorted(of_key)
