"""A service that takes its connection from the environment has the same one after the move."""

import asyncio
import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from tests.gateway.certificates import Authority
from tests.migration.sides import Side
from tests.migration.stories import ANN_HIRED
from tests.migration.story import Run, Start, Story
from tests.support.waiting import loop_in_thread

pytestmark = pytest.mark.slow
RUN = Run("h-secured", (Start("onboarding", ANN_HIRED),), "working completed")
STORY = Story("onboarding", "hireId", (RUN,))


class Tokens(BaseHTTPRequestHandler):
    """Hands out tokens; ``server.asked`` has what was asked for."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append({name: value for name, (value,) in parse_qs(body).items()})
        token = {"access_token": "t", "token_type": "Bearer", "expires_in": 300}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(token).encode())

    def log_message(self, *_):
        """Nothing: the test looks itself."""


@contextmanager
def token_server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Tokens) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def behind_tls(dev, authority):
    """The port at which an engine is reached by TLS, as a load balancer has it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("gateway"))
    context.set_alpn_protocols(["h2"])

    async def pump(reader, writer):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()

    async def line(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", dev.port)
        ways = [pump(reader, inner_writer), pump(inner_reader, writer)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in (writer, inner_writer):
            each.close()

    with loop_in_thread() as run:
        server = run(asyncio.start_server(line, "127.0.0.1", 0, ssl=context))
        yield server.sockets[0].getsockname()[1]

        async def stop():
            server.close()

        run(stop())


# pyzeebe's channel for OAuth is always one with TLS; here the address says it.
@pytest.mark.parametrize(("name", "scheme"), [("before", ""), ("after", "https://")])
def test_tls_and_tokens_are_those_of_the_environment(name, scheme, engines, tmp_path):
    authority = Authority(tmp_path)
    with token_server() as tokens, behind_tls(engines[name], authority) as port:
        side = Side(
            engines[name], STORY, name, tmp_path / "log",
            ZEEBE_ADDRESS=f"{scheme}localhost:{port}",
            ZEEBE_AUTHORIZATION_SERVER_URL=f"http://127.0.0.1:{tokens.server_port}/oauth/token",
            ZEEBE_CLIENT_ID="onboarding",
            ZEEBE_CLIENT_SECRET="s3cret",
            ZEEBE_TOKEN_AUDIENCE="zeebe-api",
            ZEEBE_CA_CERTIFICATE_PATH=authority.ca,
            GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=authority.ca,
            OAUTHLIB_INSECURE_TRANSPORT=1,
        )  # fmt: skip
        try:
            found = side.play(RUN)
        finally:
            side.stop()
    assert RUN.end in found
    assert found["$welcome"] == "ann@example.org gets 2 things"
    first = tokens.asked[0]
    assert (first["grant_type"], first["audience"]) == ("client_credentials", "zeebe-api")
