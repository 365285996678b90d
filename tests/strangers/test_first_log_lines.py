"""The first lines of a service's log: what it is connected to, and that the gateway is there."""

import asyncio
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest
from tests.docs.test_names import variables
from tests.support.commands import environment as clean_environment
from tests.support.diagrams import one_task
from tests.support.logs import messages
from tests.support.token_server import token_server

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import WorkflowBuilder, WorkflowSettings

CLIENT = {"CAMUNDA_CLIENT_ID": "me", "CAMUNDA_CLIENT_SECRET": "s3cret"}
CLUSTER = {"CAMUNDA_CLUSTER_ID": "54f3b165", "CAMUNDA_CLUSTER_REGION": "ont-1"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Nothing of this machine's, and a function that sets variables."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)

    def given(**values):
        for name, text in values.items():
            monkeypatch.setenv(name, text)

    return given


@pytest.fixture
def said():
    """The messages of the log, as they come."""
    with messages() as found:
        yield found


@pytest.fixture
async def dev():
    """The gateway of `workflow dev`, over real gRPC."""
    server = await serve(Engine())
    yield server
    await server.stop()


@pytest.fixture
async def tokens():
    async with token_server() as server:
        yield server


async def until(said, words):
    """The first message that has these words."""
    async with asyncio.timeout(20):
        while True:
            if found := [each for each in said if words in each]:
                return found[0]
            await asyncio.sleep(0.01)


async def test_a_client_with_an_audience_gets_in_and_the_log_says_as_whom(
    environment, said, dev, tokens
):
    url = f"http://127.0.0.1:{tokens.port}/realms/camunda/protocol/openid-connect/token"
    environment(**CLIENT, CAMUNDA_OAUTH_URL=url, CAMUNDA_TOKEN_AUDIENCE="zeebe-api")
    address = f"127.0.0.1:{dev.port}"
    async with WorkflowBuilder("shop", address).running() as workflow:
        await workflow.gateway.topology()
        await until(said, "connected to")
    assert tokens.forms[0]["audience"] == "zeebe-api"
    assert f"works with the gateway http://{address} in plain text" in said[0]
    assert f"credentials: OAuth client me, tokens from {url}" in said[0]
    assert said[0].startswith("shop (zeebe-workflow-runtime ")
    assert "s3cret" not in "".join(said)


async def test_a_cluster_behind_an_address_of_its_own_keeps_its_audience(
    environment, said, dev, tokens
):
    environment(**CLIENT, **CLUSTER)
    settings = WorkflowSettings(
        service_name="shop",
        address=f"http://127.0.0.1:{dev.port}",
        oauth_url=f"http://127.0.0.1:{tokens.port}/token",
    )
    async with WorkflowBuilder.from_settings(settings).running() as workflow:
        await workflow.gateway.topology()
    assert tokens.forms[0]["audience"] == "zeebe.camunda.io"
    assert "cluster_region are set as well, and the address goes before them" in said[0]


async def test_the_log_says_once_that_the_gateway_is_there_and_which_it_is(said, dev):
    async with WorkflowBuilder("shop", f"http://127.0.0.1:{dev.port}").running():
        line = await until(said, "connected to")
    assert line == f"connected to http://127.0.0.1:{dev.port}: gateway 8.4.1, 1 broker(s)"
    assert [each for each in said if "connected to" in each] == [line]
    assert "credentials: none" in said[0]


async def test_a_gateway_that_comes_late_is_said_to_be_there_then(said):
    first = await serve(Engine())
    port = first.port
    await first.stop()
    async with WorkflowBuilder("shop", f"localhost:{port}").running():
        assert "works with the gateway" in said[0]
        assert not [each for each in said if "connected to" in each]
        late = await serve(Engine(), port=port)
        await until(said, "connected to")
    await late.stop()


async def test_a_service_that_only_tells_and_its_deployment_say_why_nobody_lets_them_in(
    environment, said, dev, tokens, tmp_path
):
    tokens.status = 401
    url = f"http://127.0.0.1:{tokens.port}/token"
    environment(**CLIENT, CAMUNDA_OAUTH_URL=url)
    diagram = tmp_path / "order.bpmn"
    diagram.write_bytes(one_task("order", "pay").content)
    builder = WorkflowBuilder("shop", f"http://127.0.0.1:{dev.port}").with_process(diagram)
    async with builder.running() as workflow:
        line = await until(said, "no token: ")
        waiting = workflow.health().deployment
    for each in line, waiting:
        assert f"no token: token server {url} refuses the client: HTTP 401; check client" in each
    # Of the processes nothing is known as long as nobody can be asked.
    assert not [each for each in said if "not deployed" in each or "does not answer" in each]
    assert len([each for each in said if "no token: " in each]) == 1


async def test_a_gateway_that_never_comes_lets_the_service_stop(said, tmp_path):
    diagram = tmp_path / "order.bpmn"
    diagram.write_bytes(one_task("order", "pay").content)
    builder = WorkflowBuilder("shop", "http://127.0.0.1:1").with_process(diagram)
    async with builder.running():
        await until(said, "the processes cannot be brought to the engine: UNAVAILABLE ")
    # Who cannot ask does not know: an earlier replica may have deployed them.
    assert not [each for each in said if "not deployed" in each]
    assert not [each for each in said if "connected to" in each]


async def test_the_embedded_engine_is_named_in_so_many_words(said):
    async with WorkflowBuilder("shop", "embedded://").running():
        pass
    assert "the address is embedded://: processes run on an engine in memory" in said[0]
    assert "nothing of them survives a restart" in said[0]
    assert not [each for each in said if "connected to" in each]


async def test_a_runtime_without_metadata_as_in_a_zipapp_starts_as_well(said, monkeypatch):
    def version(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("workflow_runtime.gateway.introduction.version", version)
    async with WorkflowBuilder("shop", "embedded://").running():
        pass
    assert said[0].startswith("shop (zeebe-workflow-runtime): the address is embedded://")


async def test_a_missing_address_is_said_first_and_once(said):
    async with WorkflowBuilder("shop").running():
        pass
    assert "no address is set (ZEEBE_ADDRESS)" in said[0]
    assert len([each for each in said if "in memory" in each]) == 1


async def test_tls_and_basic_credentials_are_said(said):
    settings = WorkflowSettings(
        service_name="shop", address="https://127.0.0.1:1", user="ann", password="hunter22"
    )
    async with WorkflowBuilder.from_settings(settings).running():
        pass
    assert "https://127.0.0.1:1 with TLS, credentials: basic, user ann" in said[0]
    assert "hunter22" not in "".join(said)


SERVICE = """
from workflow_runtime import WorkflowBuilder

class Hook:
    async def start(self, workflow):
        raise SystemExit(0)
    async def stop(self):
        pass

def build():
    return WorkflowBuilder("shop", "embedded://").with_lifespan_hook(Hook())

if __name__ == "__main__":
    build().serve()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [["service.py"], ["-m", "workflow_runtime.cli", "run", "service:build"]],
    ids=["serve", "workflow run"],
)
def test_the_first_line_of_a_process_says_what_it_is_connected_to(tmp_path, command):
    (tmp_path / "service.py").write_text(SERVICE)
    found = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env=clean_environment(CAMUNDA_CLIENT_ID="me"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = [json.loads(line)["message"] for line in found.stderr.splitlines()]
    assert "shop (zeebe-workflow-runtime" in lines[0], found.stderr
    assert "embedded://: processes run on an engine in memory" in lines[0]
    assert len([line for line in lines if "embedded://" in line]) == 1
