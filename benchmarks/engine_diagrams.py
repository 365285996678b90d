"""The diagrams of the engine benchmark."""

from workflow_runtime.gateway.port import Resource

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="bench">"""


def _task(name):
    return (
        f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements>'
        f'<zeebe:taskDefinition type="{name}"/></bpmn:extensionElements></bpmn:serviceTask>'
    )


def _flows(*pairs):
    return "".join(
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in pairs
    )


def _file(process, body):
    text = f'{_HEAD}<bpmn:process id="{process}" isExecutable="true">{body}</bpmn:process>'
    return Resource(f"{process}.bpmn", f"{text}</bpmn:definitions>".encode())


ORDER = _file(
    "order",
    '<bpmn:startEvent id="start"/>'
    + _task("check")
    + '<bpmn:parallelGateway id="fork"/>'
    + _task("pay")
    + _task("pack")
    + '<bpmn:parallelGateway id="join"/><bpmn:exclusiveGateway id="large" default="large_plain"/>'
    '<bpmn:endEvent id="insured"/><bpmn:endEvent id="plain"/>'
    '<bpmn:sequenceFlow id="large_insured" sourceRef="large" targetRef="insured">'
    '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=amount &gt; 100'
    "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    + _flows(
        ("start", "check"),
        ("check", "fork"),
        ("fork", "pay"),
        ("fork", "pack"),
        ("pay", "join"),
        ("pack", "join"),
        ("join", "large"),
        ("large", "plain"),
    ),
)
"""Three service tasks, a fork and its join, and a condition."""

WAITING = _file(
    "waiting",
    f'<bpmn:startEvent id="start"/>{_task("work")}<bpmn:endEvent id="end"/>'
    + _flows(("start", "work"), ("work", "end")),
)
"""One job to wait for."""

REMINDER = _file(
    "reminder",
    '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="month">'
    '<bpmn:timerEventDefinition id="t">'
    '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P30D</bpmn:timeDuration>'
    '</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent><bpmn:endEvent id="end"/>'
    + _flows(("start", "month"), ("month", "end")),
)
"""A timer of thirty days."""
