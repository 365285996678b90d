"""What lint calls a refusal is what a broker refuses: recorded answers, and a real broker."""

import re

import pytest
from tests.devkit.lint.lint_cases import CASES
from tests.devkit.lint.lint_variants import VARIANTS
from tests.support import cases, own_engine

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.lint import lint_files, refusals
from workflow_devkit.lint.options import Options, Profile
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource
from workflow_runtime.gateway.zeebe import ZeebeGateway

TAKEN = [
    name
    for name, answer in cases.read_data("models/deploy-results.json").items()
    if answer["code"] == "OK"
]
"""Other people's models that the recorded broker took."""
ELSEWHERE = {"definitions", "M1", "s16"}
"""The broker names the file, a message or the process; lint the element that is to change."""
ELEMENT = re.compile(r"- Element: ([^\s>]+)")


def answers():
    for step in cases.read_data("broker/s16_invalid.json")["steps"]:
        names = [each.get("name", "") for each in step.get("request", {}).get("resources", [])]
        if len(names) == 1 and names[0].endswith(".bpmn"):
            yield pytest.param(names[0], step["code"], step["message"], id=step["label"])


def refused(content: bytes) -> set[str]:
    try:
        return {finding.element for finding in refusals(content, "x.bpmn")}
    except UnreadableDiagram:
        return {""}


@pytest.mark.parametrize(("name", "code", "message"), answers())
def test_lint_refuses_what_the_recorded_broker_refused(name, code, message):
    elements = refused(cases.read(f"broker/bpmn/{name}"))
    assert bool(elements) is (code != "OK"), message
    named = set(ELEMENT.findall(message)) - ELSEWHERE
    assert named <= elements


def test_the_recorded_broker_took_25_models():
    assert len(TAKEN) == 25


@pytest.mark.parametrize("name", TAKEN)
def test_lint_takes_a_model_that_the_recorded_broker_took(foreign, name):
    file = foreign(f"bpmn/zeebe-executable/{name}")
    found = lint_files([file], lambda file: Options(Profile.ZEEBE))
    assert [str(each) for each in found if each.severity == "error"] == []


async def answer(gateway, content: bytes) -> str:
    try:
        await gateway.deploy([Resource("lint.bpmn", content)])
    except InvalidArgument as error:
        return error.message
    return ""


DIAGRAMS = {
    **{name: content for name, (_, content) in VARIANTS.items()},
    **{f"{rule}, bad": case.bad for rule, case in CASES.items()},
    **{f"{rule}, good": case.good for rule, case in CASES.items()},
}
OF_THE_EMBEDDED = {
    "zeebe user task": "it does not run them",
    "no-zeebe-user-task, bad": "it does not run them",
}
"""What the embedded engine refuses though a broker takes it, and why."""


@pytest.mark.parametrize("name", DIAGRAMS)
async def test_the_embedded_engine_refuses_the_same(name):
    said = await answer(EmbeddedGateway(Engine(ControlledClock())), DIAGRAMS[name])
    assert bool(said) is (bool(refused(DIAGRAMS[name])) or name in OF_THE_EMBEDDED), said


@pytest.mark.parametrize("name", VARIANTS)
def test_lint_refuses_the_variants_that_a_broker_refused(name):
    taken, content = VARIANTS[name]
    assert bool(refused(content)) is not taken


@pytest.fixture
async def broker():
    gateway = ZeebeGateway(own_engine.address())
    yield gateway
    await gateway.close()


@pytest.mark.zeebe
async def test_a_broker_refuses_what_lint_says_it_refuses(broker):
    said = {name: await answer(broker, content) for name, content in DIAGRAMS.items()}
    wrong = {
        name: text for name, text in said.items() if bool(text) != bool(refused(DIAGRAMS[name]))
    }
    assert wrong == {}
