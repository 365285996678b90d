"""A small process that has all kinds of elements, for the tests of the test kit."""

import pytest
from tests.support.diagrams import bpmn

from workflow_runtime import BpmnError, TaskHandlerConfig, WorkflowBuilder, WorkflowTask

TEXT = """
    start placed
    service reserve name="Reserve the goods" job=order_reserve retries=2
    events payment
    catch paid name=Paid message=order_paid key==orderId
    catch late name="Too late" timer.duration=P30D
    service ship name=Ship job=order_ship
    end shipped
    end expired
    f1: placed -> reserve
    f2: reserve -> payment
    f3: payment -> paid
    f4: payment -> late
    f5: paid -> ship
    f6: late -> expired
    f7: ship -> shipped
"""
DIAGRAM = bpmn(TEXT, "order")


@pytest.fixture
def diagram(tmp_path):
    path = tmp_path / "order.bpmn"
    path.write_bytes(DIAGRAM)
    return path


@pytest.fixture
def builder(diagram):
    """A service that reserves; shipping is somebody else's."""

    async def reserve(task: WorkflowTask):
        if task.get_scope_variable("orderId") == "broken":
            raise ConnectionError("the warehouse is away")
        if task.get_scope_variable("orderId") == "gone":
            raise BpmnError("soldOut", "nothing left")
        return {"reserved": True}

    return (
        WorkflowBuilder("orders", "embedded://")
        .with_process(diagram)
        .with_handler("order_reserve", reserve, TaskHandlerConfig())
    )
