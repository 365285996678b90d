"""Every diagram of the tests is judged by deployment and lint as by the real BPMN model."""

import base64
import re

import pytest
from tests.conformance.judging import refused_by_deployment, refused_by_lint
from tests.conformance.model_differences import (
    NOT_REFUSED,
    OF_THE_BROKER,
)
from tests.conformance.oracles.chance import EXAMPLES, SEED
from tests.conformance.oracles.subjects import diagrams, generated
from tests.support import cases

pytestmark = [pytest.mark.oracle, pytest.mark.timeout(300)]

GENERATED = EXAMPLES // 220
"""Random diagrams."""


@pytest.fixture(scope="module")
def judged(oracle):
    """Each diagram by name: its bytes, and why the real model refuses it, if it does."""
    found = diagrams() | generated(GENERATED, SEED)
    asked = [{"file": base64.b64encode(content).decode()} for content in found.values()]
    answers = oracle.ask("model", asked)
    reasons = [answer.get("unreadable") or answer.get("invalid", "") for answer in answers]
    return {name: (found[name], why) for name, why in zip(found, reasons, strict=True)}


def test_there_are_diagrams_of_every_kind(judged):
    kinds = {name.split("/")[0] for name in judged}
    assert kinds == {"xml", "broker", "lint", "variant", "scenario", "generated"}
    assert len(judged) > 600
    assert sum(bool(why) for _, why in judged.values()) > 100


def test_the_recorded_judgements_still_hold(oracle):
    for each in cases.read_data("xml/expected.json"):
        content = cases.read(f"xml/{each['file']}")
        (answer,) = oracle.ask("model", [{"file": base64.b64encode(content).decode()}])
        kind, _, reason = each["reason"].partition(" ")
        name = {"PARSE": "unreadable", "INVALID": "invalid"}.get(kind)
        assert (answer == {}) is each["taken"], each["file"]
        assert reason in (answer[name] if name else ""), each["file"]


def test_deployment_refuses_what_the_model_refuses(judged):
    missed = {
        n for n, (content, why) in judged.items() if why and not refused_by_deployment(content)
    }
    assert missed == set(NOT_REFUSED), "see tests/conformance/model_differences.py"


def test_lint_refuses_what_the_model_refuses(judged):
    missed = {n for n, (content, why) in judged.items() if why and not refused_by_lint(content)}
    assert missed == set(NOT_REFUSED), "see tests/conformance/model_differences.py"


def test_deployment_takes_what_the_model_takes_but_for_the_brokers_own_checks(judged):
    used = set()
    for name, (content, why) in judged.items():
        said = "" if why else refused_by_deployment(content)
        kinds = {kind for kind in OF_THE_BROKER if re.search(kind, said)}
        assert kinds or not said, f"{name}: {said}"
        used |= kinds
    assert used == set(OF_THE_BROKER), "see tests/conformance/model_differences.py"


def test_lint_takes_what_the_model_and_deployment_take(judged):
    for name, (content, why) in judged.items():
        if not why and not refused_by_deployment(content):
            assert refused_by_lint(content) == "", name
