"""Every kind of element that can be deployed has something to do."""

from workflow_devkit.engine import Engine
from workflow_runtime.bpmn.model import Kind


def test_every_kind_of_element_has_a_behaviour():
    assert set(Engine()._life.behaviours) == set(Kind) - {Kind.UNSUPPORTED}
