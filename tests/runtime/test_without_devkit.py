"""What the runtime does where the devkit is not installed, and where nobody said an address.

That nothing else of the devkit is needed is tried with the built wheels: tools/check_build.py.
"""

import pytest
from loguru import logger
from tests.support.drawing import straight

from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    AddressError,
    ConfigurationError,
    DiagramError,
    WorkflowBuilder,
    WorkflowSettings,
    plugins,
)

TASK = (
    '<serviceTask id="a"><extensionElements><zeebe:taskDefinition type="t" /></extensionElements>'
    "</serviceTask>"
)


@pytest.fixture
def without_devkit(monkeypatch):
    monkeypatch.setattr(plugins, "entry_points", lambda **_wanted: ())


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    for name in ("WORKFLOW_ADDRESS", "ZEEBE_GRPC_ADDRESS", "CAMUNDA_GRPC_ADDRESS", "ZEEBE_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def warnings():
    found = []
    number = logger.add(lambda message: found.append(message.record["message"]), level="WARNING")
    yield found
    logger.remove(number)


async def refused(**settings):
    builder = WorkflowBuilder.from_settings(WorkflowSettings(**settings))
    with pytest.raises(AddressError) as caught:
        await builder.run()
    return str(caught.value)


async def test_a_missing_address_is_an_error_that_names_the_variable(without_devkit):
    assert "no address: set ZEEBE_ADDRESS to the gateway" in await refused()


async def test_an_empty_address_counts_as_a_missing_one(without_devkit):
    assert "set ZEEBE_ADDRESS" in await refused(address=" ")


async def test_with_the_devkit_a_missing_address_is_an_engine_in_memory_and_a_warning(warnings):
    async with WorkflowBuilder("service").running() as workflow:
        assert isinstance(workflow.gateway, EmbeddedGateway)
    (warning,) = [text for text in warnings if "no address is set (ZEEBE_ADDRESS)" in text]
    assert "nothing of them survives a restart" in warning


async def test_who_says_embedded_is_not_warned(warnings):
    async with WorkflowBuilder("service", "embedded://").running():
        assert not [text for text in warnings if "no address" in text]


async def test_a_service_that_requires_an_address_starts_no_engine_in_memory():
    assert "set ZEEBE_ADDRESS" in await refused(require_address=True)


async def test_a_service_that_requires_an_address_takes_embedded_when_it_is_said():
    settings = WorkflowSettings(address="embedded://", require_address=True)
    async with WorkflowBuilder.from_settings(settings).running() as workflow:
        assert isinstance(workflow.gateway, EmbeddedGateway)


async def test_a_gateway_that_is_given_needs_no_address(without_devkit):
    given = EmbeddedGateway()
    builder = WorkflowBuilder.from_settings(WorkflowSettings(require_address=True))
    async with builder.with_gateway(given).running() as workflow:
        assert workflow.gateway is given


def test_embedded_without_the_devkit_says_what_to_install(without_devkit):
    with pytest.raises(AddressError, match=r'pip install "zeebe-workflow-runtime\[dev\]"'):
        WorkflowBuilder("service", "embedded://")


def test_a_diagram_that_only_an_engine_would_refuse_is_left_to_the_engine(without_devkit, tmp_path):
    (tmp_path / "order.bpmn").write_bytes(straight('<complexGateway id="choose" />'))
    builder = WorkflowBuilder("service", "http://127.0.0.1").with_process(tmp_path)
    assert [each.name for each in builder.resources] == ["order.bpmn"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no diagram", "order.bpmn:1: expected an XML file"),
        (straight(TASK).replace(b'isExecutable="true"', b""), "no process in it can be run"),
    ],
    ids=["unreadable", "not executable"],
)
def test_what_cannot_be_read_or_run_is_refused_everywhere(without_devkit, tmp_path, content, said):
    (tmp_path / "order.bpmn").write_bytes(content)
    with pytest.raises(DiagramError, match=said):
        WorkflowBuilder("service", "http://127.0.0.1").with_process(tmp_path)


def test_the_check_of_somebody_else_is_asked_too(monkeypatch, tmp_path):
    class Point:
        name = "house-rules"

        def load(self):
            return lambda content, name: [f"{name}: has no owner; write one into its documentation"]

    monkeypatch.setattr(plugins, "entry_points", lambda **_wanted: (Point(),))
    (tmp_path / "order.bpmn").write_bytes(straight(TASK))
    with pytest.raises(DiagramError, match="has no owner"):
        WorkflowBuilder("service", "http://127.0.0.1").with_process(tmp_path)


class Broken:
    """An entry point of a package that was installed half."""

    name, group, module, dist = "house-rules", plugins.DIAGRAM_CHECKS, "house_rules", None

    def load(self):
        raise ImportError("No module named 'house_rules'")


def test_a_check_that_cannot_be_loaded_is_named_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(plugins, "entry_points", lambda **_wanted: (Broken(),))
    (tmp_path / "order.bpmn").write_bytes(straight(TASK))
    with pytest.raises(ConfigurationError, match=r"'house-rules' .* of house_rules cannot be load"):
        WorkflowBuilder("service", "http://127.0.0.1").with_process(tmp_path)
