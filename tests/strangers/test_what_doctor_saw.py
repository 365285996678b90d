"""`workflow doctor` against servers with each fault: what it says is what it saw."""

import json
import socket
import sqlite3
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import pytest
from tests.gateway.certificates import Authority
from tests.support.on_call import on_call
from typer.testing import CliRunner

from workflow_runtime.cli import _checkup_others, _probe
from workflow_runtime.cli._app import app

AWAY = "127.0.0.1:1"
BASIC = {"WORKFLOW_USER": "ann", "WORKFLOW_PASSWORD": "hunter2"}
OAUTH = {"WORKFLOW_CLIENT_ID": "me", "WORKFLOW_CLIENT_SECRET": "hunter2"}


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nothing is set that is not of the test; silence is short."""
    monkeypatch.chdir(tmp_path)
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(_probe, "PATIENCE", 1.0)
    monkeypatch.setattr(_checkup_others, "_LONG", 1.0)


def doctor(**environment):
    environment = {"ZEEBE_ADDRESS": f"http://{AWAY}"} | environment
    result = CliRunner().invoke(app, ["doctor", "--json"], env=environment)
    assert "hunter2" not in result.output
    found = {}
    for each in json.loads(result.stdout):
        found[each["subject"]] = {**each, "said": f"{each['detail']} -> {each['remedy']}"}
    return result.exit_code, found


@contextmanager
def http(status=200, body=b"{}", *, slow=False, headers=(), certificate=(), asked=None):
    """A server of HTTP that answers everything so, or never."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            if asked is not None:
                asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if slow:
                self.rfile.read(1)  # until the other side goes
                return
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - http.server's own names

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def gateway(code):
    """A gateway that answers every call with a status."""

    class Refuses(grpc.GenericRpcHandler):
        def service(self, details):
            def answer(request, context):
                context.abort(code, "no")

            return grpc.unary_unary_rpc_method_handler(answer)

    server = grpc.server(ThreadPoolExecutor(2), handlers=[Refuses()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(None)


@contextmanager
def silence():
    """A port that nobody accepts connections at, with no room for another one."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"


# The gateway.


def test_a_name_that_nobody_knows():
    code, found = doctor(ZEEBE_ADDRESS="http://zeebe.invalid:26500")
    assert code == 3
    assert "the name zeebe.invalid is not known" in found["broker"]["said"]


def test_a_port_where_nothing_listens():
    code, found = doctor()
    assert code == 3
    assert "127.0.0.1:1: connection refused" in found["broker"]["said"]
    assert "start the broker" in found["broker"]["said"]


def test_a_connection_that_is_swallowed():
    with silence() as where:
        code, found = doctor(ZEEBE_ADDRESS=f"http://{where}")
    assert code == 3
    assert "no answer to a connection within 1 s" in found["broker"]["said"]
    assert "a firewall" in found["broker"]["said"]


@pytest.mark.parametrize(
    "status", [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED]
)
def test_credentials_that_are_set_and_refused_are_not_said_to_be_missing(status):
    with gateway(status) as address:
        code, found = doctor(ZEEBE_ADDRESS=address, **BASIC)
    assert code == 4
    assert "refused: user ann or the password that is set" in found["broker"]["said"]
    assert "set WORKFLOW_USER and" not in found["broker"]["said"]


def test_credentials_that_are_not_set_are_said_to_be_missing():
    with gateway(grpc.StatusCode.UNAUTHENTICATED) as address:
        code, found = doctor(ZEEBE_ADDRESS=address)
    assert code == 4
    assert "none are set: set WORKFLOW_USER and" in found["broker"]["said"]


def test_a_token_that_the_gateway_refuses_is_for_another_audience():
    token = b'{"access_token": "t", "expires_in": 300}'
    with gateway(grpc.StatusCode.UNAUTHENTICATED) as address, http(body=token) as server:
        code, found = doctor(ZEEBE_ADDRESS=address, WORKFLOW_OAUTH_URL=server, **OAUTH)
    assert code == 4
    assert found["token"]["state"] == "ok"
    assert "another audience (WORKFLOW_OAUTH_AUDIENCE is not set)" in found["broker"]["said"]


# The token server.


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://{AWAY}/token", "127.0.0.1:1: connection refused"),
        ("https://login.invalid/token", "the name login.invalid is not known"),
    ],
)
def test_a_token_server_that_is_away_is_not_credentials_refused(url, said):
    code, found = doctor(WORKFLOW_OAUTH_URL=url, **OAUTH)
    assert code == 3
    assert said in found["token"]["said"]
    assert "nothing is said about the credentials" in found["token"]["said"]
    assert "broker" not in found


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_token_server_that_refuses(status):
    with http(status) as server:
        code, found = doctor(WORKFLOW_OAUTH_URL=server, **OAUTH)
    assert code == 4
    assert "refused: client id me or its secret is wrong" in found["token"]["said"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 500}, "HTTP 500"),
        ({"status": 302, "headers": [("Location", "https://login.example.com/")]}, "a redirect to"),
        ({"body": b"<html>"}, "without a token"),
        ({"status": 404}, "HTTP 404"),
    ],
)
def test_a_token_server_that_gives_none(answer, said):
    with http(**answer) as server:
        code, found = doctor(WORKFLOW_OAUTH_URL=server, **OAUTH)
    assert code == 3
    assert said in found["token"]["said"]
    assert "see its log; or is WORKFLOW_OAUTH_URL not its token endpoint?" in found["token"]["said"]


def test_a_command_without_a_token_says_so_and_sends_nobody_to_the_broker():
    with http(503) as server:
        environment = {"ZEEBE_ADDRESS": f"http://{AWAY}", "WORKFLOW_OAUTH_URL": server, **OAUTH}
        result = CliRunner().invoke(app, ["status"], env=environment)
    assert result.exit_code == 3
    assert f"no token: token server {server} answers HTTP 503" in result.stderr
    assert "nothing was asked of the gateway" in result.stderr
    assert "broker" not in result.stderr


def test_a_token_server_that_never_answers():
    with http(slow=True) as server:
        code, found = doctor(WORKFLOW_OAUTH_URL=server, WORKFLOW_OAUTH_TIMEOUT="1", **OAUTH)
    assert code == 3
    assert "no answer within" in found["token"]["said"]


# Operate.


def test_an_operate_that_works_tells_how_many_incidents_are_open():
    with on_call() as stand:
        code, found = doctor(**stand.environment)
    assert code == 0
    assert "0 open incident(s)" in found["operate"]["said"]


def test_a_password_that_operate_refuses():
    with on_call() as stand:
        given = stand.environment | {"WORKFLOW_OPERATE_PASSWORD": "hunter2"}
        code, found = doctor(**given)
    assert code == 4
    assert "refused: user demo or the password that is set" in found["operate"]["said"]


def test_an_operate_that_wants_to_know_who_asks():
    with on_call() as stand:
        given = stand.environment | {"WORKFLOW_OPERATE_USER": "", "WORKFLOW_OPERATE_PASSWORD": ""}
        code, found = doctor(**given)
    assert code == 4
    assert "none are set: set WORKFLOW_OPERATE_USER" in found["operate"]["said"]


def test_a_token_that_operate_refuses():
    with http(401) as url:
        _, found = doctor(WORKFLOW_OPERATE_URL=url, WORKFLOW_OPERATE_TOKEN="hunter2")
    assert "refused: WORKFLOW_OPERATE_TOKEN is wrong" in found["operate"]["said"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://{AWAY}", "127.0.0.1:1: connection refused"),
        ("http://operate.invalid", "the name operate.invalid is not known"),
        ("operate:8081", "begins with neither http://"),
    ],
)
def test_an_operate_that_is_away(url, said):
    _, found = doctor(WORKFLOW_OPERATE_URL=url)
    assert found["operate"]["state"] == "bad"
    assert said in found["operate"]["said"]


def test_an_operate_that_never_answers():
    with http(slow=True) as url:
        _, found = doctor(WORKFLOW_OPERATE_URL=url)
    assert "no answer within 1 s" in found["operate"]["said"]


def test_an_operate_that_is_something_else():
    with http(404) as url:
        _, found = doctor(WORKFLOW_OPERATE_URL=url)
    assert "is the address right?" in found["operate"]["said"]


def test_an_operate_with_a_certificate_that_nobody_trusts(tmp_path):
    with http(certificate=Authority(tmp_path).issue("operate")) as url:
        _, found = doctor(WORKFLOW_OPERATE_URL=url.replace("http:", "https:"))
    assert "its certificate: unable to get local issuer" in found["operate"]["said"]
    assert "SSL_CERT_FILE" in found["operate"]["said"]


def test_a_token_server_with_a_certificate_that_nobody_trusts(tmp_path):
    authority = Authority(tmp_path)
    with http(certificate=authority.issue("login")) as url:
        given = OAUTH | {"WORKFLOW_OAUTH_URL": url.replace("http:", "https:")}
        _, found = doctor(**given)
        _, trusted = doctor(WORKFLOW_CA_FILE=str(authority.ca), **given)
    assert "its certificate: unable to get local issuer" in found["token"]["said"]
    assert "WORKFLOW_CA_FILE" in found["token"]["said"]
    assert "without a token" in trusted["token"]["said"]


def test_an_operate_that_speaks_plain_text():
    with http() as url:
        _, found = doctor(WORKFLOW_OPERATE_URL=url.replace("http:", "https:"))
    assert "the port speaks plain text" in found["operate"]["said"]


# The outbox.


def test_a_database_that_is_away():
    url = "postgresql+asyncpg://me:hunter2@127.0.0.1:1/shop"
    _, found = doctor(SERVICE_OUTBOX_URL=url)
    assert found["outbox"]["state"] == "bad"
    assert "127.0.0.1:1: connection refused" in found["outbox"]["said"]


def test_a_database_that_somebody_locks(tmp_path):
    file = tmp_path / "outbox.db"
    make_outbox(file)
    holder = sqlite3.connect(file)
    holder.execute("BEGIN EXCLUSIVE")
    _, found = doctor(SERVICE_OUTBOX_URL=f"sqlite+aiosqlite:///{file}")
    holder.rollback()
    assert found["outbox"]["state"] == "bad"
    assert "lock" in found["outbox"]["said"]


def test_a_database_that_works(tmp_path):
    file = tmp_path / "outbox.db"
    make_outbox(file)
    _, found = doctor(SERVICE_OUTBOX_URL=f"sqlite+aiosqlite:///{file}")
    assert found["outbox"]["state"] == "ok"


def test_a_database_without_the_table(tmp_path):
    (tmp_path / "outbox.db").touch()
    _, found = doctor(SERVICE_OUTBOX_URL=f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    assert "has no table workflow_outbox" in found["outbox"]["said"]
    assert not found["outbox"]["remedy"]


def test_a_database_whose_file_is_not_there_has_neither_a_lock_nor_a_wrong_password(tmp_path):
    _, found = doctor(SERVICE_OUTBOX_URL=f"sqlite+aiosqlite:///{tmp_path / 'away.db'}")
    assert "away.db; the service makes it when it starts" in found["outbox"]["detail"]
    assert not found["outbox"]["remedy"]


# Alerts.


def test_channels_are_tried_and_nothing_is_sent():
    asked = []
    with http(asked=asked) as url:
        given = (
            f"{url.replace('http:', 'json:')}/hook json://{AWAY} json://pager.invalid nonsense://x"
        )
        result = CliRunner().invoke(
            app,
            ["doctor"],
            env={"WORKFLOW_ALERT_URLS": given, "ZEEBE_ADDRESS": f"http://{AWAY}"},
        )
    lines = [line for line in result.output.splitlines() if line[4:].startswith(" alerts ")]
    assert [line[:4] for line in lines] == ["ok  ", "BAD ", "BAD ", "BAD "]
    assert asked == []
    for said in ("connection refused", "pager.invalid is not known", "does not understand it"):
        assert said in result.output


def make_outbox(file):
    import asyncio

    from workflow_runtime.publishing.outbox import Outbox

    async def made():
        outbox = Outbox(f"sqlite+aiosqlite:///{file}")
        await outbox.create_table()
        await outbox.engine.dispose()

    asyncio.run(made())
