"""What is published as soon as a service runs: it waits for the diagrams, as a start does."""

import asyncio
from datetime import timedelta

import pytest
from loguru import logger
from tests.support.diagrams import bpmn
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import EventNotPublished, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import InvalidArgument, Unavailable

BY_MESSAGE = "start begin message=paid\nend done\nbegin -> done"
BY_SIGNAL = "start begin signal=all\nend done\nbegin -> done"


class Late(EmbeddedGateway):
    """Takes no diagrams before it is told to."""

    refusal = Unavailable("not yet")

    def __init__(self):
        super().__init__(Engine())
        self.opened = False
        self.asked = asyncio.Event()

    async def deploy(self, resources, **options):
        self.asked.set()
        if not self.opened:
            raise self.refusal
        return await super().deploy(resources, **options)


def service(gateway, tmp_path, text=BY_MESSAGE, **settings):
    (tmp_path / "early.bpmn").write_bytes(bpmn(text, "early"))
    chosen = WorkflowSettings(service_name="early", **settings)
    return WorkflowBuilder(settings=chosen, gateway=gateway).with_process(tmp_path / "early.bpmn")


def instances(gateway):
    records = gateway.engine.records
    return [
        each
        for each in records
        if each.value_type == "PROCESS_INSTANCE"
        and each.intent == "ELEMENT_COMPLETED"
        and each.value["bpmnElementType"] == "PROCESS"
    ]


async def at_once(workflow):
    await workflow.publish_event("paid", time_to_live=0)


async def later(workflow):
    assert workflow.publish_later("paid", time_to_live=0)


async def to_all(workflow):
    await workflow.broadcast_signal("all")


async def from_a_thread(workflow):
    await asyncio.to_thread(workflow.sync.publish_event, "paid", time_to_live=0)


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (at_once, BY_MESSAGE),
        (later, BY_MESSAGE),
        (from_a_thread, BY_MESSAGE),
        (to_all, BY_SIGNAL),
    ],
)
async def test_what_is_said_before_the_deployment_is_heard_after_it(say, text, tmp_path):
    gateway = Late()
    async with service(gateway, tmp_path, text).running() as workflow:
        saying = asyncio.create_task(say(workflow))
        await gateway.asked.wait()
        gateway.opened = True
        await saying
        await until(lambda: instances(gateway))
        assert len(instances(gateway)) == 1


async def test_an_event_whose_processes_are_not_deployed_in_time_is_given_back(tmp_path):
    short = timedelta(seconds=0.05)
    async with service(Late(), tmp_path, command_timeout=short).running() as workflow:
        with pytest.raises(EventNotPublished, match="could not be deployed within") as caught:
            await workflow.publish_event("paid", correlation_key="7")
    assert (caught.value.event.correlation_key, caught.value.executed) == ("7", "no")


async def test_refused_diagrams_keep_no_event_back(tmp_path):
    gateway = Late()
    gateway.refusal = InvalidArgument("no such element")
    async with service(gateway, tmp_path).running() as workflow:
        assert (await workflow.publish_event("other")).outcome == "published"


async def test_a_service_that_stops_before_the_deployment_says_what_becomes_of_events(tmp_path):
    lines = []
    sink = logger.add(lines.append, level="ERROR", format="{message}")
    try:
        workflow = await service(Late(), tmp_path, grace=timedelta(0)).run()
        assert workflow.publish_later("paid", event_id="mine", correlation_key="a")
        waiting = asyncio.create_task(workflow.publish_event("paid"))
        await asyncio.sleep(0)
        await workflow.stop()
        # By the time that its engine takes messages: nobody waits for them, but it has them.
        with pytest.raises(EventNotPublished, match="before the service stopped"):
            await waiting
    finally:
        logger.remove(sink)
    assert lines == []
