"""A BPMN error that no event catches is an incident, and somebody is told."""

import asyncio

import pytest
from loguru import logger
from tests.support.drawing import definitions, written

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import BpmnError, WorkflowBuilder, WorkflowSettings
from workflow_runtime._worker.uncaught import uncaught_by
from workflow_runtime.gateway.values import ActivatedJob, Resource

_HEAD = """<error id="E" errorCode="expired"/><process id="order" isExecutable="true">
<startEvent id="start"/><sequenceFlow id="a" sourceRef="start" targetRef="box"/>
<subProcess id="box"><startEvent id="in"/>
<serviceTask id="pay"><extensionElements><zeebe:taskDefinition type="order_pay"/>
</extensionElements></serviceTask>
<sequenceFlow id="b" sourceRef="in" targetRef="pay"/>"""
_BOUNDARY = """<boundaryEvent id="caught" attachedToRef="{0}"><outgoing>c</outgoing>
<errorEventDefinition id="d" {1}/></boundaryEvent><endEvent id="end"/>
<sequenceFlow id="c" sourceRef="caught" targetRef="end"/>"""
_EVENT_SUB_PROCESS = """<subProcess id="rescue" triggeredByEvent="true">
<startEvent id="caught"><errorEventDefinition id="d" errorRef="E"/></startEvent>
<endEvent id="end"/><sequenceFlow id="c" sourceRef="caught" targetRef="end"/>
</subProcess>"""
_WITH_A_TASK = """<subProcess id="rescue" triggeredByEvent="true">
<startEvent id="hurry" isInterrupting="{0}"><signalEventDefinition id="h"/>
</startEvent><serviceTask id="again"/></subProcess>"""
_CALLER = """<process id="caller" isExecutable="true"><callActivity id="call">
<extensionElements><zeebe:calledElement processId="{0}"/></extensionElements>
</callActivity></process>"""


def diagram(inside="", outside="", beside=""):
    text = f"{_HEAD}{inside}</subProcess>{outside}</process>{beside}"
    return Resource("order.bpmn", written(definitions(text)))


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
    seen, lines, engine, ended = [], [], Engine(), asyncio.Event()
    sink = logger.add(lines.append, format="{message}", level="WARNING")

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
    logger.remove(sink)
    assert [notice.alert.error_type for notice in seen] == ["UNHANDLED_ERROR_EVENT"] * told
    assert len(list(engine.incidents)) == told
    # Where it was raised is in the log, which is all that there is without channels.
    failed = [line for line in lines if "attempt 1 failed, an incident, since no event" in line]
    assert len(failed) == told
    assert all("BpmnError in pay (" in line for line in failed)
