"""From a real broker through its exporter's records to the person on call."""

import asyncio
import json
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.testing.operate import OperateDouble

pytestmark = pytest.mark.zeebe

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">
<bpmn:process id="watched" isExecutable="true"><bpmn:startEvent id="start"/>
<bpmn:exclusiveGateway id="decide"/><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="decide"/>
<bpmn:sequenceFlow id="b" sourceRef="decide" targetRef="end">
<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=missing &gt; 1
</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process></bpmn:definitions>"""


def environment(name):
    if name not in os.environ:
        if os.environ.get("REQUIRE_ZEEBE"):
            pytest.fail(f"REQUIRE_ZEEBE is set, but {name} is not")
        pytest.skip("no real broker: run tox -e zeebe")
    return os.environ[name]


def feed_for_ever(operate, path, end):
    """Passes incident records on as the exporter writes them; runs in a thread."""
    with path.open(encoding="utf-8") as file:
        file.seek(0, os.SEEK_END)
        rest = ""
        while not end.wait(0.02):
            *lines, rest = (rest + file.read()).split("\n")
            for record in map(json.loads, lines):
                if (record["valueType"], record["recordType"]) == ("INCIDENT", "EVENT"):
                    operate.feed(
                        record["intent"], record["key"], record["timestamp"], record["value"]
                    )
                    operate.settle()


async def test_a_brokers_incident_rings_and_its_end_is_told(tmp_path):
    records = Path(environment("ZEEBE_RECORDS"))
    (tmp_path / "watched.bpmn").write_text(_BPMN, encoding="utf-8")
    operate, told = OperateDouble(), asyncio.Queue()
    settings = WorkflowSettings(
        service_name="shop",
        address=environment("ZEEBE_ADDRESS"),
        operate_watch=True,
        operate_url=await operate.start(),
        operate_user="demo",
        operate_password="demo",
        operate_interval=timedelta(milliseconds=100),
    )
    end = threading.Event()
    feeder = asyncio.create_task(asyncio.to_thread(feed_for_ever, operate, records, end))
    builder = WorkflowBuilder(settings=settings).with_process(tmp_path / "watched.bpmn")
    async with builder.with_alerts(told.put).running() as workflow:
        instance = await workflow.start_process("watched")
        notice = await asyncio.wait_for(told.get(), 30)
        assert notice.alert.instance_key == instance.key
        assert (notice.alert.element_id, notice.alert.job_key) == ("decide", 0)
        assert "missing" in notice.alert.message
        await workflow.set_scope(instance.key, {"missing": 2})
        await workflow.resolve_incident(notice.alert.incident_key)
        assert (await asyncio.wait_for(told.get(), 30)).kind == "resolved"
    end.set()
    await feeder
    await operate.stop()
