"""From a real broker through its exporter's records to the person on call."""

import asyncio
import time
from contextlib import asynccontextmanager, closing
from datetime import timedelta

import pytest
from tests.support import own_engine
from tests.support.diagrams import bpmn

from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime import BpmnError, WorkflowBuilder, WorkflowIncident, WorkflowSettings
from workflow_runtime.observers import Observer

pytestmark = pytest.mark.zeebe

_BPMN = bpmn(
    """
    start start
    xor decide
    end end
    start -> decide
    decide -> end if =missing > 1
    """,
    "watched",
)

_TASKS = bpmn(
    """
    start start
    service fail job=toldOnce_fail
    service throw job=toldOnce_throw
    start -> fail
    start -> throw
    """,
    "toldOnce",
)


async def feed_for_ever(operate, records):
    """Passes incident records on as the exporter writes them."""
    while True:
        for record in await records.read():
            if record.value_type == "INCIDENT":
                now = round(time.time() * 1000)
                operate.feed(record.intent, record.key, now, record.value)
                operate.settle()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def stand(**settings):
    """Settings for a service beside a real broker, whose incidents an Operate tells."""
    address, operate = str(own_engine.address()), OperateDouble()
    with closing(own_engine.records()) as records:
        async with asyncio.TaskGroup() as group:
            feeder = group.create_task(feed_for_ever(operate, records))
            yield WorkflowSettings(
                service_name="shop",
                address=address,
                operate_url=await operate.start(),
                operate_user="demo",
                operate_password="demo",
                operate_interval=timedelta(milliseconds=100),
                **settings,
            )
            feeder.cancel()
    await operate.stop()


async def test_a_brokers_incident_rings_and_its_end_is_told(tmp_path):
    (tmp_path / "watched.bpmn").write_bytes(_BPMN)
    told = asyncio.Queue()
    async with stand() as settings:
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


class Open(Observer):
    """Waits until the watcher has seen so many."""

    def __init__(self, count):
        self.count, self.seen = count, asyncio.Event()

    def incidents_open(self, counts):
        if sum(counts.values()) == self.count:
            self.seen.set()


async def test_what_the_worker_has_told_is_not_told_again_in_the_brokers_words(tmp_path):
    (tmp_path / "told_once.bpmn").write_bytes(_TASKS)
    told, both = [], Open(2)

    async def fail(task):
        raise WorkflowIncident("the account is closed")

    async def throw(task):
        raise BpmnError("NOBODY_CATCHES", "no such account")

    async with stand() as settings:
        builder = WorkflowBuilder(settings=settings).with_process(tmp_path / "told_once.bpmn")
        builder.with_handler("toldOnce_fail", fail).with_handler("toldOnce_throw", throw)
        async with builder.with_alerts(told.append).with_observer(both).running() as workflow:
            instance = await workflow.start_process("toldOnce")
            await asyncio.wait_for(both.seen.wait(), 30)
            await workflow.cancel_process(instance.key)
    raised = [notice for notice in told if notice.kind != "resolved"]
    assert sorted(notice.alert.element_id for notice in raised) == ["fail", "throw"]
