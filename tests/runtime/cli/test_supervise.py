"""`workflow run --processes`: what the children cannot share."""

import pytest

from workflow_runtime.cli._supervise import child_environment


@pytest.mark.parametrize(
    ("given", "first", "third"), [("8080", "8080", "8082"), ("0", "0", "0"), ("", "", "")]
)
def test_each_child_has_a_health_port_of_its_own(given, first, third):
    ports = [
        child_environment({"WORKFLOW_HEALTH_PORT": given}, number)["WORKFLOW_HEALTH_PORT"]
        for number in (0, 2)
    ]
    assert ports == [first, third]


def test_without_a_health_port_none_is_made_up():
    assert "WORKFLOW_HEALTH_PORT" not in child_environment({}, 1)
