"""Diagrams without layout get one: nothing lies on anything else, arrows join what they should."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.devkit.render.pictures import MODELS, OWN, overlapping, with_layout
from tests.support import cases
from tests.support import foreign as others
from tests.support.drawing import draw, task

from workflow_devkit.render.diagram_index import index_of
from workflow_devkit.render.pages import Page, pages_of
from workflow_runtime.bpmn.model import Box, Definitions
from workflow_runtime.bpmn.parser import parse

LAYOUT = re.compile(rb"<(\w+:)?BPMNDiagram.*</\1?BPMNDiagram>", re.DOTALL)


def pages(content: bytes) -> tuple[Definitions, list[Page]]:
    definitions = parse(content, "d.bpmn")
    return definitions, pages_of(definitions, index_of(definitions))


def neighbours(definitions: Definitions, page: Page) -> list[tuple[str, str]]:
    """Elements of one scope that lie on each other, boundary events left out."""
    found = []
    for process in definitions.processes:
        for scope in process.walk():
            own = [e.id for e in scope.children.values() if e.attached_to is None]
            boxes = {key: page.shapes[key].bounds for key in own if key in page.shapes}
            found += overlapping(boxes)
    return found


def on_border(point, box: Box) -> bool:
    across = box.x - 0.01 <= point.x <= box.x + box.width + 0.01
    down = box.y - 0.01 <= point.y <= box.y + box.height + 0.01
    return across and down


@pytest.mark.parametrize("name", OWN, ids=others.stem)
def test_a_model_of_ours_is_laid_out_without_overlaps(name):
    is_laid_out(cases.read(name))


@pytest.mark.parametrize("name", MODELS, ids=others.stem)
def test_a_model_whose_layout_was_taken_away_is_laid_out_without_overlaps(foreign, name):
    is_laid_out(foreign(name).read_bytes())


def is_laid_out(content: bytes) -> None:
    definitions, (page, *_) = pages(LAYOUT.sub(b"", content))
    assert neighbours(definitions, page) == []
    flows = {key: f for p in definitions.processes for e in p.walk() for key, f in e.flows.items()}
    for key, edge in page.edges.items():
        if key in flows:
            assert on_border(edge.points[0], page.shapes[flows[key].source].bounds)
            assert on_border(edge.points[-1], page.shapes[flows[key].target].bounds)


def through(page: Page, key: str, ends: set[str]) -> list[str]:
    """The shapes that an arrow crosses, besides those that it joins."""
    points = page.edges[key].points
    crossed = []
    for name, shape in page.shapes.items():
        box = shape.bounds
        for one, other in pairwise(points):
            across = min(one.x, other.x) < box.x + box.width and box.x < max(one.x, other.x)
            down = min(one.y, other.y) < box.y + box.height and box.y < max(one.y, other.y)
            level = one.y == other.y and box.y < one.y < box.y + box.height and across
            upright = one.x == other.x and box.x < one.x < box.x + box.width and down
            if name not in ends and (level or upright):
                crossed.append(name)
    return crossed


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 12).flatmap(
        lambda n: st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=3 * n
        ).map(lambda pairs: (n, pairs))
    )
)
def test_arrows_of_any_graph_go_around_all_other_shapes(graph):
    count, pairs = graph
    nodes = "".join(task(f"t{n}") for n in range(count))
    flows = "\n".join(f"f{n}: t{a} > t{b}" for n, (a, b) in enumerate(pairs))
    definitions, (page, *_) = pages(draw(nodes, flows))
    assert neighbours(definitions, page) == []
    crossed = {
        f"f{n}": found
        for n, (a, b) in enumerate(pairs)
        if (found := through(page, f"f{n}", {f"t{a}", f"t{b}"}))
    }
    assert crossed == {}


def test_a_process_runs_from_left_to_right_and_back_only_where_it_loops():
    flows = "a > b\nb > c\nback: c > a\nc > d"
    _, (page, *_) = pages(draw("".join(map(task, "abcd")), flows))
    left = [page.shapes[key].bounds.x for key in "abcd"]
    assert left == sorted(left)
    assert len(set(left)) == 4
    assert len({page.shapes[key].bounds.y for key in "abcd"}) == 1
    assert min(point.x for point in page.edges["back"].points) < left[0]


def test_a_sub_process_holds_what_it_contains_and_boundary_events_stand_on_their_hosts():
    inner = f'<subProcess id="sub">{task("i")}{task("j")}</subProcess>'
    events = "".join(
        f'<boundaryEvent id="b{n}" name="Something went wrong" attachedToRef="sub"/>'
        for n in range(3)
    )
    _, (page, *_) = pages(draw(inner + events + task("z"), "b0 > z\nb1 > z\nb2 > z"))
    box = page.shapes["sub"].bounds
    for key in "ij":
        child = page.shapes[key].bounds
        assert box.x < child.x
        assert child.x + child.width < box.x + box.width
        assert box.y < child.y
        assert child.y + child.height < box.y + box.height
    guests = {f"b{n}": page.shapes[f"b{n}"].bounds for n in range(3)}
    assert {b.y + b.height / 2 for b in guests.values()} == {box.y + box.height}
    assert list(overlapping(guests)) == []


def test_processes_stand_below_each_other_in_their_pools():
    pools = (
        '<collaboration id="c"><participant id="one" name="One" processRef="p"/>'
        '<participant id="two" name="Two"/><messageFlow id="m" sourceRef="a" targetRef="two"/>'
        "</collaboration>"
    )
    _, (page, *_) = pages(draw(task("a"), top=pools))
    one, two = page.shapes["one"].bounds, page.shapes["two"].bounds
    assert one.y + one.height < two.y
    assert one.width == two.width
    assert on_border(page.edges["m"].points[-1], two)


PARTIAL = draw(
    "".join(map(task, "abcd")) + '<boundaryEvent id="x" attachedToRef="a"/>',
    "f: a > b\ng: c > d\nh: b > c",
)


def test_a_partial_layout_keeps_its_places_and_is_completed_below():
    places = {"a": "100 100 100 80", "b": "300 100 100 80"}
    _, (page,) = pages(with_layout(PARTIAL, places, {}))
    assert page.shapes["a"].bounds == Box(100, 100, 100, 80)
    assert page.edges["f"].points[0].x == 200
    assert page.edges["f"].points[-1].x == 300
    assert page.shapes["c"].bounds.y > 180
    assert page.shapes["x"].bounds.y + 18 == 180
    assert set(page.edges) == {"f", "g", "h"}
    shown = {key: page.shapes[key].bounds for key in "abcd"}
    assert list(overlapping(shown)) == []


@pytest.mark.parametrize("bounds", ["NaN 0 100 80", "1e300 0 100 80", "0 0 inf 80", "0 0 0 0",
                                    "0 0 -5 80", "x y z w"])  # fmt: skip
def test_places_that_are_none_are_filled_by_the_layout(bounds):
    places = {"a": "100 100 100 80", "b": bounds}
    _, (page,) = pages(with_layout(PARTIAL, places, {"f": "NaN,1 1e99,2"}))
    box = page.shapes["b"].bounds
    assert (box.width, box.height) == (100, 80)
    assert list(overlapping({key: page.shapes[key].bounds for key in "abcd"})) == []
    assert len(page.edges["f"].points) >= 2


@pytest.mark.parametrize("default", ["one", "two", "three"])
def test_the_mark_of_a_default_flow_is_on_no_other_flow(default):
    gateway = f'<exclusiveGateway id="g" default="{default}"/>'
    flows = "one: g > a\ntwo: g > b\nthree: g > c"
    _, (page, *_) = pages(draw(gateway + "".join(map(task, "abc")), flows))
    points = {key: page.edges[key].points for key in ("one", "two", "three")}
    start, turn = points.pop(default)[:2]
    assert turn.x - start.x > 16
    shared = [key for key, way in points.items() if way[0] == start]
    assert shared == []
