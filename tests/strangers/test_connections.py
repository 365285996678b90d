"""Where a service connects to: what people have in their environment, and what the log says."""

import asyncio
import subprocess
import sys

import pytest
from tests.docs.test_names import variables
from tests.support.commands import environment as clean_environment
from tests.support.diagrams import one_task
from typer.testing import CliRunner

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import AddressError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.cli._app import app
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.cluster import with_cluster
from workflow_runtime.gateway.connect import check_connection, connect, nothing_connects

CLUSTER = "54f3b165-c547-4fbd-98bd-60f0f72001da"
GATEWAY = f"https://{CLUSTER}.ont-1.zeebe.camunda.io:443"
TOKENS = "https://login.cloud.camunda.io/oauth/token"
CLIENT = {"CAMUNDA_CLIENT_ID": "me", "CAMUNDA_CLIENT_SECRET": "s3cret"}
SAAS = {"CAMUNDA_CLUSTER_ID": CLUSTER, "CAMUNDA_CLUSTER_REGION": "ont-1", **CLIENT}
FILE_OF_CAMUNDA = {
    "ZEEBE_ADDRESS": f"{CLUSTER}.ont-1.zeebe.camunda.io:443",
    "ZEEBE_CLIENT_ID": "me",
    "ZEEBE_CLIENT_SECRET": "s3cret",
    "ZEEBE_AUTHORIZATION_SERVER_URL": TOKENS,
    "ZEEBE_REST_ADDRESS": f"https://ont-1.zeebe.camunda.io/{CLUSTER}",
    "ZEEBE_GRPC_ADDRESS": f"grpcs://{CLUSTER}.ont-1.zeebe.camunda.io:443",
    "ZEEBE_TOKEN_AUDIENCE": "zeebe.camunda.io",
    "CAMUNDA_CREDENTIALS_SCOPES": "Zeebe,Operate",
    "CAMUNDA_OAUTH_URL": TOKENS,
    "CAMUNDA_CLIENT_MODE": "saas",
    **SAAS,
}
OF_SPRING = {
    "CAMUNDA_CLIENT_MODE": "saas",
    "CAMUNDA_CLIENT_AUTH_CLIENTID": "me",
    "CAMUNDA_CLIENT_AUTH_CLIENTSECRET": "s3cret",
    "CAMUNDA_CLIENT_CLOUD_CLUSTERID": CLUSTER,
    "CAMUNDA_CLIENT_CLOUD_REGION": "ont-1",
}
UNUSABLE = {
    "half of a client": {"CAMUNDA_CLIENT_ID": "me"},
    "its other half": {"ZEEBE_CLIENT_SECRET": "s3cret"},
    "nowhere to fetch tokens": CLIENT,
    "tokens in plain text": {**CLIENT, "CAMUNDA_OAUTH_URL": "http://keycloak.example/token"},
    "half of a user": {"CAMUNDA_BASIC_AUTH_USERNAME": "demo"},
    "two kinds": {**CLIENT, "WORKFLOW_USER": "demo", "WORKFLOW_PASSWORD": "demo"},
    "no such file": {"ZEEBE_CA_CERTIFICATE_PATH": "/nowhere/ca.pem"},
    "no certificate": {"WORKFLOW_CLIENT_CERT_FILE": __file__},
    "a cluster without region": {"CAMUNDA_CLUSTER_ID": CLUSTER},
    "a region without cluster": {"CAMUNDA_CLUSTER_REGION": "bru-2"},
    "a cluster and no client": {"CAMUNDA_CLUSTER_ID": CLUSTER, "CAMUNDA_CLUSTER_REGION": "b"},
    "neither yes nor no": {"ZEEBE_INSECURE_CONNECTION": "maybe"},
    "a proxy of another kind": {**SAAS, "HTTPS_PROXY": "socks5://proxy.example:1080"},
}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Nothing of this machine's, and a function that sets variables."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)

    def given(**values):
        for name, text in values.items():
            monkeypatch.setenv(name, text)

    return given


def connection(settings):
    found = with_cluster(settings)
    address = check_connection(settings)
    return str(address), found.oauth_url, found.oauth_audience


@pytest.mark.parametrize(
    "variables_set",
    [SAAS, FILE_OF_CAMUNDA, OF_SPRING],
    ids=["id and region", "the downloaded file", "the names of Spring"],
)
def test_a_cluster_of_camunda_saas_is_found_by_what_people_have(environment, variables_set):
    environment(**variables_set)
    settings = WorkflowBuilder("shop").settings
    assert connection(settings) == (GATEWAY, TOKENS, "zeebe.camunda.io")
    assert (settings.client_id, settings.oauth_scope) == ("me", "")


def test_what_is_set_goes_before_what_a_cluster_says(environment):
    environment(**SAAS)
    settings = WorkflowSettings(oauth_url="https://login.example/token", oauth_audience="mine")
    assert connection(settings) == (GATEWAY, "https://login.example/token", "mine")
    near = WorkflowSettings(address="https://line.example:8443")
    assert connection(near) == ("https://line.example:8443", TOKENS, "zeebe.camunda.io")


def test_the_address_of_a_cluster_says_as_much_as_its_id(environment):
    environment(**CLIENT)
    settings = WorkflowBuilder("shop", GATEWAY.removeprefix("https://")).settings
    assert connection(settings) == (GATEWAY, TOKENS, "zeebe.camunda.io")


@pytest.mark.parametrize(
    ("variables_set", "sentence"),
    [
        (
            {"CAMUNDA_CLUSTER_ID": CLUSTER, **CLIENT},
            r"cluster_id \(CAMUNDA_CLUSTER_ID\) is set and cluster_region is not: set CAMUNDA_.*_R",
        ),
        (
            {"CAMUNDA_CLIENT_CLOUD_REGION": "bru-2"},
            r"cluster_region \(CAMUNDA_CLIENT_CLOUD_REGION\) is set and cluster_id is not: set ",
        ),
        ({**SAAS, "CAMUNDA_CLIENT_ID": ""}, "nobody is let in without client_id and client_secret"),
        (
            {**SAAS, "CAMUNDA_CLUSTER_ID": f"https://console/{CLUSTER}"},
            r"cluster_id \(CAMUNDA_CLUSTER_ID\) cannot be 'https://console/.*it looks like",
        ),
        ({**SAAS, "CAMUNDA_CLIENT_SECRET": ""}, r"client_id \(CAMUNDA_CLIENT_ID\) and "),
    ],
    ids=["no region", "no id", "no client", "no id but a URL", "no secret"],
)
def test_a_cluster_that_cannot_be_found_is_refused_at_the_builder(
    environment, variables_set, sentence
):
    environment(**variables_set)
    with pytest.raises(AddressError, match=sentence) as caught:
        WorkflowBuilder("shop")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("variables_set", UNUSABLE.values(), ids=UNUSABLE)
async def test_what_is_for_a_gateway_elsewhere_never_breaks_the_embedded_engine(
    environment, variables_set
):
    environment(**variables_set)
    async with WorkflowBuilder("shop", "embedded://").running() as workflow:
        assert isinstance(workflow.gateway, EmbeddedGateway)
    builder = WorkflowBuilder("shop", gateway=EmbeddedGateway(Engine()))
    async with builder.running() as workflow:
        assert workflow.health().ready


@pytest.mark.parametrize("variables_set", UNUSABLE.values(), ids=UNUSABLE)
def test_who_connects_to_nothing_needs_no_connection_that_could_work(environment, variables_set):
    environment(**variables_set)
    with nothing_connects():
        WorkflowBuilder("shop")
        builder = WorkflowBuilder("shop", "https://zeebe.example")
        assert connection(builder.settings)[0] == "https://zeebe.example:443"


def test_what_could_not_work_is_refused_where_it_connects(environment):
    environment(CAMUNDA_CLIENT_ID="me")
    half = r"client_id \(CAMUNDA_CLIENT_ID\) and client_secret must be given together"
    with nothing_connects():
        builder = WorkflowBuilder("shop", "https://zeebe.example")
        with pytest.raises(AddressError, match=half):
            connect(builder.settings)
    with pytest.raises(AddressError, match=half):
        WorkflowBuilder("shop", "https://zeebe.example")


FORMS = {
    "localhost:26500": "http://localhost:26500",
    "zeebe": "http://zeebe:26500",
    "zeebe:26500/": "http://zeebe:26500",
    "zeebe.example.com:443": "https://zeebe.example.com:443",
    "grpc://zeebe:26500": "http://zeebe:26500",
    "grpcs://zeebe": "https://zeebe:443",
    "dns:///zeebe:26500": "http://zeebe:26500",
    "dns:zeebe:443": "https://zeebe:443",
    "ipv4:10.0.0.1:26500": "http://10.0.0.1:26500",
    "ipv6:[::1]:26500": "http://[::1]:26500",
    "::1": "http://[::1]:26500",
    "0.0.0.0:26500": "http://0.0.0.0:26500",
    "embedded": "embedded://",
    "Embedded://": "embedded://",
    "embedded:///": "embedded://",
}


@pytest.mark.parametrize(("text", "found"), FORMS.items(), ids=FORMS)
def test_addresses_are_read_as_people_write_them(text, found):
    assert str(parse_address(f" {text} ")) == found


REFUSED = {
    "26500": "no usable host or port",
    ":26500": "no usable host or port",
    "'zeebe:26500'": "leave the quotes out",
    "zeebe-0:26500,zeebe-1:26500": "it is more than one",
    "dns://8.8.8.8/zeebe:26500": "unknown scheme 'dns'",
    "unix:///var/run/zeebe": "unknown scheme 'unix'",
    f"https://ont-1.zeebe.camunda.io/{CLUSTER}": "one of REST has a path, and is another one",
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.items(), ids=REFUSED)
def test_an_address_that_is_none_is_refused_by_a_sentence(text, sentence):
    with pytest.raises(AddressError, match=sentence + ".*expected embedded://, .* or host:port"):
        WorkflowBuilder("shop", text)


@pytest.mark.parametrize(
    ("name", "text", "tls"),
    [
        ("ZEEBE_INSECURE_CONNECTION", "true", False),
        ("ZEEBE_INSECURE_CONNECTION", "false", True),
        ("ZEEBE_PLAINTEXT", "TRUE", False),
        ("CAMUNDA_CLIENT_SECURITY_PLAINTEXT", "false", True),
        ("WORKFLOW_PLAINTEXT", "", False),
    ],
)
def test_a_variable_says_whether_host_and_port_are_in_plain_text(environment, name, text, tls):
    environment(**{name: text, "ZEEBE_ADDRESS": "zeebe:26500"})
    address = check_connection(WorkflowSettings())
    assert (address.tls, address.port) == (tls, 26500)
    assert check_connection(WorkflowSettings(address="https://zeebe:1")).tls
    assert not check_connection(WorkflowSettings(address="http://zeebe:1")).tls


def test_what_is_said_in_code_goes_before_another_kind_in_the_environment(environment):
    environment(**CLIENT, CAMUNDA_OAUTH_URL=TOKENS)
    settings = WorkflowBuilder("shop", "http://localhost", "demo", "demo").settings
    assert (settings.user, settings.client_id) == ("demo", "")
    assert settings.client_secret.get_secret_value() == ""
    settings = WorkflowSettings(address="https://zeebe", user="demo", password="demo")
    assert WorkflowBuilder.from_settings(settings).settings.client_id == ""


def test_a_client_in_code_goes_before_a_user_in_the_environment(environment):
    environment(WORKFLOW_USER="demo", CAMUNDA_BASIC_AUTH_PASSWORD="demo")
    settings = WorkflowSettings(client_id="me", client_secret="s3cret", oauth_url=TOKENS)
    assert (settings.user, settings.password.get_secret_value()) == ("", "")


def test_a_user_in_code_may_have_its_password_in_the_environment(environment):
    environment(WORKFLOW_PASSWORD="secret", **CLIENT)
    settings = WorkflowBuilder("shop", "https://zeebe", "demo").settings
    assert settings.password.get_secret_value() == "secret"


@pytest.fixture
async def dev():
    """The gateway of `workflow dev`, over real gRPC."""
    server = await serve(Engine())
    yield server
    await server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("variables_set", UNUSABLE.values(), ids=UNUSABLE)
async def test_a_gateway_of_this_machine_is_reached_with_half_of_another_ones_settings(
    environment, variables_set, dev
):
    environment(**variables_set)
    if "OAUTH" not in "".join(variables_set) and "HTTPS_PROXY" not in variables_set:
        address = f"http://127.0.0.1:{dev.port}"
        found = await asyncio.to_thread(CliRunner().invoke, app, ["status", "-a", address])
        assert "gateway 8.4.1" in found.output


def test_a_gateway_elsewhere_is_told_nothing_with_half_of_the_settings(environment):
    environment(CAMUNDA_CLIENT_ID="me")
    found = CliRunner().invoke(app, ["status", "-a", "https://zeebe.invalid"])
    assert found.exit_code == 2
    assert "client_id (CAMUNDA_CLIENT_ID) and client_secret must be given together" in found.output


@pytest.mark.parametrize("verb", ["status", "doctor"])
def test_the_command_finds_a_cluster_by_its_id_and_region(environment, verb):
    # Nobody gives tokens there: what is looked for is found before.
    environment(**SAAS, CAMUNDA_OAUTH_URL="https://127.0.0.1:1/token")
    found = CliRunner().invoke(app, [verb])
    assert "token server https://127.0.0.1:1/token" in found.output
    if verb == "doctor":
        assert f"{GATEWAY}, TLS" in found.output
        assert "OAuth client me, tokens from https://127.0.0.1:1/token" in found.output


@pytest.mark.parametrize("verb", ["status", "doctor"])
def test_the_command_says_what_a_cluster_lacks(environment, verb):
    environment(CAMUNDA_CLUSTER_ID=CLUSTER, **CLIENT)
    found = CliRunner().invoke(app, [verb])
    assert found.exit_code == 2
    assert "set CAMUNDA_CLUSTER_REGION as well" in found.output


KIT = """
from service import build

async def test_it_starts(process_environment):
    async with process_environment(build()) as process:
        assert process
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", ["a cluster without region", "half of a client", "two kinds"])
def test_the_kit_and_check_need_nothing_of_a_gateway_elsewhere(tmp_path, what):
    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay").content)
    (tmp_path / "service.py").write_text(
        "from workflow_runtime import WorkflowBuilder\n"
        "def build():\n"
        "    builder = WorkflowBuilder('shop').with_process('order.bpmn')\n"
        "    return builder.with_external('order_pay')\n"
    )
    (tmp_path / "test_service.py").write_text(KIT)
    for command in (
        ["pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"],
        ["workflow_runtime.cli", "check", "service:build"],
    ):
        found = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            env=clean_environment(**UNUSABLE[what]),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert found.returncode == 0, found.stdout + found.stderr
