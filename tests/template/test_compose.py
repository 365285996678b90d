"""The stand is the reference, key by key; only the service itself is added, under a profile."""

import pytest
import yaml
from tests.support import cases


@pytest.fixture
def reference():
    return yaml.safe_load(cases.read("stand/compose.reference.yml"))


@pytest.fixture
def stand(bake):
    return yaml.safe_load((bake() / "compose.yaml").read_text())


@pytest.mark.parametrize("service", ["zeebe", "operate", "elasticsearch"])
def test_a_service_of_the_stand_is_as_in_the_reference(stand, reference, service):
    assert stand["services"][service] == reference["services"][service]


def test_nothing_else_differs_from_the_reference(stand, reference):
    own = stand["services"].pop("registration-service")
    assert own["profiles"] == ["service"]
    assert stand == reference


def test_the_versions_are_the_ones_that_were_asked_for(stand):
    images = {name: each.get("image") for name, each in stand["services"].items()}
    assert images["zeebe"] == "camunda/zeebe:8.4.1"
    assert images["operate"] == "camunda/operate:8.4.1"
    assert images["elasticsearch"] == "docker.elastic.co/elasticsearch/elasticsearch:8.12.0"
