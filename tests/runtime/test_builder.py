"""Mistakes are told when the builder is used, with a remedy."""

import pytest
from dishka import Provider, Scope, make_async_container

from workflow_runtime import (
    AddressError,
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
    def handler(task, mailer):
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
