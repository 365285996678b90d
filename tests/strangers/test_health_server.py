"""A port that anybody reaches: whatever clients do, probes are answered and the service goes on."""

import asyncio
import gc
import json
import logging
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from loguru import logger
from prometheus_client import CollectorRegistry
from tests.support.commands import environment

from workflow_runtime import ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.telemetry import connections
from workflow_runtime.telemetry.http import HealthServer

SERVICE = """
import asyncio, os, resource, sys
from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import WorkflowBuilder, WorkflowSettings

resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))

class Work:
    '''Opens files and calls the gateway, as long as the service runs.'''
    async def start(self, workflow):
        server = next(each for each in workflow._lifespan.hooks if hasattr(each, "port"))
        os.write(1, b"%d\\n" % server.port)
        self.task = asyncio.create_task(self.work(workflow))
    async def work(self, workflow):
        while True:
            open(os.devnull).close()
            await workflow.gateway.topology()
            os.write(1, b"works\\n")
            await asyncio.sleep(0.2)
    async def stop(self):
        self.task.cancel()

async def main():
    engine = await serve(Engine())
    settings = WorkflowSettings(
        address=f"http://127.0.0.1:{engine.port}", service_name="x", health_port=0
    )
    async with WorkflowBuilder("x", settings=settings).with_lifespan_hook(Work()).running():
        await asyncio.sleep(1000)

asyncio.run(main())
"""

BEGINNINGS = {
    "silence": b"",
    "half a line": b"GET /li",
    "half a header": b"GET /live HTTP/1.1\r\nHost: a\r\nX-A: ",
    "a body without end": b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\nx",
    "chunks without end": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r",
    "many at once": b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 300,
    "a huge header": b"GET /live HTTP/1.1\r\nHost: a\r\nX-A: " + b"x" * 60_000,
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
}
ANSWERED = {"many at once", "a huge header", "no HTTP"}


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
async def server():
    made = HealthServer("127.0.0.1", 0, CollectorRegistry())
    settings = WorkflowSettings(address="embedded://", service_name="x")
    async with WorkflowBuilder("x", settings=settings).with_lifespan_hook(made).running():
        yield made


async def talk(server, request):
    """Everything that the server says to this, until it closes."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request)
    async with asyncio.timeout(30):
        said = await reader.read()
    writer.close()
    return said


@pytest.mark.slow
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_eleven_hundred_bad_connections_harm_nobody(beginning, many_files, tmp_path):
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", SERVICE], env=environment(), stdout=subprocess.PIPE, stderr=log
        ) as service,
    ):
        opened = []
        try:
            port = int(service.stdout.readline())
            for _ in range(1_100):
                opened.append(socket.create_connection(("127.0.0.1", port), timeout=20))
                try:
                    opened[-1].sendall(BEGINNINGS[beginning])
                except OSError:
                    continue  # it was one of the oldest already
            begun = time.monotonic()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=20) as answer:
                assert answer.status == 200
            # One second is promised; the rest is for a machine with other things to do.
            assert time.monotonic() - begun < 5
            descriptors = len(list(Path(f"/proc/{service.pid}/fd").iterdir()))
            assert descriptors < 400
            # What the service said before is read first; then it still opens files and calls.
            os.set_blocking(service.stdout.fileno(), False)
            service.stdout.read()
            os.set_blocking(service.stdout.fileno(), True)
            assert service.stdout.readline().endswith(b"works\n")
        finally:
            for each in opened:
                each.close()
            service.kill()
    lines = (tmp_path / "log").read_text().splitlines()
    told = [line for line in lines if "connections at once" in line]
    # Who sends what is no request is answered and gone: there need not be too many at once.
    assert len(told) == 1 or (beginning in ANSWERED and not told)
    assert len(lines) < 10, lines


async def test_a_connection_that_does_nothing_is_ended(server, monkeypatch):
    monkeypatch.setattr(connections, "_SECONDS", 0.1)
    assert await talk(server, b"GET /live HTTP/1.1\r\nHost: a\r\n") == b""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n", b"200"),
        (b"GET /live HTTP/1.0\r\n\r\n", b"200"),
        (b"GET http://elsewhere/live HTTP/1.1\r\nHost: a\r\n\r\n", b"200"),
        (b"GET /live?verbose=1 HTTP/1.1\r\nHost: a\r\n\r\n", b"200"),
        (b"HEAD /live HTTP/1.1\r\nHost: a\r\n\r\n", b"200"),
        (b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
        (b"GET /live/..%2f..%2fetc HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
        (b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
        (b"BREW / HTCPCP/1.0\r\n\r\n", b"400"),
        (b"GET /live HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", b"400"),
    ],
)
async def test_every_request_has_an_answer_and_its_connection_an_end(server, request_, status):
    said = await talk(server, request_)
    assert said.split(b" ")[1] == status
    assert b"Traceback" not in said
    assert (request_.startswith(b"HEAD") and said.endswith(b"\r\n\r\n")) or len(said) > 50


async def test_requests_that_were_sent_ahead_get_one_answer(server):
    said = await talk(server, b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
    assert said.count(b"HTTP/1.1 200") == 1
    assert b"Connection: close" in said


async def test_prometheus_gets_its_page_with_what_it_accepts(server):
    said = await talk(
        server,
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n"
        b"Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n",
    )
    assert b"openmetrics-text" in said
    assert said.rstrip().endswith(b"# EOF")


@pytest.fixture
def library_lines():
    """What aiohttp and asyncio log, as a service's log would have it."""
    records, handler = [], logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    yield records
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("version", [b"abc", b"1.x", b"", b"\xff", b"9" * 5000])
async def test_a_version_that_is_none_gets_the_page_too(server, library_lines, version):
    accept = b"Accept: application/openmetrics-text;version=" + version
    said = await talk(server, b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + accept + b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200")
    assert library_lines == []


async def test_a_body_that_is_no_gzip_writes_no_line(server, library_lines):
    said = await talk(
        server,
        b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 5\r\n\r\nhello",
    )
    assert said.startswith(b"HTTP/1.1 405")
    assert library_lines == []


async def test_a_client_that_left_amid_its_body_is_waited_for_by_nobody(server, library_lines):
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhello")
    assert await reader.readline() == b"HTTP/1.1 405 Method Not Allowed\r\n"
    thread = next(each for each in threading.enumerate() if each.name == "health")
    writer.close()
    await writer.wait_closed()
    await server.stop()
    await asyncio.to_thread(thread.join, 20)
    gc.collect()
    assert library_lines == []


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_it_listens_on_every_address_of_both_kinds():
    lines = []
    sink = logger.add(lines.append, format="{message}")
    made = HealthServer("::", 0, CollectorRegistry())
    settings = WorkflowSettings(address="embedded://", service_name="x")
    async with WorkflowBuilder("x", settings=settings).with_lifespan_hook(made).running():
        assert f"http://[::]:{made.port}" in "".join(lines)
        reader, writer = await asyncio.open_connection("::1", made.port)
        writer.write(b"GET /live HTTP/1.0\r\n\r\n")
        assert json.loads((await reader.read()).partition(b"\r\n\r\n")[2])["status"] == "ok"
        writer.close()
    logger.remove(sink)


async def test_a_port_that_is_taken_is_named(server):
    taken = HealthServer(server.host, server.port, CollectorRegistry())
    settings = WorkflowSettings(address="embedded://", service_name="x")
    builder = WorkflowBuilder("x", settings=settings).with_lifespan_hook(taken)
    with pytest.raises(ConfigurationError, match=f"{server.port}.*WORKFLOW_HEALTH_PORT"):
        await builder.run()


async def test_clients_that_never_read_do_not_hold_up_the_end(server):
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: a\r\n")
    await writer.drain()
    begun = time.monotonic()
    await server.stop()
    assert time.monotonic() - begun < 8
    writer.close()
    del reader
