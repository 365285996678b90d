"""A service from the template with a real broker: its own tests, and outages."""

import os
import subprocess

import pytest
from tools import demo
from tools.broker.broker import Broker
from tools.broker.distribution import Missing, fetch

AWAY = 60.0
"""Seconds for which nothing listens where the service looks for its broker."""

pytestmark = [pytest.mark.zeebe, pytest.mark.timeout(600)]


@pytest.fixture
def service(tmp_path):
    """A service with the template's defaults, and the folder of its commands."""
    baked = demo.bake(tmp_path)
    return baked, demo.install(baked)


@pytest.fixture
def broker(tmp_path):
    """A broker of this test's own that is not started yet."""
    try:
        distribution = fetch()
    except Missing as reason:
        pytest.skip(str(reason))
    folder = tmp_path / "broker"
    folder.mkdir()
    return Broker(distribution, folder)


def test_the_tests_of_a_new_service_pass_with_a_real_broker(bake, tool):
    if "ZEEBE_ADDRESS" not in os.environ:
        pytest.skip("no real broker: run tox -e zeebe")
    service = bake()
    broker = {k: v for k, v in os.environ.items() if k.startswith("ZEEBE_")}
    tool(service, "uv", "sync", "--quiet", timeout=300)
    settings = [f"{name}={value}" for name, value in broker.items()]
    output = tool(
        service, "uv", "run", "env", *settings, "pytest", "-q", "tests/test_process.py", timeout=300
    )
    assert "4 passed" in output


def test_a_service_outlives_a_broker_that_comes_late_and_is_killed(service, broker, tmp_path):
    folder, commands = service
    address = broker.environment()["ZEEBE_ADDRESS"]
    env = os.environ | {
        "WORKFLOW_ADDRESS": address,
        "WORKFLOW_HEALTH_PORT": str(demo.free_port()),
    }
    stand = demo.Stand(commands / "workflow", address, broker.sink.path)
    worker = (commands / "python", "-m", demo.PACKAGE)
    with demo.background("service", *worker, cwd=folder, env=env) as running:
        with pytest.raises(subprocess.TimeoutExpired):
            running.process.wait(AWAY)
        with broker:
            stand.processes.append(running)
            assert demo.play(stand) == 3
            broker.stop(kill=True)
            broker.start()
            assert demo.play(stand) == 3
