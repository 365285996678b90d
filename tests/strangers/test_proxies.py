"""Proxies of the environment: never for this machine, and named where they stand in the way."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from aiohttp import web
from loguru import logger
from tests.support.commands import environment

from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import AddressError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.alerts.channels import AppriseChannel
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.connect import check_connection, connect
from workflow_runtime.gateway.errors import Unavailable
from workflow_runtime.gateway.http import proxy_for
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource
from workflow_runtime.gateway.proxies import proxy_of

DEAD = "http://ann:hunter22@127.0.0.1:9"
NAMES = ("grpc_proxy", "https_proxy", "http_proxy", "all_proxy")
NAMES = (*NAMES, *(name.upper() for name in NAMES))


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in (*NAMES, "no_proxy", "NO_PROXY", "no_grpc_proxy"):
        # Set first, so that what a test sets by itself is taken back as well.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@asynccontextmanager
async def tunnel():
    """A proxy that connects whatever is asked for to an engine of its own."""
    server, asked = await serve(), []

    async def join(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b"\r\n")[0].decode())
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(passed(reader, far_writer), passed(far_reader, writer))

    async def passed(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    proxy = await asyncio.start_server(join, "127.0.0.1", 0)
    yield proxy.sockets[0].getsockname()[1], asked
    proxy.close()
    await server.stop()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
async def test_no_proxy_gets_what_is_for_this_machine(name, host, monkeypatch):
    monkeypatch.setenv(name, DEAD)
    server = await serve()
    gateway = connect(WorkflowSettings(address=f"http://{host}:{server.port}"))
    try:
        assert (await gateway.topology()).cluster_size == 1
    finally:
        await gateway.close()
        await server.stop()


@pytest.mark.parametrize("name", ["grpc_proxy", "https_proxy", "http_proxy"])
async def test_a_proxy_in_the_way_is_used_and_named_without_its_password(name, monkeypatch):
    lines = []
    sink = logger.add(lines.append, format="{message}")
    async with tunnel() as (port, asked):
        monkeypatch.setenv(name, f"http://ann:hunter22@127.0.0.1:{port}")
        async with WorkflowBuilder("shop", "http://zeebe.invalid:26500").running() as workflow:
            await workflow.gateway.topology()
    logger.remove(sink)
    assert asked[0].startswith("CONNECT zeebe.invalid:26500")
    said = next(line for line in lines if "proxy" in line)
    assert f"http://***@127.0.0.1:{port} ({name})" in said
    assert "hunter22" not in "".join(lines)


@pytest.mark.parametrize("empty", ["", " ", "\n"], ids=repr)
async def test_an_empty_variable_hides_no_proxy_from_grpc(empty, monkeypatch):
    monkeypatch.setenv("grpc_proxy", empty)
    monkeypatch.setenv("https_proxy", empty)
    async with tunnel() as (port, asked):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}\n")
        gateway = connect(WorkflowSettings(address="http://zeebe.invalid:26500"))
        try:
            await gateway.topology()
        finally:
            await gateway.close()
    assert asked[0].startswith("CONNECT zeebe.invalid:26500")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, ""),
        ({"http_proxy": ""}, ""),
        ({"http_proxy": "  "}, ""),
        ({"grpc_proxy": " ", "http_proxy": "http://proxy:1\n"}, "http://proxy:1 (http_proxy)"),
        ({"http_proxy": "http://proxy:3128"}, "http://proxy:3128 (http_proxy)"),
        ({"http_proxy": "http://u:p@proxy:3128/"}, "http://***@proxy:3128/ (http_proxy)"),
        ({"http_proxy": "http://a:1", "grpc_proxy": "http://b:2"}, "http://b:2 (grpc_proxy)"),
        ({"HTTP_PROXY": "http://proxy:3128", "ALL_PROXY": "http://proxy:1"}, ""),
        ({"http_proxy": "socks5://proxy:1080"}, ""),
        ({"http_proxy": "proxy:3128"}, ""),
        ({"http_proxy": "http://proxy:port"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "zeebe.example"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "other, .example"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "other"}, "http://p:1 (http_proxy)"),
        ({"http_proxy": "http://p:1", "no_grpc_proxy": "example"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "*"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "a, *.example"}, ""),
        ({"http_proxy": "http://p:1", "NO_PROXY": "zeebe.example"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": " ", "NO_PROXY": "zeebe.example"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "zeebe.example:26500"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": ".example:26500"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "*:26500"}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "zeebe.example."}, ""),
        ({"http_proxy": "http://p:1", "no_proxy": "., 00, *."}, "http://p:1 (http_proxy)"),
        (
            {"http_proxy": "http://p:1", "no_proxy": "zeebe.example:443"},
            "http://p:1 (http_proxy)",
        ),
    ],
)
def test_the_proxy_that_grpc_would_take_is_known(variables, found):
    assert proxy_of(parse_address("http://zeebe.example:26500"), variables) == found


@pytest.mark.parametrize(
    ("exceptions", "host", "through"),
    [
        ("[2001:db8::5]:26500", "[2001:db8::5]", False),
        ("[2001:db8::5]", "[2001:db8::5]", False),
        ("2001:db8::/32", "[2001:db8::5]", False),
        ("10.1.2.3:26500", "10.1.2.3", False),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("10.0.0.0/8", "10.1.2.3", False),
        ("zeebe.example:26500", "zeebe.example", False),
        ("zeebe.example:443", "zeebe.example", True),
        ("zeebe.example", "zeebe.example", False),
    ],
)
def test_exceptions_are_the_same_for_the_gateway_and_for_http(
    exceptions, host, through, monkeypatch
):
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", exceptions)
    assert bool(proxy_of(parse_address(f"http://{host}:26500"))) is through
    assert bool(proxy_for(f"http://{host}:26500/token", "")) is through


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost.", "127.0.0.1", "127.8.8.8", "[::1]", "[::ffff:127.0.0.1]"),
        *("0.0.0.0", "a.localhost", "ip6-localhost", "localhost.localdomain"),
    ],
)
def test_this_machine_has_many_names(host, monkeypatch):
    monkeypatch.setenv("http_proxy", DEAD)
    assert not proxy_of(parse_address(f"http://{host}:26500"), {"http_proxy": "http://p:1"})
    assert proxy_for(f"http://{host}:80/token", "") is None


@pytest.mark.parametrize(
    ("name", "value"), [("no_proxy", "*"), ("no_proxy", "*.invalid"), ("NO_PROXY", "zeebe.invalid")]
)
async def test_no_proxy_gets_what_other_programs_would_not_give_it(name, value, monkeypatch):
    async with tunnel() as (port, asked):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        monkeypatch.setenv(name, value)
        gateway = connect(WorkflowSettings(address="http://zeebe.invalid:26500"))
        try:
            with pytest.raises(Unavailable):
                await gateway.topology(deadline=timedelta(seconds=5))
        finally:
            await gateway.close()
        assert not asked


@pytest.mark.parametrize("name", NAMES)
async def test_tokens_of_this_machine_come_through_no_proxy(name, monkeypatch):
    monkeypatch.setenv(name, DEAD)

    async def token(request):
        return web.json_response({"access_token": "good", "expires_in": 300})

    app = web.Application()
    app.router.add_post("/token", token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    source = TokenSource(
        f"http://127.0.0.1:{port}/token", "me", "secret", timeout=timedelta(seconds=5)
    )
    try:
        assert await OAuthCredentials(source).fetch() == (("authorization", "Bearer good"),)
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("proxy.example:3128", "is no HTTP proxy, which begins with http://"),
        ("socks5://ann:hunter22@proxy.example:1080", "is no HTTP proxy"),
        ("http://ann:hunter22@proxy.example:3128", "in plain text"),
    ],
)
@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_a_proxy_that_no_token_can_come_through_ends_the_start(name, proxy, said, monkeypatch):
    monkeypatch.setenv(name, proxy)
    tokens = {"client_id": "i", "client_secret": "s", "oauth_url": "https://login.example/token"}
    with pytest.raises(AddressError, match=said) as caught:
        check_connection(WorkflowSettings(address="http://localhost", **tokens))
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("blank", ["", " ", "\n"], ids=repr)
def test_a_blank_proxy_is_none_for_tokens(blank, monkeypatch):
    monkeypatch.setenv("https_proxy", blank)
    assert proxy_for("https://login.example/token", "") is None
    monkeypatch.setenv("https_proxy", f"http://proxy.example:3128{blank}")
    assert proxy_for("https://login.example/token", "") == "http://proxy.example:3128"


@pytest.mark.parametrize("name", NAMES)
async def test_alerts_to_this_machine_go_through_no_proxy(name, monkeypatch):
    monkeypatch.setenv(name, DEAD)
    monkeypatch.setenv("NO_PROXY", "elsewhere")
    got = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        channel = AppriseChannel(f"json://127.0.0.1:{server.server_port}")
        await channel.send(Notice(Kind.HELD_BACK, "title", "body"))
    finally:
        server.shutdown()
        server.server_close()
    assert got[0]["title"] == "title"


def test_doctor_names_the_proxy_without_its_password():
    found = subprocess.run(
        [sys.executable, "-m", "workflow_runtime.cli", "doctor", "-a", "http://zeebe.invalid:1"],
        env=environment(http_proxy="http://ann:hunter22@127.0.0.1:9", no_proxy=""),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = found.stdout + found.stderr
    assert "http://***@127.0.0.1:9 (http_proxy)" in said
    assert "hunter22" not in said
