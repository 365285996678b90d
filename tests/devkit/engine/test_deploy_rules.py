"""Deploy rules find values, which name what is to be changed; the broker's words come from them."""

import re
import time
from pathlib import Path

import pytest
from tests.support.drawing import END, MESSAGE, START, catch, draw, message, straight, task
from tests.support.drawing import timer as clock

from workflow_devkit.engine import ControlledClock, Engine, deploy_rules
from workflow_devkit.engine.deploy_rules import SENTENCES, refused_elements, straight_loops
from workflow_runtime.bpmn.outline import load_bpmn
from workflow_runtime.bpmn.parser import parse
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource

PACKAGE = Path(deploy_rules.__file__).parent


def refusals(content: bytes):
    found = refused_elements(load_bpmn(content, "x.bpmn"), ControlledClock())
    return [each for element in found for each in (*element.design, *element.run_time)]


def loops(content: bytes):
    executable = {process.id: process for process in parse(content, "x.bpmn").executable()}
    return straight_loops(executable)


def shown(content: bytes) -> set[tuple[str, str]]:
    """Each rule that is broken, and the elements at which people see it."""
    return {(each.rule, place.element) for each in refusals(content) for place in each.places}


def test_each_sentence_belongs_to_a_rule():
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in PACKAGE.glob("*.py")
        if path.name != "sentences.py"
    )
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', code))
    assert named == set(SENTENCES)


def test_a_refusal_has_a_rule_its_facts_and_the_place_in_the_file():
    content = straight(task("a")).replace(b'type="p_a"', b'type=""')
    (found,) = (each for each in refusals(content) if each.rule == "no-task-type")
    assert (found.rule, found.tag, found.facts) == (
        "no-task-type",
        "zeebe:taskDefinition",
        {"attribute": "type"},
    )
    (place,) = found.places
    line = content.decode().splitlines()[place.line - 1]
    assert place.element == "a"
    assert '<serviceTask id="a"' in line


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (straight(catch("a", MESSAGE), top=message(title="")), ("message-without-name", "a")),
        (straight(catch("a", MESSAGE), top=message(key="")), ("message-without-subscription", "a")),
        (straight(catch("a", MESSAGE), top=message(key="key")), ("expression-static", "a")),
        (
            draw(START + END + task("a"), "start > a\na > end if =x"),
            ("condition-elsewhere", "a_end"),
        ),
        (straight(catch("a", clock("R/PT1H", "timeCycle"))), ("catch-cycle", "a")),
    ],
)
def test_a_refusal_is_shown_at_what_is_to_be_changed(content, place):
    assert place in shown(content)


def test_of_events_that_nobody_could_tell_apart_the_later_ones_are_shown():
    nodes = START + END + '<eventBasedGateway id="g" />' + catch("a", MESSAGE) + catch("b", MESSAGE)
    content = draw(nodes, "start > g\ng > a\ng > b\na > end\nb > end", top=message())
    (found,) = (each for each in refusals(content) if each.rule == "same-name")
    assert found.facts == {"kind": "message", "name": "p_m", "first": "a"}
    assert [place.element for place in found.places] == ["b"]


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_a_thrown_code_that_cannot_be_read_is_refused(kind):
    end = catch("end", f'<{kind}EventDefinition {kind}Ref="e" />', "endEvent")
    code = f'<{kind} id="e" {kind}Code="=x &gt;" />'
    content = draw(START + end, "start > end", top=code)
    with pytest.raises(InvalidArgument, match="- Element: e\n    - ERROR: failed to parse expr"):
        Engine().deploy([Resource("x.bpmn", content)])
    assert shown(content) == {("expression-unreadable", "end")}


def test_what_only_the_embedded_engine_refuses_has_a_rule_of_its_own():
    content = straight(
        catch("a", "<extensionElements><zeebe:userTask /></extensionElements>", "userTask")
    )
    assert shown(content) == {("not-run", "a")}


def test_a_loop_is_shown_at_all_that_keep_it_going_and_told_from_the_first_by_id():
    nodes = START + END + '<manualTask id="b" /><manualTask id="a" /><exclusiveGateway id="g" />'
    nodes += '<manualTask id="c" />'
    flows = "start > c\nc > b\nb > a\na > g\ng > b if =x\ng > end"
    (found,) = loops(draw(nodes, flows))
    assert found.facts == {"process": "p", "way": "a > g > b > a"}
    assert {place.element for place in found.places} == {"a", "b"}


def chain(length: int) -> bytes:
    flow = '<sequenceFlow id="f{0}" sourceRef="t{0}" targetRef="t{1}" />'
    nodes = [f'<manualTask id="t{n}" />' for n in range(length)]
    flows = [flow.format(n, n + 1) for n in range(length - 1)]
    return draw(START + "".join([*nodes, *flows]) + END)


def seconds(length: int) -> float:
    processes = {p.id: p for p in parse(chain(length), "x.bpmn").executable()}
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        assert straight_loops(processes) == []
        best = min(best, time.process_time() - started)
    return best


def test_looking_for_loops_takes_time_as_the_number_of_elements():
    assert seconds(4000) < 40 * seconds(400)
