"""Docstrings stand alone, and those of the public API say what is taken, given and raised."""

import ast
import inspect
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from tests.docs.docstrings import gaps, leaning, leans
from tests.docs.pages import ROOT

from workflow_runtime import WorkflowSettings

FILES = sorted(
    path
    for package in ("runtime/src/workflow_runtime", "devkit/src/workflow_devkit")
    for path in (ROOT / package).rglob("*.py")
)
MODULES = (
    "workflow_devkit.testing",
    "workflow_runtime",
    "workflow_runtime.errors",
    "workflow_runtime.gateway.errors",
    "workflow_runtime.gateway.port",
    "workflow_runtime.gateway.values",
    "workflow_runtime.lifespan",
    "workflow_runtime.observers",
    "workflow_runtime.plugins",
    "workflow_runtime.publishing.model",
    "workflow_runtime.publishing.outbox",
    "workflow_runtime.task",
)


def public(module: str) -> list[Any]:
    """The classes and functions that a module offers."""
    found = import_module(module)
    names = getattr(found, "__all__", None) or [
        name
        for name, value in vars(found).items()
        if getattr(value, "__module__", "") == module and not name.startswith("_")
    ]
    values = (getattr(found, name) for name in names)
    return [value for value in values if inspect.isclass(value) or inspect.isfunction(value)]


def test_every_docstring_stands_alone():
    assert list(leaning(FILES)) == []


@pytest.mark.parametrize(
    "text",
    [
        "See `Gateway.deploy`.",
        "Passes the signal on.",
        "The same as a decorator.",
        "Sends it. As above.",
        "Nothing.",
        "Always the same.",
    ],
)
def test_a_docstring_that_leans_on_its_neighbour_would_be_found(text: str):
    assert leans(text)


@pytest.mark.parametrize("text", ["Nothing to deploy.", "Sees `x`.", "Takes logs, see `y`."])
def test_a_docstring_that_stands_alone_is_left_in_peace(text: str):
    assert not leans(text)


@pytest.mark.parametrize("module", MODULES)
def test_the_docstrings_of_the_public_api_are_complete(module: str):
    things = public(module)
    assert things
    assert sorted({gap for thing in things for gap in gaps(thing)}) == []


def test_every_setting_is_documented():
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(WorkflowSettings)).body
        if isinstance(node, ast.ClassDef)
    )
    documented = {
        field.target.id
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    assert set(WorkflowSettings.model_fields) - documented == set()


def halved(number: int) -> int:
    """Halves a number."""
    if number % 2:
        raise ValueError(number)
    return number // 2


def doubled(number: int) -> int:
    """Doubles a number.

    Args:
        number: below a thousand.

    Returns:
        Twice the number.

    Raises:
        ValueError: it is too large.
    """
    if number >= 1000:
        raise ValueError(number)
    return 2 * number


def test_an_incomplete_docstring_would_be_found():
    assert list(gaps(halved)) == [
        "halved: nothing says what 'number' is",
        "halved: Raises does not name ValueError",
        "halved: no Returns",
    ]
    assert list(gaps(doubled)) == []
