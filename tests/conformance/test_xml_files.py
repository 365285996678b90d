"""Small files about the BPMN schema: taken or refused as by the real BPMN model."""

import pytest
from tests.conformance.judging import refused_by_deployment, refused_by_lint
from tests.conformance.model_differences import NOT_REFUSED
from tests.support import cases

EXPECTED = {each["file"]: each for each in cases.read_data("xml/expected.json")}


def test_each_file_has_an_expectation():
    assert cases.names("xml/*.bpmn") == sorted(f"xml/{name}" for name in EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_judged_as_by_the_real_model(name):
    content = cases.read(f"xml/{name}")
    wanted = EXPECTED[name]["taken"] or f"xml/{name}" in NOT_REFUSED
    for judge in (refused_by_deployment, refused_by_lint):
        assert (not judge(content)) is wanted, f"{judge.__name__}: {EXPECTED[name]['reason']}"
