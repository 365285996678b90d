"""Reading a file takes time in proportion to its size, whatever it has many of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.growth import TIMES, grows_with_its_square
from tests.support.large_diagrams import SHAPES, task

from workflow_devkit.check.compare import compare
from workflow_devkit.check.service_model import HandlerFacts, ServiceModel
from workflow_devkit.codegen.constants import module_of
from workflow_devkit.codegen.identifiers import constants_of
from workflow_devkit.codegen.stubs import stubs_of
from workflow_devkit.engine import Engine
from workflow_devkit.lint import lint
from workflow_devkit.render import render_svg
from workflow_runtime.bpmn.outline import outline
from workflow_runtime.bpmn.parser import parse
from workflow_runtime.cli._durations import read_duration
from workflow_runtime.closest import did_you_mean
from workflow_runtime.gateway.values import Resource

SMALL = 150
"""Of what a shape has many of; the large file has `TIMES` as many."""
READERS: dict[str, Callable[[bytes], object]] = {
    "outline": lambda content: outline(content, "a.bpmn"),
    "parse": lambda content: parse(content, "a.bpmn"),
    "lint": lambda content: lint(content, "a.bpmn"),
    "deploy": lambda content: Engine().deploy([Resource("a.bpmn", content)]),
    "render": lambda content: render_svg(parse(content, "a.bpmn")),
    "check": lambda content: compare([parse(content, "a.bpmn")], _service(content)),
    "stubs": lambda content: stubs_of([parse(content, "a.bpmn")], ServiceModel()),
    "constants": lambda content: module_of([parse(content, "a.bpmn")]),
}


def _service(content: bytes) -> ServiceModel:
    """A handler for each task: what it needs is set by the last of them."""
    count = content.count(b"<zeebe:taskDefinition")
    types = [f"p_{i}" for i in range(count)]
    asks = ((f"y{count - 1}",),)
    gives = [frozenset({f"y{i}"}) for i in range(count)]
    facts = (HandlerFacts(t, t, asks=asks, gives=g) for t, g in zip(types, gives, strict=True))
    return ServiceModel({each.job_type: each for each in facts})


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_reader_does_not_take_the_square_of_what_a_file_has_many_of(shape, reader):
    small, large = SHAPES[shape](SMALL), SHAPES[shape](SMALL * TIMES)
    assert grows_with_its_square(READERS[reader], small, large) == ""


def test_a_text_that_is_almost_a_duration_is_refused_at_once():
    assert (
        grows_with_its_square(lambda text: read_duration("--wait", text), "1" * 9000, "1" * 72_000)
        == ""
    )


def test_thousands_of_names_that_would_be_the_same_are_numbered_in_line():
    def names(count: int) -> list[str]:
        return [f"a{'-' * (i % 50)}{'.' * (i // 50)}b" for i in range(count)]

    assert grows_with_its_square(lambda n: constants_of(n, [], "X"), names(500), names(4000)) == ""


def test_nothing_is_suggested_for_a_word_among_thousands():
    assert did_you_mean("name1x", [f"name{i}" for i in range(100)]) != ""
    assert did_you_mean("name1x", [f"name{i}" for i in range(2000)]) == ""


def test_the_measure_tells_a_square_from_a_line():
    def pairs(items: list[int]) -> list[int]:
        return [a for a in items for b in items if a == b]

    small, large = list(range(1000)), list(range(1000 * TIMES))
    assert "for the large one" in grows_with_its_square(pairs, small, large)
    assert grows_with_its_square(sorted, small, large) == ""


def test_a_shape_is_a_diagram_with_as_many_tasks_as_asked_for():
    (process,) = parse(SHAPES["tasks in a line"](7), "a.bpmn").processes
    assert [e.id for e in process.walk() if e.task] == [f"t{i}" for i in range(7)]
    assert task(0) in SHAPES["tasks in a line"](1).decode()
