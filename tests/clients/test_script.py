"""Every client's program plays the same script with an engine of its own."""

import pytest
from tests.clients import packages, script
from tests.clients.dev import HERE, play
from tests.support.dev import Dev

RENAMED = {
    "io.camunda.zeebe.client": "io.camunda.client",
    "ZeebeClient": "CamundaClient",
    "ZeebeFuture": "CamundaFuture",
}
"""What the Java client of 8.9 calls the classes of the one before it."""


def _java(name, dev, folder, renamed=()):
    jars = packages.java_client(name)
    source = (HERE / "java" / "Script.java").read_text(encoding="utf-8")
    for old, new in dict(renamed).items():
        source = source.replace(old, new)
    program = folder / "Script.java"
    program.write_text(source, encoding="utf-8")
    command = (packages.tool("java"), "-cp", f"{jars}/*", program, dev.address)
    return play(dev, *command, ZEEBE_INSECURE_CONNECTION="true")


def _node(dev, folder):
    env = {"NODE_PATH": packages.node_modules()}
    return play(dev, packages.tool("node"), HERE / "node" / "script.js", dev.address, **env)


CLIENTS = {
    "zeebe-client-java": lambda dev, folder: _java("zeebe-client-java", dev, folder),
    "camunda-client-java": lambda dev, folder: _java("camunda-client-java", dev, folder, RENAMED),
    "@camunda8/sdk": _node,
    "zeebe-rs": lambda dev, folder: play(dev, packages.rust_program(), dev.address),
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CLIENTS],
)
def client(request):
    """The name of a client: all its tests run in one process, and its program once."""
    return request.param


@pytest.fixture(scope="module")
def report(client, tmp_path_factory):
    """What the client's program told of its run."""
    dev = Dev()
    try:
        return CLIENTS[client](dev, tmp_path_factory.mktemp("client"))
    finally:
        dev.stop()


@pytest.mark.parametrize("step", script.STEPS)
def test_the_engine_answers_as_the_script_says(report, client, step):
    if step in script.LEFT_OUT.get(client, ()):
        assert step not in report
    else:
        script.check(report, step)


def test_the_program_plays_no_step_that_nobody_looks_at(report):
    assert set(report) <= set(script.STEPS)
