"""Annotations whose names only a type checker sees: postponed by the import, or by Python 3.14."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from workflow_devkit.check.model_fields import given_by_result
from workflow_runtime import HandlerError, WorkflowBuilder
from workflow_runtime.cli.target import load_builder
from workflow_runtime.handlers import bind

# Without the import, older versions end at the first of them: there is nothing to test there.
HEADS = ["from __future__ import annotations", *([""] if sys.version_info >= (3, 14) else [])]
MODULE = """
from typing import TYPE_CHECKING, Any, TypedDict

import workflow_runtime

if TYPE_CHECKING:
    from shop import Price
    from workflow_runtime import WorkflowBuilder, WorkflowTask

class Priced(TypedDict):
    price: Price

class Reduced(Priced, total=False):
    reduction: Price

def build(name: Price = "late") -> WorkflowBuilder:
    return workflow_runtime.WorkflowBuilder(name)

def needs(name: Price) -> WorkflowBuilder: ...

def unseen(task: WorkflowTask) -> None: ...

def seen(task: workflow_runtime.WorkflowTask) -> Priced: ...
"""


@pytest.fixture(params=HEADS, ids=lambda head: head or "the language's own")
def late(request, tmp_path: Path, monkeypatch) -> ModuleType:
    (tmp_path / "late.py").write_text(request.param + MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "late", raising=False)
    yield importlib.import_module("late")
    del sys.modules["late"]


def test_a_builder_is_found_by_a_function_with_such_annotations(late):
    assert isinstance(load_builder("late:build"), WorkflowBuilder)


def test_a_function_that_needs_arguments_is_named_all_the_same(late):
    with pytest.raises(Exception, match="missing a required argument: 'name'"):
        load_builder("late:needs")


def test_a_result_gives_its_keys_whatever_their_types_are(late):
    assert given_by_result(late.Priced) == {"price"}
    assert given_by_result(late.Reduced) == {"price", "reduction"}
    assert given_by_result(bind("price", late.seen).result) == {"price"}


def test_a_handler_whose_own_annotation_cannot_be_read_says_why(late):
    with pytest.raises(HandlerError, match=r"unseen.*'WorkflowTask'.*outside of 'if TYPE_CHECK"):
        bind("unseen", late.unseen)
