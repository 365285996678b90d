"""Who we are: tokens, passwords and certificates, against servers that check them."""

import asyncio
import base64
import socket
import ssl
from datetime import timedelta

import grpc
import grpc.aio
import pytest
from tests.gateway.certificates import Authority
from tests.support.token_server import TokenServer
from tests.support.waiting import until
from tests.support.zeebe_stubs import GatewayServicer, add_GatewayServicer_to_server, pb

from workflow_runtime import AddressError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.connect import check_connection, connect
from workflow_runtime.gateway.errors import (
    DeadlineExceeded,
    MessageTooLarge,
    Unauthenticated,
    Unavailable,
)
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource
from workflow_runtime.gateway.values import Resource

MEGABYTE = 1024 * 1024


class Gateway(GatewayServicer):
    """Answers Topology to whoever shows what it wants to see."""

    def __init__(self):
        self.seen, self.wanted = [], None

    async def Topology(self, request, context):  # noqa: N802 - the protocol's name
        metadata = dict(context.invocation_metadata())
        self.seen.append(metadata.get("authorization"))
        if self.wanted is not None and self.seen[-1] != self.wanted:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
        return pb.TopologyResponse(gatewayVersion="8.4.1")


@pytest.fixture
async def gateway():
    servicer = Gateway()
    server = grpc.aio.server()
    add_GatewayServicer_to_server(servicer, server)
    servicer.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer
    await server.stop(None)


@pytest.fixture
async def tokens():
    server = TokenServer()
    yield server
    await server.stop()


@pytest.fixture
async def connected():
    made = []

    def make(port, scheme="http", **settings):
        address = f"{scheme}://127.0.0.1:{port}"
        made.append(connect(WorkflowSettings(service_name="c", address=address, **settings)))
        return made[-1]

    yield make
    for each in made:
        await each.close()


def oauth(tokens, **others):
    url = f"http://127.0.0.1:{tokens.port}/oauth/token"
    return {"client_id": "me", "client_secret": "s3cret", "oauth_url": url, **others}


async def test_an_open_gateway_is_told_nothing(gateway, connected):
    await connected(gateway.port).topology()
    assert gateway.seen == [None]


async def test_user_and_password_go_along_with_each_call(gateway, connected):
    there = connected(gateway.port, user="demo", password="dömo")
    await there.topology()
    await there.topology()
    expected = "Basic " + base64.b64encode("demo:dömo".encode()).decode()
    assert gateway.seen == [expected, expected]


async def test_many_calls_at_once_fetch_one_token(gateway, tokens, connected):
    await tokens.start()
    tokens.open.clear()
    there = connected(gateway.port, **oauth(tokens, oauth_audience="zeebe-api", oauth_scope="x"))
    calls = [asyncio.create_task(there.topology()) for _ in range(50)]
    await asyncio.wait_for(tokens.asked.wait(), 10)
    tokens.open.set()
    await asyncio.gather(*calls)
    assert gateway.seen == ["Bearer t1"] * 50
    assert tokens.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "me",
            "client_secret": "s3cret",
            "audience": "zeebe-api",
            "scope": "x",
        }
    ]


async def test_a_refused_token_is_fetched_anew_once_for_all(gateway, tokens, connected):
    await tokens.start()
    there = connected(gateway.port, **oauth(tokens))
    await there.topology()
    gateway.wanted = "Bearer t2"
    refused = await asyncio.gather(*(there.topology() for _ in range(20)), return_exceptions=True)
    assert {type(each) for each in refused} == {Unauthenticated}
    await asyncio.gather(*(there.topology() for _ in range(20)))
    assert len(tokens.forms) == 2


@pytest.fixture
async def aging(tokens):
    """Credentials with a clock in the test's hands."""
    await tokens.start()
    now = [0.0]
    source = TokenSource(f"http://127.0.0.1:{tokens.port}/", "me", "s3cret")
    return OAuthCredentials(source, lambda: now[0]), now


def bearer(token):
    return (("authorization", f"Bearer {token}"),)


async def test_a_token_is_renewed_aside_in_its_last_minute_and_used_meanwhile(tokens, aging):
    credentials, now = aging
    assert await credentials.fetch() == bearer("t1")
    now[0] = 239.0
    assert credentials.current() == bearer("t1")
    assert len(tokens.forms) == 1
    now[0] = 240.0
    assert [credentials.current() for _ in range(10)] == [bearer("t1")] * 10
    await until(lambda: credentials.current() == bearer("t2"))
    assert len(tokens.forms) == 2


async def test_a_token_server_that_is_away_stops_nobody_while_the_token_is_good(tokens, aging):
    credentials, now = aging
    await credentials.fetch()
    tokens.status, now[0] = 503, 250.0
    assert credentials.current() == await credentials.fetch() == bearer("t1")
    now[0] = 299.0
    assert credentials.current() == bearer("t1")
    now[0] = 300.0
    assert credentials.current() is None
    with pytest.raises(Unavailable):
        await credentials.fetch()


async def test_a_late_refusal_of_an_old_token_does_not_cost_the_new_one(tokens, aging):
    credentials, _ = aging
    old = await credentials.fetch()
    credentials.refused(old, forbidden=False)
    new = await credentials.fetch()
    credentials.refused(old, forbidden=False)
    assert credentials.current() == new == bearer("t2")


async def test_a_silent_token_server_is_waited_for_once_by_all_callers_together(
    gateway, tokens, connected
):
    await tokens.start()
    tokens.open.clear()
    there = connected(gateway.port, **oauth(tokens, oauth_timeout=timedelta(seconds=0.3)))
    answers = await asyncio.gather(*(there.topology() for _ in range(50)), return_exceptions=True)
    assert {type(each) for each in answers} == {DeadlineExceeded}
    assert len(tokens.forms) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(401, Unauthenticated), (400, Unauthenticated), (503, Unavailable)]
)
async def test_what_the_token_server_refuses_names_it_and_no_secret(
    gateway, tokens, connected, status, error
):
    await tokens.start()
    tokens.status = status
    there = connected(gateway.port, **oauth(tokens))
    with pytest.raises(error, match=f"token server http.*HTTP {status}") as caught:
        await there.topology()
    assert "s3cret" not in str(caught.value)


async def test_a_silent_token_server_is_not_waited_for(gateway, tokens, connected):
    await tokens.start()
    tokens.open.clear()
    there = connected(gateway.port, **oauth(tokens, oauth_timeout=timedelta(seconds=0.2)))
    with pytest.raises(DeadlineExceeded, match="no answer within"):
        await there.topology()


async def test_tokens_are_fetched_through_the_proxy(gateway, tokens, connected):
    await tokens.start()
    proxy = f"http://127.0.0.1:{tokens.port}"
    url = "http://login.example.org/oauth/token"
    there = connected(gateway.port, **oauth(tokens, oauth_url=url, oauth_proxy=proxy))
    await there.topology()
    assert gateway.seen == ["Bearer t1"]
    assert tokens.paths == [url]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


async def test_a_token_server_with_an_own_authority_needs_it(gateway, tokens, connected, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("tokens"))
    await tokens.start(context)
    url = f"https://127.0.0.1:{tokens.port}/token"
    with pytest.raises(Unavailable, match=r"is not trusted \(unable to get local issuer.*ca_file"):
        await connected(gateway.port, **oauth(tokens, oauth_url=url)).topology()
    await connected(gateway.port, **oauth(tokens, oauth_url=url, ca_file=authority.ca)).topology()
    assert gateway.seen == ["Bearer t1"]


@pytest.fixture
async def tls_port(authority):
    certificate, key = authority.issue("gateway")
    credentials = grpc.ssl_server_credentials(
        [(key.read_bytes(), certificate.read_bytes())],
        root_certificates=authority.ca.read_bytes(),
        require_client_auth=True,
    )
    server = grpc.aio.server()
    add_GatewayServicer_to_server(Gateway(), server)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    yield port
    await server.stop(None)


async def test_a_client_certificate_opens_the_line(connected, authority, tls_port):
    certificate, key = authority.issue("client")
    files = {"client_cert_file": certificate, "client_key_file": key}
    there = connected(tls_port, "https", ca_file=authority.ca, **files)
    assert (await there.topology()).gateway_version == "8.4.1"


@pytest.mark.parametrize("known", [True, False], ids=["no certificate", "unknown authority"])
async def test_without_the_right_certificates_the_line_stays_closed(
    connected, authority, tls_port, known
):
    certificate, key = authority.issue("client")
    files = {"client_cert_file": certificate, "client_key_file": key}
    settings = {"ca_file": authority.ca} if known else files
    with pytest.raises((Unavailable, DeadlineExceeded)):
        await connected(tls_port, "https", request_timeout=2, **settings).topology()


SECRETS = [{"user": "u", "password": "p"}, {"client_id": "i", "client_secret": "s"}]


@pytest.mark.parametrize("secrets", SECRETS, ids=["basic", "oauth"])
def test_credentials_are_refused_over_plain_text_to_other_machines(secrets):
    secrets = {**secrets, **({"oauth_url": "https://x"} if "client_id" in secrets else {})}
    far = WorkflowSettings(address="http://zeebe:26500", **secrets)
    with pytest.raises(AddressError, match="plain text: use https://, or set allow_plain") as e:
        WorkflowBuilder.from_settings(far)
    assert "'p'" not in str(e.value)
    check_connection(WorkflowSettings(address="https://zeebe", **secrets))
    check_connection(WorkflowSettings(address="http://localhost:26500", **secrets))
    check_connection(
        WorkflowSettings(address="http://zeebe", allow_plaintext_credentials=True, **secrets)
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({**SECRETS[0], **SECRETS[1]}, "choose basic or OAuth"),
        ({"user": "u"}, "user and password must be given together"),
        ({"client_id": "i"}, "client_id and client_secret must be given together"),
        (SECRETS[1], "client_id needs oauth_url"),
        ({"ca_file": "/nowhere.pem"}, "ca_file: /nowhere.pem is no file"),
        ({"ca_file": __file__}, f"ca_file: {__file__} has no CERTIFICATE in it"),
        ({"client_cert_file": __file__}, "client_cert_file: .* has no CERTIFICATE in it"),
        ({"client_key_file": __file__}, "client_key_file: .* has no PRIVATE KEY in it"),
        ({"client_cert_file": __file__}, "must be given together"),
        ({"client_cert_file": __file__, "client_key_file": __file__}, "needs TLS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_credentials_that_cannot_work_are_named_at_the_start(settings, words):
    with pytest.raises(AddressError, match=words):
        check_connection(WorkflowSettings(address="http://localhost", **settings))


async def test_four_megabytes_are_refused_with_their_size_before_anything_is_sent(connected):
    there = connected(1)  # nobody listens: what were sent would be Unavailable
    blob = {"blob": "x" * (4 * MEGABYTE)}
    calls = [
        there.create_instance("p", blob),
        there.complete_job(1, blob),
        there.fail_job(1, retries=1, message="m", scope=blob),
        there.throw_error(1, "c", "m", blob),
        there.publish_message("m", "k", blob, time_to_live=timedelta(0)),
        there.broadcast_signal("s", blob),
        there.set_variables(1, blob),
        there.deploy([Resource("big.bpmn", b"x" * (4 * MEGABYTE))]),
    ]
    for call in calls:
        with pytest.raises(MessageTooLarge, match=r"419\d{4} bytes, above the 4194304"):
            await call


async def test_no_call_waits_for_ever_for_a_silent_gateway(connected):
    silent = socket.create_server(("127.0.0.1", 0))
    there = connected(silent.getsockname()[1], request_timeout=timedelta(seconds=0.2))
    async with asyncio.timeout(10):
        with pytest.raises((DeadlineExceeded, Unavailable)):
            await there.topology()
        with pytest.raises((DeadlineExceeded, Unavailable)):
            await there.complete_job(1, {}, deadline=timedelta(seconds=0.1))
    silent.close()
