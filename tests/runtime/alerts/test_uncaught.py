"""A BPMN error that no event catches is an incident, and somebody is told."""

import asyncio

import pytest

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import BpmnError, WorkflowBuilder, WorkflowSettings
from workflow_runtime._worker.uncaught import uncaught_by
from workflow_runtime.gateway.port import ActivatedJob, Resource

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
<bpmn:error id="E" errorCode="expired"/><bpmn:process id="order" isExecutable="true">
<bpmn:startEvent id="start"/><bpmn:sequenceFlow id="a" sourceRef="start" targetRef="box"/>
<bpmn:subProcess id="box"><bpmn:startEvent id="in"/>
<bpmn:serviceTask id="pay"><bpmn:extensionElements><zeebe:taskDefinition type="order_pay"/>
</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:sequenceFlow id="b" sourceRef="in" targetRef="pay"/>"""
_BOUNDARY = """<bpmn:boundaryEvent id="caught" attachedToRef="{0}"><bpmn:outgoing>c</bpmn:outgoing>
<bpmn:errorEventDefinition id="d" {1}/></bpmn:boundaryEvent><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="c" sourceRef="caught" targetRef="end"/>"""
_EVENT_SUB_PROCESS = """<bpmn:subProcess id="rescue" triggeredByEvent="true">
<bpmn:startEvent id="caught"><bpmn:errorEventDefinition id="d" errorRef="E"/></bpmn:startEvent>
<bpmn:endEvent id="end"/><bpmn:sequenceFlow id="c" sourceRef="caught" targetRef="end"/>
</bpmn:subProcess>"""
_WITH_A_TASK = """<bpmn:subProcess id="rescue" triggeredByEvent="true">
<bpmn:startEvent id="hurry" isInterrupting="{0}"><bpmn:signalEventDefinition id="h"/>
</bpmn:startEvent><bpmn:serviceTask id="again"/></bpmn:subProcess>"""
_CALLER = """<bpmn:process id="caller" isExecutable="true"><bpmn:callActivity id="call">
<bpmn:extensionElements><zeebe:calledElement processId="{0}"/></bpmn:extensionElements>
</bpmn:callActivity></bpmn:process>"""


def diagram(inside="", outside="", beside=""):
    text = f"{_HEAD}{inside}</bpmn:subProcess>{outside}</bpmn:process>{beside}</bpmn:definitions>"
    return Resource("order.bpmn", text.encode())


def job(process="order", element="pay"):
    return ActivatedJob(1, "order_pay", 2, process, 3, 1, element, 4, {}, "w", 3, 0, {})


CATCHING = [
    diagram(inside=_BOUNDARY.format("pay", 'errorRef="E"')),
    diagram(inside=_BOUNDARY.format("pay", "")),
    diagram(outside=_BOUNDARY.format("box", 'errorRef="E"')),
    diagram(inside=_EVENT_SUB_PROCESS),
    diagram(outside=_EVENT_SUB_PROCESS),
    diagram(beside=_CALLER.format("order")),
    diagram(beside=_CALLER.format("=which")),
]
NAMES = ["on the task", "any code", "on its scope", "inside", "outside", "called", "by expression"]


@pytest.mark.parametrize("resource", CATCHING, ids=NAMES)
def test_who_may_catch_it_is_found(resource):
    assert not uncaught_by([resource])(job(), "expired")


@pytest.mark.parametrize("resource", CATCHING[:1] + CATCHING[2:5], ids=NAMES[:1] + NAMES[2:5])
def test_another_code_is_not_caught(resource):
    assert uncaught_by([resource])(job(), "other")


@pytest.mark.parametrize(("interrupting", "told"), [("true", True), ("false", False)])
def test_what_has_interrupted_its_scope_is_left_alone_by_those_outside(interrupting, told):
    within, outside = _WITH_A_TASK.format(interrupting), _BOUNDARY.format("box", 'errorRef="E"')
    uncaught = uncaught_by([diagram(inside=within, outside=outside)])
    assert uncaught(job(element="again"), "expired") is told
    assert not uncaught(job(element="pay"), "expired")


def test_what_the_diagrams_do_not_know_counts_as_caught():
    uncaught = uncaught_by([diagram()])
    assert uncaught(job(), "expired")
    assert not uncaught(job(process="elsewhere"), "expired")
    assert not uncaught(job(element="elsewhere"), "expired")


@pytest.mark.parametrize(("resource", "told"), [(diagram(), True), (CATCHING[0], False)])
async def test_it_is_told_exactly_when_the_engine_makes_an_incident(tmp_path, resource, told):
    (tmp_path / "order.bpmn").write_bytes(resource.content)
    seen, engine, ended = [], Engine(), asyncio.Event()

    async def pay(task):
        raise BpmnError("expired", "the card has expired")

    settings = WorkflowSettings(service_name="shop", long_poll=0.02)
    builder = WorkflowBuilder(settings=settings, gateway=EmbeddedGateway(engine))
    builder.with_process(tmp_path / "order.bpmn").with_handler("order_pay", pay)
    builder.with_alerts(seen.append)
    engine.records.subscribe(lambda record: record.intent == "ERROR_THROWN" and ended.set())
    async with builder.running() as workflow:
        await workflow.start_process("order")
        await asyncio.wait_for(ended.wait(), 10)
    assert [notice.alert.error_type for notice in seen] == ["UNHANDLED_ERROR_EVENT"] * told
    assert len(list(engine.incidents)) == told
