"""`workflow render --instance`: what Operate knows of an instance, drawn over its diagram."""

import json

import pytest
from tests.support.waiting import loop_in_thread
from typer.testing import CliRunner

from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime.cli._app import app


@pytest.fixture
def operate(monkeypatch):
    """Operate in a thread of its own: the command blocks."""
    with loop_in_thread() as run:
        double = OperateDouble()
        run(double.start())
        monkeypatch.setenv("WORKFLOW_OPERATE_URL", double.url)
        monkeypatch.setenv("WORKFLOW_OPERATE_USER", "demo")
        monkeypatch.setenv("WORKFLOW_OPERATE_PASSWORD", "demo")
        yield double
        run(double.stop())


def run(*arguments):
    return CliRunner().invoke(app, ["render", *map(str, arguments)])


def test_elements_flows_and_incidents_are_drawn(operate, diagram):
    operate.pass_through(7, {"start": {"completed": 1}, "a": {"incidents": 1}}, flows=["start_a"])
    svg = run(diagram, "--instance", 7, "-o", "-").output
    assert "<title>start: passed once</title>" in svg
    assert "<title>start_a: passed once</title>" in svg
    assert "a (a): 1 instance waits here, 1 open incident" in svg


def test_an_instance_of_another_diagram_is_refused(operate, diagram):
    operate.pass_through(7, {"elsewhere": {"active": 1}}, flows=[])
    done = run(diagram, "--instance", 7)
    assert done.exit_code == 2
    assert "passed 'elsewhere', which is not in order.bpmn" in done.output
    assert not diagram.with_suffix(".svg").exists()


def test_an_unknown_instance_is_an_answer_and_an_absent_operate_another(
    operate, diagram, monkeypatch
):
    done = run(diagram, "--instance", 8)
    assert done.exit_code == 1
    assert "does not know /v1/process-instances/8/statistics" in done.output
    monkeypatch.setenv("WORKFLOW_OPERATE_URL", "http://127.0.0.1:9")
    assert run(diagram, "--instance", 8).exit_code == 3


def test_counts_and_an_instance_together_are_refused(diagram, tmp_path):
    (tmp_path / "c.json").write_text(json.dumps({}))
    done = run(diagram, "--instance", 7, "--counts", tmp_path / "c.json")
    assert done.exit_code == 2
    assert "one of them" in done.output
