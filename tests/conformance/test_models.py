"""Models of others: what a real broker takes, the engine takes; what it refuses, for its reason."""

import base64
import re

import pytest
from tests.conformance.client import call
from tests.support import cases, own_engine
from tests.support import foreign as others
from tests.support.zeebe_stubs import GatewayStub

from workflow_devkit.engine import Engine
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.errors import DiagramError
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource

EXECUTABLE = "bpmn/zeebe-executable/"
MODELS = [*others.names(EXECUTABLE + "*"), *others.names("bpmn/miwg/*")]
ANSWERS = cases.read_data("models/deploy-results.json")
INVALID = cases.read_data("broker/s16_invalid.json")["steps"]
OWN = cases.names("broker/bpmn/*")
DEPLOYED = [
    step
    for step in INVALID
    if step["rpc"] == "DeployResource"
    and len(step["request"].get("resources", [])) == 1
    and f"broker/bpmn/{step['request']['resources'][0].get('name')}" in OWN
]
_PARSER = re.compile(r"(failed to parse expression '.*?'): .*")
"""The broker quotes its parser generator, which knows its own rules' names."""


def deploy(content, name):
    try:
        return "OK", [p.process_id for p in Engine().deploy([Resource(name, content)])]
    except InvalidArgument as error:
        return "INVALID_ARGUMENT", str(error)


def told(message):
    """A refusal as a set: the broker lists elements in the order of a hash table."""
    head, *elements = _PARSER.sub(r"\1", message).split("- Element: ")
    return head, sorted(element.rstrip() for element in elements)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_executable_model_is_answered_as_by_a_broker(foreign, name):
    code, found = deploy(foreign(EXECUTABLE + name).read_bytes(), name)
    wanted = ANSWERS[name]
    assert code == wanted["code"]
    if code == "OK":
        assert sorted(found) == sorted(wanted["processes"])
    else:
        assert told(found) == told(wanted["message"])


def test_each_executable_model_has_an_answer():
    assert others.names(EXECUTABLE + "*") == [EXECUTABLE + name for name in sorted(ANSWERS)]


@pytest.mark.parametrize("step", DEPLOYED, ids=lambda step: step["label"])
def test_a_deployment_is_refused_with_the_broker_s_words(step):
    name = step["request"]["resources"][0]["name"]
    code, found = deploy(cases.read(f"broker/bpmn/{name}"), name)
    assert code == step["code"]
    if code != "OK":
        assert told(found) == told(step["message"])


def test_all_of_the_broker_s_invalid_files_are_tried():
    assert len(DEPLOYED) >= 25
    assert sum(step["code"] != "OK" for step in DEPLOYED) >= 20


@pytest.mark.parametrize("name", ["model.txt", "noext", ""])
def test_a_resource_that_is_no_diagram_is_refused(name):
    _, found = deploy(b"<a/>", name)
    assert found.endswith(f"errors:\n\n'{name}': unknown resource type")


def test_a_deployment_of_nothing_is_refused():
    with pytest.raises(InvalidArgument, match="at least one resource, but none given"):
        Engine().deploy([])


@pytest.mark.parametrize("name", others.names("bpmn/miwg/*"), ids=others.stem)
def test_a_model_of_another_tool_is_read_and_answered(foreign, name):
    path = foreign(name)
    code, found = deploy(path.read_bytes(), path.name)
    assert code == "OK" or f"'{path.name}': " in found
    try:
        assert parse_file(path).processes or parse_file(path).artifacts
    except DiagramError as error:
        assert str(error).startswith(f"{path}:")  # noqa: PT017 - either is an answer


@pytest.mark.zeebe
@pytest.mark.parametrize("name", OWN, ids=others.stem)
async def test_a_broker_answers_each_file_of_the_recordings_as_the_engine_does(name):
    await both_answer_the_same(cases.read(name), name)


@pytest.mark.zeebe
@pytest.mark.parametrize("name", MODELS, ids=others.stem)
async def test_a_broker_answers_each_model_as_the_engine_does(foreign, name):
    await both_answer_the_same(foreign(name).read_bytes(), name)


async def both_answer_the_same(content, name):
    own_engine.needs("ZEEBE_ADDRESS")
    name = name.rpartition("/")[2]
    code, found = deploy(content, name)
    resource = {"name": name, "content": base64.urlsafe_b64encode(content).decode()}
    async with own_engine.channel() as line:
        answer = await call(GatewayStub(line), "DeployResource", {"resources": [resource]})
    assert code == answer.code, answer.message
    by_schema = "cvc-" in answer.message or "BPMN20.xsd" in answer.message
    assert code == "OK" or by_schema or told(found) == told(answer.message)
