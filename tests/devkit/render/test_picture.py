"""Pictures show what BPMN says they show."""

import pytest
from tests.devkit.render.pictures import (
    MODELS,
    OWN,
    SVG,
    drawn,
    picture,
    tags,
    texts,
    tooltip,
    with_layout,
)
from tests.support import cases
from tests.support import foreign as others
from tests.support.drawing import catch, draw, task

from workflow_devkit.render import Overlay, render_svg
from workflow_runtime.bpmn.parser import parse

MESSAGE = "<messageEventDefinition/>"
STRAIGHT = draw(
    f'<startEvent id="s" name="Begun"/>{task("a")}<endEvent id="e"/>', "f: s > a\ng: a > e"
)


def circles(root, key):
    found = drawn(root, key).iter(f"{SVG}circle")
    return [(each.get("stroke-width"), each.get("stroke-dasharray")) for each in found]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<startEvent id="x"/>', [("2", None)]),
        (f'<intermediateCatchEvent id="x">{MESSAGE}</intermediateCatchEvent>', [("1.5", None)] * 2),
        ('<endEvent id="x"/>', [("4", None)]),
        ('<startEvent id="x" isInterrupting="false"/>', [("2", "6")]),
        (
            '<task id="t"/><boundaryEvent id="x" attachedToRef="t" cancelActivity="false"/>',
            [("1.5", "6")] * 2,
        ),
    ],
    ids=["start: thin", "intermediate: double", "end: thick", "non-interrupting: broken",
         "boundary: double and broken"],
)  # fmt: skip
def test_events_are_circles_whose_border_tells_their_place(xml, expected):
    assert circles(picture(draw(xml)), "x") == expected


def test_what_catches_is_outlined_and_what_throws_is_filled():
    events = (
        f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
        f'<intermediateThrowEvent id="t">{MESSAGE}</intermediateThrowEvent>'
    )
    root = picture(draw(events))
    fills = [drawn(root, key).find(f".//{SVG}path").get("fill") for key in ("c", "t")]
    assert fills == ["#ffffff", "#22242a"]


@pytest.mark.parametrize(
    "definition",
    ["message", "timer", "error", "signal", "link", "escalation", "terminate", "conditional",
     "compensate", "cancel"],
)  # fmt: skip
def test_every_event_definition_has_an_icon_of_its_own(definition):
    event = f'<endEvent id="x"><{definition}EventDefinition/></endEvent><endEvent id="y"/>'
    root = picture(draw(event))
    assert "path" in tags(root, "x")
    assert "path" not in tags(root, "y")


@pytest.mark.parametrize(
    "tag", ["serviceTask", "userTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask",
            "manualTask"],
)  # fmt: skip
def test_every_task_type_has_an_icon_and_a_plain_task_has_none(tag):
    root = picture(draw(f'<{tag} id="x"/><task id="y"/>'))
    assert set(tags(root, "x")) == {"rect", "path"}
    assert tags(root, "y") == ["rect"]


def test_activities_show_how_they_repeat_and_that_they_call():
    loop = '<multiInstanceLoopCharacteristics isSequential="{}"/>'
    root = picture(
        draw(
            f'<task id="p">{loop.format("false")}</task><task id="s">{loop.format("true")}</task>'
            '<task id="l"><standardLoopCharacteristics/></task><callActivity id="c"/>'
        )
    )
    marks = {key: drawn(root, key).find(f".//{SVG}path").get("d") for key in ("p", "s", "l", "c")}
    assert len(set(marks.values())) == 4
    assert drawn(root, "c").find(f"{SVG}rect").get("stroke-width") == "5"


def test_the_default_flow_is_slashed_and_a_conditional_one_begins_with_a_diamond():
    nodes = '<task id="a" default="d"/><task id="b"/><task id="c"/><task id="z"/>'
    flows = "d: a > b\nk: a > c if =x\nplain: b > z"
    root = picture(draw(nodes, flows))
    assert tags(root, "plain") == ["path", "polygon"]
    assert tags(root, "d") == ["path", "polyline", "polygon"]
    assert tags(root, "k") == ["path", "polygon", "polygon"]


def test_an_exclusive_gateway_shows_its_x_where_the_file_says_so():
    content = draw('<exclusiveGateway id="x"/><exclusiveGateway id="y"/>')
    shapes = {"x": '0 0 50 50 isMarkerVisible="true"', "y": "100 0 50 50"}
    root = picture(with_layout(content, shapes, {}))
    assert tags(root, "x") == ["polygon", "path"]
    assert tags(root, "y") == ["polygon"]


def test_shapes_stand_where_the_file_puts_them_with_the_modelers_colours():
    shapes = {"s": "10 20 36 36", "a": "100 0 100 80", "e": "300 20 36 36"}
    colours = 'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:fill="#ffe0b2"'
    shapes["a"] += f' {colours} bioc:stroke="url(javascript:x)"'
    root = picture(with_layout(STRAIGHT, shapes, {"f": "46,38 100,38"}))
    assert drawn(root, "a").get("transform") == "translate(100 0)"
    rect = drawn(root, "a").find(f"{SVG}rect")
    assert (rect.get("fill"), rect.get("stroke")) == ("#ffe0b2", "#22242a")
    assert drawn(root, "f").find(f"{SVG}path").get("d") == "M46 38L100 38"


def test_a_closed_sub_process_gets_its_inside_on_a_page_of_its_own():
    inner = '<subProcess id="sub" name="Inner work"><task id="a" name="Hidden"/></subProcess>'
    root = picture(with_layout(draw(inner), {"sub": '0 0 100 80 isExpanded="false"'}, {}))
    assert texts(root) == ["Inner work", "Inner work", "Hidden"]
    assert "path" in tags(root, "sub")


def test_what_a_file_places_inside_of_a_closed_sub_process_is_not_drawn_over_it():
    inner = '<subProcess id="sub"><task id="a"/></subProcess>'
    shapes = {"sub": '0 0 100 80 isExpanded="false"', "a": "5 5 90 70"}
    root = picture(with_layout(draw(inner), shapes, {}))
    pages = [page for page in root.findall(f"{SVG}g") if page.get("transform")]
    assert len(pages) == 2


def test_an_overlay_colours_counts_and_tells():
    overlay = Overlay(
        counts={"s": 3, "f": 3, "a": 1}, tokens={"a": 2}, incidents={"a": 1},
        expected=frozenset("safge"),
    )  # fmt: skip
    root = picture(STRAIGHT, overlay)
    assert tooltip(root, "s") == "Begun (s): passed 3 times"
    assert tooltip(root, "a") == "a (a): passed once, 2 instances wait here, 1 open incident"
    assert tooltip(root, "g") == "g: never passed"
    assert [text for text in texts(root) if text not in {"Begun", "a"}] == ["3", "1", "2", "! 1"]
    strokes = {key: drawn(root, key).find(f"{SVG}path").get("stroke") for key in ("f", "g")}
    assert strokes == {"f": "#17643a", "g": "#a32218"}


def test_without_expectations_what_was_not_passed_keeps_its_colour():
    root = picture(STRAIGHT, Overlay(counts={"s": 1}))
    assert drawn(root, "e").find(f"{SVG}circle").get("stroke") == "#22242a"


@pytest.mark.parametrize("name", OWN, ids=others.stem)
def test_every_model_of_ours_is_drawn_with_all_its_elements_twice_the_same(name):
    is_drawn_whole(cases.read(name))


@pytest.mark.parametrize("name", MODELS, ids=others.stem)
def test_every_model_of_the_collection_is_drawn_with_all_its_elements_twice_the_same(foreign, name):
    is_drawn_whole(foreign(name).read_bytes())


def is_drawn_whole(content: bytes) -> None:
    definitions = parse(content, "d.bpmn")
    first, second = render_svg(definitions), render_svg(parse(content, "d.bpmn"))
    assert first == second
    ids = {element.id for process in definitions.processes for element in process.walk()}
    ids -= {process.id for process in definitions.processes}
    missing = [key for key in ids if key and f'data-id="{key}"' not in first]
    assert missing == []


def test_a_boundary_event_is_drawn_in_front_of_its_task():
    nodes = catch("b", "<timerEventDefinition/>", "boundaryEvent", 'attachedToRef="a"') + task("a")
    root = picture(draw(nodes))
    order = [each.get("data-id") for each in root.iter(f"{SVG}g") if each.get("data-id")]
    assert order.index("a") < order.index("b")
