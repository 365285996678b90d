"""Credentials go to the address that was given: neither redirected nor in plain text."""

import base64
import contextlib
import socket
from datetime import timedelta

import pytest
from aiohttp import web

from workflow_runtime import ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.alerts.channels import AppriseChannel, ChannelFailed
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.operate import OperateClient, OperateError, operate_client
from workflow_runtime.errors import AddressError
from workflow_runtime.gateway.connect import check_connection
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.http import Http
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource

SECRET = "hunter2-s3cret"


class Server:
    """Notes what comes, and sends it elsewhere if it is told to."""

    def __init__(self):
        self.seen, self.status, self.location = [], 200, ""

    async def answer(self, request):
        self.seen.append((request.method, str(request.headers), await request.text()))
        if self.location:
            return web.Response(status=self.status, headers={"Location": self.location})
        return web.json_response({"access_token": "t", "items": []})


@contextlib.asynccontextmanager
async def serving(host="127.0.0.1"):
    server, app = Server(), web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    server.port = runner.addresses[0][1]
    server.url = f"http://{host}:{server.port}"
    server.connections = lambda: len(runner.server.connections) + len(server.seen)
    yield server
    await runner.cleanup()


async def token(url, **others):
    await OAuthCredentials(TokenSource(url, "me", SECRET, **others)).fetch()


async def operate(url, **who):
    client = OperateClient(url, **who)
    try:
        await client.open_incidents()
    finally:
        await client.close()


async def login(url):
    await operate(url, user="me", password=SECRET)


async def bearer(url):
    await operate(url, token=SECRET)


async def alert(url):
    notice = Notice(Kind.INCIDENT, "title", "body")
    address = url.replace("http://", f"json://me:{SECRET}@")
    await AppriseChannel(f"{address}/?+X-Token={SECRET}").send(notice)


async def alert_that_asks_for_it(url):
    address = url.replace("http://", f"json://me:{SECRET}@")
    await AppriseChannel(f"{address}/?redirect=yes").send(Notice(Kind.INCIDENT, "title", "body"))


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{}", "http://localhost:{}/login", "//[::1]:{}"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("send", [token, login, bearer, alert, alert_that_asks_for_it])
async def test_a_redirect_takes_no_credentials_to_another_origin(send, status, where):
    async with serving() as there, serving("localhost") as elsewhere:
        there.status, there.location = status, where.format(elsewhere.port)
        with pytest.raises((GatewayError, OperateError, ChannelFailed)) as caught:
            await send(there.url)
        assert there.seen
        assert elsewhere.seen == []
    assert SECRET not in str(caught.value)


async def test_a_redirect_is_named_with_its_origin_and_the_setting():
    async with serving() as there:
        there.status, there.location = 307, f"https://login.example/x?token={SECRET}"
        with pytest.raises(GatewayError) as caught:
            await token(there.url)
        with pytest.raises(OperateError, match="WORKFLOW_OPERATE_URL") as refused:
            await login(there.url)
    words = "HTTP 307, a redirect to https://login.example, which is not followed"
    assert words in str(caught.value)
    assert "oauth_url" in str(caught.value)
    assert words in str(refused.value)
    assert SECRET not in f"{caught.value}{refused.value}"


@pytest.fixture
async def far():
    """A server at an address of this machine that is no loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only says which address it would send from.
            probe.connect(("192.0.2.1", 9))
            host = probe.getsockname()[0]
        except OSError:
            pytest.skip("this machine has only a loopback address")
    async with serving(host) as server:
        yield server


@pytest.mark.parametrize("send", [token, login, bearer, alert])
async def test_nothing_is_sent_in_plain_text_to_another_machine(far, send):
    with pytest.raises(ConfigurationError, match="ALLOW_PLAINTEXT_CREDENTIALS") as caught:
        await send(far.url)
    assert far.connections() == 0
    assert SECRET not in str(caught.value)


async def test_one_setting_allows_plain_text_everywhere(far):
    url = far.url
    settings = WorkflowSettings(
        address="http://zeebe:26500",
        client_id="me",
        client_secret=SECRET,
        oauth_url=url,
        operate_url=url,
        operate_token=SECRET,
        alert_urls=(url.replace("http://", f"json://me:{SECRET}@"),),
        allow_plaintext_credentials=True,
    )
    check_connection(settings)
    await token(url, allow_plaintext=True)
    client = operate_client(settings)
    await client.open_incidents()
    await client.close()
    builder = WorkflowBuilder.from_settings(settings)
    await builder._channels[0].send(Notice(Kind.INCIDENT, "title", "body"))
    (_, _, form), (_, headers, _), *_, (_, last, _) = far.seen
    assert SECRET in form
    assert f"Bearer {SECRET}" in headers
    assert base64.b64encode(f"me:{SECRET}".encode()).decode() in last


@pytest.mark.parametrize(
    "settings",
    [
        {"user": "me", "password": SECRET},
        {"client_id": "me", "client_secret": SECRET, "oauth_url": "https://login"},
        {
            "address": "https://zeebe",
            "client_id": "me",
            "client_secret": SECRET,
            "oauth_url": "http://login/token",
        },
        {
            "address": "https://zeebe",
            "client_id": "me",
            "client_secret": SECRET,
            "oauth_url": "https://login/token",
            "oauth_proxy": f"http://me:{SECRET}@proxy:3128",
        },
        {"address": "https://zeebe", "alert_urls": (f"json://me:{SECRET}@alerts/x",)},
        {"address": "https://zeebe", "alert_urls": (f"json://alerts/x?+X-Api-Key={SECRET}",)},
        {"address": "https://zeebe", "alert_urls": ("gotify://alerts/aB3defghIJKLm",)},
        {"address": "https://zeebe", "alert_urls": ("mmost://alerts/abcdefghijkl1234567890abcd",)},
        {"address": "https://zeebe", "alert_urls": (f"mailto://me:{SECRET}@mail.corp.example",)},
        {"address": "https://zeebe", "alert_urls": (f"ntfy://me:{SECRET}@alerts/topic",)},
    ],
    ids="-".join,
)
def test_a_service_whose_credentials_would_be_read_by_others_does_not_start(settings):
    given = WorkflowSettings(**{"address": "http://zeebe:26500", **settings})
    with pytest.raises(ConfigurationError, match="would go over the line in plain text") as caught:
        WorkflowBuilder.from_settings(given)
    assert SECRET not in str(caught.value)
    WorkflowBuilder.from_settings(given.model_copy(update={"allow_plaintext_credentials": True}))


@pytest.mark.parametrize(
    "url",
    [
        f"jsons://me:{SECRET}@alerts/x",
        f"json://me:{SECRET}@127.0.0.1:1/x",
        f"json://me:{SECRET}@localhost/x",
        "json://alerts.example/hook",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#x",
        f"mailto://me:{SECRET}@gmail.com",
        "ntfy://topic",
        "syslog://",
    ],
)
def test_channels_with_tls_without_secrets_or_on_this_machine_are_taken(url):
    assert SECRET not in AppriseChannel(url).name


async def test_a_proxy_of_the_environment_is_told_no_password_in_plain_text(monkeypatch, far):
    monkeypatch.setenv("https_proxy", far.url.replace("://", f"://me:{SECRET}@"))
    http = Http(timeout=timedelta(seconds=5), proxy="")
    with pytest.raises(AddressError, match="plain text") as caught:
        await http.call("POST", "https://login.example/token", secret=True)
    await http.close()
    assert SECRET not in str(caught.value)
    assert far.connections() == 0


async def test_what_is_on_this_machine_is_reached_without_a_proxy(monkeypatch):
    async with serving() as there, serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        await token(there.url)
        assert there.seen
        assert proxy.seen == []


async def test_credentials_of_a_netrc_are_nobodys_business(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with serving() as there:
        await OAuthCredentials(TokenSource(there.url, "me", "another")).fetch()
        assert "Authorization" not in there.seen[0][1]
