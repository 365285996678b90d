"""Any file gives one clear error or a diagram, in bounded time and memory."""

import gc
import re
import subprocess
import sys
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runtime.bpmn import hostile

from workflow_devkit.engine import Engine
from workflow_runtime.bpmn import namespaces
from workflow_runtime.bpmn.parser import parse, parse_file
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.bpmn.xml import children, load
from workflow_runtime.bpmn.xml_tree import ordinal
from workflow_runtime.errors import DiagramError
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource


def test_a_place_in_a_row_is_an_english_ordinal():
    numbers = [1, 2, 3, 4, 11, 12, 13, 21, 100, 101, 102, 103, 111, 112, 113, 121, 1011]
    assert " ".join(map(ordinal, numbers)) == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 100th 101st 102nd 103rd 111th 112th 113th 121st 1011th"
    )


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_the_error_names_file_line_and_remedy(name):
    content, begin, remedy = hostile.REFUSED[name]
    with pytest.raises(DiagramError) as caught:
        parse(content, "x.bpmn")
    text = str(caught.value)
    assert re.match(begin, text)
    assert remedy in text.split("; ", 1)[1]
    assert len(text) < 400
    assert "\n" not in text


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_the_error_is_put_together_of_its_fields(name):
    with pytest.raises(UnreadableDiagram) as caught:
        parse(hostile.REFUSED[name][0], "x.bpmn")
    error = caught.value
    place = f"x.bpmn:{error.line}" if error.line else "x.bpmn"
    assert str(error) == f"{place}: {error.message}; {error.remedy}"
    assert error.problems == (str(error),)
    assert error.message
    assert error.remedy


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_the_engine_refuses_it_with_the_same_words(name):
    content = hostile.REFUSED[name][0]
    with pytest.raises(InvalidArgument, match=r"Expected to deploy new resources") as caught:
        Engine().deploy([Resource("x.bpmn", content)])
    assert "x.bpmn" in str(caught.value)


@pytest.mark.parametrize("name", hostile.TAKEN)
@pytest.mark.slow
def test_what_is_only_unusual_is_read(name):
    (process,) = parse(hostile.TAKEN[name], "x.bpmn").processes
    assert {"s", "e"} <= set(process.children)
    assert process.children["s"].outgoing == ["f"]


@pytest.mark.slow
def test_all_of_them_together_take_little_time_and_memory():
    command = [sys.executable, hostile.__file__]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.stderr == ""
    assert int(done.stdout) == len(hostile.REFUSED) + len(hostile.TAKEN)


@pytest.mark.parametrize("encoding", ["gb2312", "shift_jis", "euc-kr", "koi8-r", "utf-32-be"])
def test_a_text_is_read_in_the_encoding_that_it_declares(encoding):
    name = {"koi8-r": "\u0417\u0430\u043a\u0430\u0437", "euc-kr": "\uc8fc\ubb38"}.get(
        encoding, "\u65e5"
    )
    content = hostile.file(f'<bpmn:task id="t" name="{name}"/>', encoding=encoding)
    (process,) = parse(content, "x.bpmn").processes
    assert process.children["t"].name == name


def test_an_element_is_on_the_line_on_which_its_start_tag_ends():
    body = (
        "<!-- <bpmn:task\n> -->\n"
        '<bpmn:task id="a"\n name="x > y"\n/>\n'
        "<bpmn:documentation><![CDATA[<bpmn:task\n>]]></bpmn:documentation>\r\n"
        "<?a <b\n>?><bpmn:task name='\"'\n id='b'>\n</bpmn:task>"
    )
    (process,) = parse(hostile.file(body), "x.bpmn").processes
    assert process.line == 3
    assert {each.id: each.line for each in process.children.values()} == {"a": 8, "b": 13}


def test_an_element_knows_the_one_around_it():
    root = load(hostile.file(hostile.SOUND), "x.bpmn")
    ((_, process),) = children(root, namespaces.BPMN)
    assert root.getparent() is None
    assert process.getparent() is root
    assert {node.getparent() for node in process} == {process}


def test_a_tree_needs_no_garbage_collector():
    root = load(hostile.file(hostile.SOUND), "x.bpmn")
    gone = weakref.ref(root[0])
    gc.disable()
    try:
        del root
        assert gone() is None
    finally:
        gc.enable()


def test_a_diagram_is_read_and_linted_without_lxml(tmp_path):
    path = tmp_path / "x.bpmn"
    path.write_bytes(hostile.file(hostile.SOUND))
    program = (
        "import sys; from pathlib import Path; sys.modules['lxml'] = None\n"
        "from workflow_devkit.lint import Options, lint_files\n"
        "print(len(lint_files([Path(sys.argv[1])], lambda _: Options(), {'unreadable'})))"
    )
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_nothing_outside_the_file_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret}"/>'
    content = hostile.file(hostile.SOUND + include)
    assert "do not tell" not in repr(parse(content, "x.bpmn"))


def test_no_more_of_a_file_is_read_than_a_diagram_may_have(tmp_path):
    path = tmp_path / "huge.bpmn"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DiagramError, match=r"huge\.bpmn: the file has more than 10,485,760 bytes"):
        parse_file(path)


def test_ids_that_occur_twice_are_named_with_their_line():
    content = hostile.file(hostile.SOUND + '<bpmn:task id="s"/>\n')
    (flaw,) = parse(content, "x.bpmn").flaws
    assert (flaw.line, flaw.element) == (7, "s")
    assert flaw.message == "the id 's' occurs more than once"
    assert flaw.remedy == "give each element an id of its own"


def test_references_that_lead_nowhere_are_named_with_their_line():
    flow = '<bpmn:sequenceFlow id="g" sourceRef="s" targetRef="nowhere"/>\n'
    (flaw,) = parse(hostile.file(hostile.SOUND + flow), "x.bpmn").flaws
    assert (flaw.line, flaw.element) == (7, "g")
    assert "targetRef names 'nowhere', which is not in the file" in flaw.message


ATTACHED = '<bpmn:boundaryEvent id="{}" attachedToRef="{}"/>'
ARROW = '<bpmn:sequenceFlow id="{0}_{1}" sourceRef="{0}" targetRef="{1}"/>'
TASKS = '<bpmn:task id="a"/><bpmn:task id="b"/>'
CALLS_ITSELF = (
    '<bpmn:callActivity id="c"><bpmn:extensionElements><z:calledElement '
    'xmlns:z="http://camunda.org/schema/zeebe/1.0" processId="p"/></bpmn:extensionElements>'
    "</bpmn:callActivity>"
)


@pytest.mark.parametrize(
    "body",
    [
        ATTACHED.format("b", "c") + ATTACHED.format("c", "b"),
        ATTACHED.format("b", "b"),
        TASKS + ARROW.format("a", "b") + ARROW.format("b", "a"),
        '<bpmn:sequenceFlow id="g" sourceRef="g" targetRef="g"/>',
        CALLS_ITSELF,
    ],
)
def test_cycles_of_references_end(body):
    definitions = parse(hostile.file(hostile.SOUND + body), "x.bpmn")
    assert [process.id for process in definitions.executable()] == ["p"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_spoilt_file_is_a_diagram_or_one_error(data):
    content = bytearray(hostile.file(hostile.SOUND))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        much = data.draw(st.integers(0, 20))
        content[at : at + much] = data.draw(st.binary(max_size=8))
    problem = unreadable(bytes(content))
    assert problem is None or re.match(r"x\.bpmn:\d+: .+; ", problem)


def unreadable(content):
    try:
        parse(content, "x.bpmn")
    except DiagramError as error:
        return str(error)
    return None
