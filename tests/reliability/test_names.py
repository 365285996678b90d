"""The gateway's name: unknown until its pod is there, or known under another address later."""

import asyncio
import struct
import time
from datetime import timedelta

import pytest
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.errors import Unavailable
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource
from workflow_runtime.gateway.zeebe import ZeebeGateway

NO_SUCH_NAME, OF_AN_ADDRESS = 3, 1


class Names(asyncio.DatagramProtocol):
    """A name server; ``addresses`` is what it knows of any name."""

    def __init__(self):
        self.addresses, self.asked = [], 0

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, client):
        self.asked += 1
        end = data.index(b"\0", 12) + 5
        (kind,) = struct.unpack(">H", data[end - 4 : end - 2])
        found = self.addresses if kind == OF_AN_ADDRESS else []
        state = 0x8180 | (0 if self.addresses else NO_SUCH_NAME)
        head = data[:2] + struct.pack(">HHHHH", state, 1, len(found), 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", OF_AN_ADDRESS, 1, 1, 4)
        answers = b"".join(record + bytes(map(int, each.split("."))) for each in found)
        self._transport.sendto(head + data[12:end] + answers, client)


@pytest.fixture
async def names(monkeypatch):
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        Names, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    target = property(lambda self: f"dns://127.0.0.1:{port}/{self.host}:{self.port}")
    monkeypatch.setattr(Address, "target", target)
    yield server
    transport.close()


async def test_a_name_without_an_address_is_no_execution(names):
    gateway = ZeebeGateway(Address("http", "zeebe.test", 26500))
    with pytest.raises(Unavailable) as caught:
        await gateway.topology()
    assert caught.value.never_executed
    await gateway.close()


@pytest.mark.slow
async def test_a_service_that_starts_before_the_name_is_known_works_soon_after(names):
    server = await serve(Engine())
    settings = WorkflowSettings(address=f"http://zeebe.test:{server.port}")

    async def work(task):
        return None

    async with WorkflowBuilder(settings=settings).with_handler("work", work).running() as workflow:
        # Long enough for gRPC's own waits to have grown beyond what is asked for here.
        await until(lambda: names.asked >= 2)
        await asyncio.sleep(20)
        assert workflow.health().live
        assert not workflow.health().ready
        names.addresses = ["127.0.0.1"]
        begun = time.monotonic()
        await until(lambda: workflow.health().ready)
        assert time.monotonic() - begun < 4
    await server.stop()


async def test_a_gateway_that_comes_back_under_another_address_is_found(names):
    first = await serve(Engine())
    names.addresses = ["127.0.0.1"]
    gateway = ZeebeGateway(Address("http", "zeebe.test", first.port))
    await gateway.topology()
    names.addresses = ["127.0.0.2"]
    await first.stop()
    second = await serve(Engine(), host="127.0.0.2", port=first.port)

    async def answered():
        try:
            await gateway.topology()
        except Unavailable:
            return False
        return True

    begun = time.monotonic()
    while not await answered():
        assert time.monotonic() - begun < 15
        await asyncio.sleep(0.2)
    await gateway.close()
    await second.stop()


async def test_a_token_server_whose_name_is_unknown_is_away():
    source = TokenSource(
        "https://nowhere.invalid/token", "me", "secret", timeout=timedelta(seconds=20)
    )
    with pytest.raises(Unavailable):
        await OAuthCredentials(source).fetch()
