"""What tests of alerts share."""

from functools import partial

import pytest
from tests.runtime.alerts.replicas import Stand

from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime.alerts import replicas


@pytest.fixture
def quick(monkeypatch):
    """Claims of services that are started end in two seconds."""
    pace = partial(replicas.Pace, follow=2.0, watch=6.0, lease=2.0, ending=1.0, turn=0.2)
    monkeypatch.setattr(replicas, "Pace", pace)


@pytest.fixture(params=[False, True], ids=["messages expire at once", "in sweeps"])
async def watched(request):
    """Replicas with Operate, moved on by hand."""
    operate = OperateDouble()
    await operate.start()
    stand = Stand(operate, sweeping=request.param)
    yield stand
    await stand.close()
