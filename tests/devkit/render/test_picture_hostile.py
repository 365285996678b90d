"""Files from strangers: no script in the picture, bounded work, whatever they hold."""

import random
from xml.etree import ElementTree as ET

import pytest
from lxml import etree
from tests.devkit.render.pictures import MODELS, OWN, picture, texts, with_layout
from tests.support import cases
from tests.support.drawing import draw, task

from workflow_devkit.render import Overlay, render_svg
from workflow_runtime.bpmn.model import Definitions, Element, Kind
from workflow_runtime.bpmn.parser import parse
from workflow_runtime.errors import DiagramError

ATTACK = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;alert(1)"
PLAIN = '</title><script>alert(1)</script>" onload="alert(1)'


def test_names_cannot_become_markup():
    nodes = f'<startEvent id="s" name="{ATTACK}"/><task id="t" name="{ATTACK}"/>'
    artifacts = f'<textAnnotation id="n"><text>{ATTACK}</text></textAnnotation>'
    root = picture(draw(nodes + artifacts, "f: s > t"))
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    assert any("alert(1)" in text for text in texts(root))


def test_ids_and_overlay_keys_cannot_either():
    process = Element("p", Kind.PROCESS, "process", PLAIN)
    process.children[PLAIN] = Element(PLAIN, Kind.TASK, "task", "\0\x1b", parent=process)
    svg = render_svg(Definitions("d", (process,)), Overlay(counts={PLAIN: 1}))
    assert "<script" not in svg
    assert "\0" not in svg


def grown(count: int, flows: str = "") -> bytes:
    return draw("".join(f'<task id="t{n}"/>' for n in range(count)), flows)


SIZE = 10_000
"""Elements; quadratic work would outlast the test run's time limit."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("shape", ["alone", "chain", "every layout", "back"])
@pytest.mark.slow
def test_ten_thousand_elements_are_drawn(shape):
    content = grown(SIZE)
    links = {
        "alone": [],
        "every layout": [],
        "chain": [(n, n + 1) for n in range(SIZE - 1)],
        "back": [(n, n + 1) for n in range(SIZE - 1)] + [(n, 0) for n in range(1, SIZE)],
    }[shape]
    flows = "".join(
        f'<sequenceFlow id="f{a}-{b}" sourceRef="t{a}" targetRef="t{b}"/>' for a, b in links
    )
    content = content.replace(b"</process>", f"{flows}</process>".encode())
    if shape == "every layout":
        places = {f"t{n}": f"{n % 100 * 150} {n // 100 * 100} 100 80" for n in range(SIZE)}
        content = with_layout(content, places, {})
    svg = render_svg(parse(content, "d"))
    assert svg.count("data-id=") == SIZE + len(links)


def test_sub_processes_in_sub_processes_are_drawn_to_the_last():
    depth = 90
    inner = task("a")
    for level in range(depth):
        inner = f'<subProcess id="s{level}">{inner}</subProcess>'
    svg = render_svg(parse(draw(inner), "d"))
    assert svg.count("data-id=") >= depth + 1


def test_a_megabyte_of_name_does_not_become_a_megabyte_of_lines():
    root = picture(draw(f'<task id="t" name="{"word " * 200_000}"/>'))
    assert max(map(len, texts(root))) < 200


def test_elements_without_ids_and_flows_to_nowhere_are_drawn():
    nodes = '<task/><task/><boundaryEvent id="b" attachedToRef="b"/><textAnnotation/>'
    flow = '<sequenceFlow id="f" sourceRef="b" targetRef="nowhere"/>'
    root = picture(draw(nodes + flow))
    assert [each for each in root.iter() if each.get("data-id") == "b"]


WORDS = ("", "0", "-5", "nan", "1e7", "true", "x" * 500, "a\nb")


def spoiled(content: bytes, dice: random.Random) -> bytes:
    """A model in which elements are gone, references lead elsewhere, and values are odd."""
    root = etree.fromstring(content)
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    ids = [node.get("id") for node in nodes if node.get("id")]
    for node in dice.choices(nodes, k=dice.choice((1, 3, 10, 40))):
        name = dice.choice([*node.attrib, ""])
        if name:
            node.set(name, dice.choice((dice.choice(ids), dice.choice(WORDS))))
        elif node.getparent() is not None:
            node.getparent().remove(node)
    return etree.tostring(root)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.slow
def test_models_of_ours_that_were_spoiled_are_drawn_or_refused(seed):
    dice = random.Random(seed)
    are_drawn_or_refused(map(cases.read, dice.sample(OWN, 20)), dice)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.slow
def test_real_models_that_were_spoiled_are_drawn_or_refused(foreign, seed):
    dice = random.Random(seed)
    are_drawn_or_refused([foreign(name).read_bytes() for name in dice.sample(MODELS, 20)], dice)


def are_drawn_or_refused(contents, dice):
    drawn = 0
    for content in contents:
        try:
            definitions = parse(spoiled(content, dice), "spoiled.bpmn")
        except (DiagramError, etree.XMLSyntaxError):
            continue
        assert ET.fromstring(render_svg(definitions)).get("role") == "img"
        drawn += 1
    assert drawn > 10
