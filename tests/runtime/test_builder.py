"""Mistakes are told when the builder is used, with a remedy."""

import re
import sys
from importlib import import_module

import pytest
from dishka import Provider, Scope, make_async_container
from tests.devkit.lint.lint_cases import CASES
from tests.support.drawing import catch, straight

from workflow_runtime import (
    AddressError,
    ConfigurationError,
    DiagramError,
    DishkaResolver,
    HandlerError,
    WorkflowBuilder,
    WorkflowTask,
)
from workflow_runtime.handlers import bind


@pytest.fixture
def builder():
    return WorkflowBuilder("test", "embedded://")


def test_a_missing_diagram_is_named(builder, tmp_path):
    with pytest.raises(DiagramError, match=r"absent\.bpmn: no such BPMN file"):
        builder.with_process(tmp_path / "absent.bpmn")


def test_a_file_that_is_no_bpmn_is_named(builder, tmp_path):
    path = tmp_path / "broken.bpmn"
    path.write_text("<html></html>")
    with pytest.raises(DiagramError, match=r"broken\.bpmn"):
        builder.with_process(path)


def test_two_handlers_for_one_type_are_refused(builder):
    def first(task):
        pass

    builder.with_handler("work", first)
    with pytest.raises(HandlerError, match=r"'work' has two handlers, .*first and .*first"):
        builder.with_handler("work", first)


def test_a_parameter_that_cannot_be_filled_is_named_with_a_remedy(builder):
    class Mailer:
        pass

    def handler(task, mailer: Mailer):
        pass

    with pytest.raises(HandlerError, match=r"parameter 'mailer' cannot be filled; annotate"):
        builder.with_handler("work", handler)


def test_a_class_instead_of_an_instance_is_refused(builder):
    class Handler:
        async def handle(self, task: WorkflowTask):
            pass

    with pytest.raises(HandlerError, match="is a class: pass an instance"):
        builder.with_handler("work", Handler)
    builder.with_handler("work", Handler())
    assert builder.job_types == ("work",)


@pytest.mark.parametrize("address", ["ftp://x", "http://", "host:99999", "http://h/path"])
def test_an_address_that_cannot_be_parsed_is_refused(address):
    with pytest.raises(AddressError, match="expected embedded://, http://host"):
        WorkflowBuilder("test", address)


def test_credentials_over_plain_text_are_refused_except_to_this_machine():
    with pytest.raises(AddressError, match="plain text"):
        WorkflowBuilder("test", "http://zeebe", "demo", "s3cret")
    WorkflowBuilder("test", "http://127.0.0.1", "demo", "s3cret")
    WorkflowBuilder("test", "https://zeebe", "demo", "s3cret")


class Mailer:
    pass


def test_a_dependency_comes_from_the_resolver():
    def handler(task: WorkflowTask, mailer: Mailer):
        pass

    provider = Provider(scope=Scope.REQUEST)
    provider.provide(Mailer)
    resolver = DishkaResolver(make_async_container(provider))
    assert bind("work", handler, resolver=resolver).wanted == (("mailer", Mailer),)


def refused(builder, tmp_path, content):
    path = tmp_path / "orders.bpmn"
    path.write_bytes(content)
    with pytest.raises(DiagramError) as caught:
        builder.with_process(path)
    return caught.value


def test_an_element_that_no_engine_runs_is_refused_with_place_and_remedy(builder, tmp_path):
    error = refused(builder, tmp_path, straight('<complexGateway id="choose" name="Choose" />'))
    assert re.search(r"orders\.bpmn:\d+: choose: is a complexGateway", str(error))
    assert "Zeebe 8.4 does not run; draw it with" in str(error)


def test_everything_that_is_wrong_with_a_diagram_is_said_at_once(builder, tmp_path):
    soon = "<timerEventDefinition><timeDuration>soon</timeDuration></timerEventDefinition>"
    nodes = ('<serviceTask id="a" />', catch("b", soon))
    error = refused(builder, tmp_path, straight(*nodes))
    assert len(error.problems) == 2
    assert "a: needs exactly one zeebe:taskDefinition, has none; give the task" in str(error)
    assert "b: waits for 'soon', which is no duration; expected an ISO 8601 duration" in str(error)


def test_a_condition_that_cannot_be_read_is_located(builder, tmp_path):
    case = CASES["feel"].bad
    error = refused(builder, tmp_path, case)
    line, column = re.search(r"orders\.bpmn:(\d+):(\d+): g_a:", str(error)).groups()
    assert case.decode().splitlines()[int(line) - 1][int(column) - 1 :].startswith("<")


@pytest.mark.parametrize(
    "node", ['<userTask id="a" />', '<manualTask id="a" />'], ids=["user task", "manual task"]
)
def test_what_zeebe_runs_is_taken_though_the_description_leaves_it_out(builder, tmp_path, node):
    (tmp_path / "orders.bpmn").write_bytes(straight(node))
    builder.with_process(tmp_path)


def test_an_outbox_that_is_none_is_refused_with_a_remedy(builder):
    with pytest.raises(ConfigurationError, match=r"found str.*Outbox\(engine\)"):
        builder.with_outbox("sqlite+aiosqlite:///orders.db")


def test_an_empty_task_type_is_refused_with_a_remedy(builder):
    with pytest.raises(HandlerError, match="empty; give the type that the diagram's task has"):
        builder.with_handler(" ", lambda task: None)


def test_an_outbox_without_its_extra_says_what_to_install(monkeypatch):
    outbox = "workflow_runtime.publishing.outbox"
    for name in [name for name in sys.modules if name.startswith(outbox)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(
        ModuleNotFoundError, match=r'pip install "zeebe-workflow-runtime\[outbox\]"'
    ):
        import_module(outbox)
