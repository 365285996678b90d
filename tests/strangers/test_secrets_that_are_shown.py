"""Passwords stand in addresses, wherever somebody put them: nothing that we say repeats them."""

import traceback

import pytest
from pydantic import SecretStr
from tests.runtime.alerts.raised import alert
from typer.testing import CliRunner

from workflow_runtime import ConfigurationError, WorkflowSettings
from workflow_runtime.alerts.channels import AppriseChannel
from workflow_runtime.alerts.operate import OperateClient, OperateError, operate_client
from workflow_runtime.alerts.text import Wording
from workflow_runtime.cli._app import app
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.grpc_credentials import credentials_for
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource
from workflow_runtime.publishing.outbox import Outbox

# As people write them, as URLs want them, and with what no URL allows.
PASSWORDS = [
    *("hunter2", "hunter2%40%2F", "hun@ter2/hunter2", "hunter2?x#hunter2", "hunter2:hunter2"),
    *("hun'ter2", 'hun"ter2'),
]


def run(*arguments, **environment):
    result = CliRunner().invoke(app, [*arguments], env=environment)
    return (
        result.output
        + result.stderr
        + "".join(traceback.format_exception(result.exception) if result.exception else "")
    )


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("verb", ["doctor", "status"])
def test_no_verb_shows_a_password(verb, as_json, password):
    arguments = [verb, "--json"] if as_json else [verb]
    secret = {"WORKFLOW_CLIENT_ID": "me", "WORKFLOW_CLIENT_SECRET": "hunter2"}
    urls = [
        {"ZEEBE_ADDRESS": f"http://me:{password}@127.0.0.1:1"},
        {"ZEEBE_ADDRESS": f"127.0.0.1:1/?token={password}"},
        {**secret, "WORKFLOW_OAUTH_URL": f"http://me:{password}@127.0.0.1:1/token"},
        {**secret, "WORKFLOW_OAUTH_URL": f"https://login.invalid/token?key={password}"},
        {**secret, "WORKFLOW_OAUTH_URL": f"http://me:{password}@login.invalid/token"},
        {
            **secret,
            "WORKFLOW_OAUTH_URL": "https://login.invalid",
            "WORKFLOW_OAUTH_PROXY": f"http://me:{password}@127.0.0.1:1",
        },
    ]
    for given in urls:
        address = given.get("ZEEBE_ADDRESS", "http://127.0.0.1:1")
        shown = run(*arguments, "--address", address, **given)
        assert shown
        assert "hunter2" not in shown
        assert "ter2" not in shown


@pytest.mark.parametrize("password", PASSWORDS)
def test_no_verb_of_operate_or_the_outbox_shows_a_password(password):
    for arguments in (
        ["incidents", "list", "--operate", f"http://me:{password}@127.0.0.1:1"],
        ["incidents", "list", "--operate", f"http://me:{password}@operate.invalid"],
        ["outbox", "list", "--url", f"postgresql+asyncpg://me:{password}@127.0.0.1:1/shop"],
        ["outbox", "list", "--url", f"nonsense://me:{password}@127.0.0.1:1/shop"],
    ):
        shown = run(*arguments)
        assert "workflow:" in shown, shown
        assert "ter2" not in shown


SETTINGS = {
    "user": "me",
    "password": "hunter2",
    "client_secret": "hunter2",
    "oauth_url": "https://me:hunter2@login.example",
    "oauth_proxy": "http://hunter2@127.0.0.1:3128",
    "operate_url": "https://operate.example/?token=hunter2",
    "operate_api_url": "http://localhost/?key=hunter2",
    "operate_password": "hunter2",
    "operate_token": "hunter2",
    "runbook_url": "https://wiki.example/x?api_key=hunter2",
    "alert_urls": ("json://me:hunter2@localhost", "slack://hunter2/hunter2/hunter2"),
}


@pytest.mark.parametrize("address", ["me:hunter2@operate", "//me:hunter2@operate", "http:/hunter2"])
def test_an_address_without_a_scheme_is_not_repeated(address):
    shown = run("incidents", "list", WORKFLOW_OPERATE_API_URL=address)
    assert "Operate's address begins with neither" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("verb", ["doctor", "status"])
def test_a_proxy_that_is_none_is_said_and_not_shown(verb):
    given = {
        "WORKFLOW_CLIENT_ID": "me",
        "WORKFLOW_CLIENT_SECRET": "secret",
        "WORKFLOW_OAUTH_URL": "https://127.0.0.1:1/token",
        "WORKFLOW_OAUTH_PROXY": "socks5://me:hunter2@127.0.0.1:1",
    }
    shown = run(verb, "--address", "http://127.0.0.1:1", **given)
    assert "is no HTTP proxy" in shown
    assert "hunter2" not in shown
    assert "AssertionError" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/shop",
        "mysql+aiomysql://me:hunter2@127.0.0.1:1/shop",
        "sqlite:///hunter2.db",
        "postgresql+asyncpg://me:hunter2@127.0.0.1:1/shop?sslmode=hunter2",
    ],
)
def test_a_database_of_another_kind_is_a_mistake_of_the_command(url):
    shown = run("outbox", "list", "--url", url)
    assert "workflow: --url:" in shown
    assert "hunter2" not in shown
    assert "Error(" not in shown


def test_settings_and_what_is_made_of_them_do_not_show_themselves():
    settings = WorkflowSettings(**SETTINGS)
    source = TokenSource(
        url=settings.oauth_url, client_id="me", client_secret="hunter2", proxy=settings.oauth_proxy
    )
    shown = [settings, source, OAuthCredentials(source), credentials_for(settings)]
    shown += [operate_client(settings), Outbox("postgresql+asyncpg://me:hunter2@db/shop")]
    shown += [Outbox("postgresql+asyncpg://me:hunter2@db/shop").engine]
    shown += [AppriseChannel("json://me:hunter2@localhost").name]
    for each in shown:
        assert "hunter2" not in f"{each!r} {each}"
    assert "login.example" in repr(settings)


def test_a_value_that_does_not_fit_is_not_repeated(monkeypatch):
    with pytest.raises(ConfigurationError) as caught:
        WorkflowSettings(health_port="hunter2", alert_urls=7, password=["hunter2"])
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None
    monkeypatch.setenv("WORKFLOW_OAUTH_TIMEOUT", "hunter2")
    with pytest.raises(ConfigurationError, match="WORKFLOW_OAUTH_TIMEOUT") as said:
        WorkflowSettings()
    assert "hunter2" not in "".join(traceback.format_exception(said.value))


@pytest.mark.parametrize(
    "address",
    [
        "http://me:hunter2@zeebe",
        "me:hunter2@zeebe:26500",
        "http://zeebe/hunter2hunter2HUNTER2",
        "http://zeebe?password=hunter2",
        "http://me:hunter2:7@zeebe",
        "http://me:hun\u2100ter2@zeebe",
        "http://[hunter2@zeebe",
        "zeebe://hunter2",
        "http://zeebe:hunter2@",
        "http://me:hunter2@zeebe:port",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated_with_its_password(address):
    with pytest.raises(ConfigurationError) as caught:
        parse_address(address)
    shown = "".join(traceback.format_exception(caught.value, limit=0))
    assert "ter2" not in shown.split("AddressError")[-1]
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("password", PASSWORDS)
async def test_errors_of_requests_and_what_led_to_them_show_no_password(password):
    url = f"http://me:{password}@127.0.0.1:1"
    with pytest.raises(ConfigurationError, match=r"leave one out|plain text") as refused:
        OperateClient(url, token="hunter2")
    assert "ter2" not in str(refused.value)
    operate = OperateClient(url, user="me", password="hunter2", allow_plaintext=True)
    tokens = OAuthCredentials(TokenSource(url, "me", "hunter2", allow_plaintext=True, proxy=url))
    for call in (operate.open_incidents, tokens.fetch):
        with pytest.raises((OperateError, GatewayError)) as caught:
            await call()
        assert "ter2" not in "".join(traceback.format_exception(caught.value, limit=0))
    await operate.close()


def test_a_database_whose_url_cannot_be_read_is_not_repeated():
    with pytest.raises(ConfigurationError, match="%40") as caught:
        Outbox(SecretStr("postgresql+asyncpg://me:x@db:hunter2/shop"))
    assert "ter2" not in "".join(traceback.format_exception(caught.value, limit=0))


def test_a_link_in_an_alert_is_for_everybody():
    wording = Wording("https://me:hunter2@operate.example/")
    notice = wording.incident(alert())
    assert notice.operate_link == f"https://operate.example/processes/{notice.alert.instance_key}"
    assert "hunter2" not in notice.body


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@db/shop",
        "postgres://me:hunter2@db/shop",
        "postgresql+psycopg2://me:hunter2@db/shop",
        "postgresql+hunter2://me:hunter2@db/shop",
        "sqlite:///hunter2.db",
        "mysql://me:hunter2@db/shop",
        "me:hunter2@db/shop",
        "",
    ],
)
def test_a_url_of_no_driver_for_an_outbox_is_a_mistake_of_the_configuration(url):
    with pytest.raises(ConfigurationError, match=r"expected sqlite\+aiosqlite") as caught:
        Outbox(url)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
