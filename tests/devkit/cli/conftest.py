"""What the commands about diagrams are given."""

import pytest
from tests.support.drawing import straight, task


@pytest.fixture
def diagram(tmp_path):
    path = tmp_path / "order.bpmn"
    path.write_bytes(straight(task("a")))
    return path
