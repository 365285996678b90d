"""A small process that has all kinds of elements, for the tests of the test kit."""

import pytest

from workflow_runtime import BpmnError, TaskHandlerConfig, WorkflowBuilder, WorkflowTask

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    id="d" targetNamespace="http://example.org">
  <bpmn:process id="order" isExecutable="true">
    <bpmn:startEvent id="placed"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:serviceTask id="reserve" name="Reserve the goods">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="order_reserve" retries="2" />
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:eventBasedGateway id="payment">
      <bpmn:incoming>f2</bpmn:incoming>
      <bpmn:outgoing>f3</bpmn:outgoing><bpmn:outgoing>f4</bpmn:outgoing>
    </bpmn:eventBasedGateway>
    <bpmn:intermediateCatchEvent id="paid" name="Paid">
      <bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f5</bpmn:outgoing>
      <bpmn:messageEventDefinition id="md" messageRef="m" />
    </bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="late" name="Too late">
      <bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f6</bpmn:outgoing>
      <bpmn:timerEventDefinition id="td">
        <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P30D</bpmn:timeDuration>
      </bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:serviceTask id="ship" name="Ship">
      <bpmn:extensionElements><zeebe:taskDefinition type="order_ship" /></bpmn:extensionElements>
      <bpmn:incoming>f5</bpmn:incoming><bpmn:outgoing>f7</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:endEvent id="shipped"><bpmn:incoming>f7</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="expired"><bpmn:incoming>f6</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="placed" targetRef="reserve" />
    <bpmn:sequenceFlow id="f2" sourceRef="reserve" targetRef="payment" />
    <bpmn:sequenceFlow id="f3" sourceRef="payment" targetRef="paid" />
    <bpmn:sequenceFlow id="f4" sourceRef="payment" targetRef="late" />
    <bpmn:sequenceFlow id="f5" sourceRef="paid" targetRef="ship" />
    <bpmn:sequenceFlow id="f6" sourceRef="late" targetRef="expired" />
    <bpmn:sequenceFlow id="f7" sourceRef="ship" targetRef="shipped" />
  </bpmn:process>
  <bpmn:message id="m" name="order_paid">
    <bpmn:extensionElements>
      <zeebe:subscription correlationKey="=orderId" />
    </bpmn:extensionElements>
  </bpmn:message>
</bpmn:definitions>
"""


@pytest.fixture
def diagram(tmp_path):
    path = tmp_path / "order.bpmn"
    path.write_text(DIAGRAM, encoding="utf-8")
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
