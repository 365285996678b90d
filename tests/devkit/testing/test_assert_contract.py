"""The ready test: one line in a service, an explanation when it fails."""

import pytest
from tests.support.diagrams import bpmn

from workflow_devkit.testing import assert_contract
from workflow_runtime import WorkflowBuilder

DIAGRAM = "start s\nservice charge job=order_charge\nend e\ns -> charge -> e"


@pytest.fixture
def builder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    return WorkflowBuilder("orders").with_process("order.bpmn")


def test_it_passes_where_every_task_has_a_handler(builder):
    assert_contract(builder.with_handler("order_charge", lambda task: None))


def test_it_passes_where_another_service_has_the_handler(builder):
    assert_contract(builder.with_external("order_*"))


def test_it_fails_with_every_finding_and_what_to_do(builder):
    builder.with_handler("order_refund", lambda task: None)
    with pytest.raises(AssertionError) as failure:
        assert_contract(builder)
    text = str(failure.value)
    assert "error: order.bpmn:6: charge: no handler for task type 'order_charge'" in text
    assert "warning: " in text
    assert "'order_refund'" in text
    assert "with_external('order_charge')" in text


def test_a_builder_without_diagrams_proves_nothing():
    with pytest.raises(AssertionError, match="no process"):
        assert_contract(WorkflowBuilder("orders"))


def test_tests_of_one_folder_know_nothing_of_each_others_events(pytester):
    """A folder of tests is no package: what another test module publishes is its own affair."""
    (pytester.path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    event = "class Lost(WorkflowEvent):\n    process_id, key_field = 'order', None\n"
    imports = "from workflow_runtime import WorkflowBuilder, WorkflowEvent\n"
    check = (
        "from workflow_devkit.testing import assert_contract\n"
        "def test_it():\n"
        "    builder = WorkflowBuilder('orders').with_process('order.bpmn')\n"
        "    assert_contract(builder.with_handler('order_charge', lambda task: None))\n"
    )
    folder = pytester.mkdir("tests")
    for name, code in (("test_a", imports + event), ("test_b", imports + check)):
        (folder / f"{name}.py").write_text(code)
    option = "asyncio_default_fixture_loop_scope=function"
    run = pytester.runpytest("--import-mode=importlib", "-o", option)
    run.assert_outcomes(passed=1)
