"""A real broker of our own is killed in the middle of the work, and comes back."""

import asyncio
import os
from collections import Counter
from datetime import timedelta

import pytest
from tools.broker.broker import Broker
from tools.broker.distribution import fetch

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.retrying import again_if_not_executed, resend

JOBS = 200
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
<bpmn:process id="killed" isExecutable="true"><bpmn:startEvent id="start"/>
<bpmn:serviceTask id="one"><bpmn:extensionElements><zeebe:taskDefinition type="one"/>
</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:serviceTask id="two"><bpmn:extensionElements><zeebe:taskDefinition type="two"/>
</bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="one"/>
<bpmn:sequenceFlow id="b" sourceRef="one" targetRef="two"/>
<bpmn:sequenceFlow id="c" sourceRef="two" targetRef="end"/>
</bpmn:process></bpmn:definitions>"""


@pytest.fixture
def broker(tmp_path):
    if "ZEEBE_ADDRESS" not in os.environ:
        pytest.skip("no real broker: run tox -e zeebe")
    with Broker(fetch(), tmp_path) as broker:
        yield broker


@pytest.mark.zeebe
@pytest.mark.timeout(300)
async def test_every_instance_completes_though_the_broker_was_killed(broker, tmp_path):
    # Known by their number, not by their key: a broker before 8.10 answers a start before the new
    # instance is on its disk and, killed in between, makes it again under another key
    # (camunda/camunda#59177).
    runs, keys = {"one": Counter(), "two": Counter()}, set()
    half, all_ran = asyncio.Event(), asyncio.Event()

    async def handler(task):
        keys.add(task.instance_key)
        runs[task.job.job_type][task.get_scope_variable("n")] += 1
        if runs["one"].total() == JOBS // 2:
            half.set()
        if len(runs["two"]) == JOBS:
            all_ran.set()

    (tmp_path / "killed.bpmn").write_text(PROCESS, encoding="utf-8")
    settings = WorkflowSettings(
        address=broker.environment()["ZEEBE_ADDRESS"], command_timeout=timedelta(seconds=60)
    )
    config = TaskHandlerConfig(job_timeout=timedelta(seconds=5), max_running=8)
    builder = WorkflowBuilder(settings=settings).with_process(tmp_path / "killed.bpmn")
    builder.with_handler("one", handler, config).with_handler("two", handler, config)
    async with builder.running() as workflow:
        for n in range(JOBS):
            await workflow.start_process("killed", {"n": n})
        await asyncio.wait_for(half.wait(), 60)
        await asyncio.to_thread(broker.stop, kill=True)
        await asyncio.to_thread(broker.start)
        await asyncio.wait_for(all_ran.wait(), 120)
        await asyncio.wait_for(completed(workflow, keys), 60)
    assert set(runs["one"]) == set(runs["two"]) == set(range(JOBS))
    # What was executed but not committed when the broker died runs again; nothing else does.
    assert runs["one"].total() + runs["two"].total() <= 2 * JOBS + 16


async def completed(workflow, keys):
    """Waits until the engine knows none of these instances any more."""
    left = set(keys)
    while left:
        for key in list(left):
            if await gone(workflow, key):
                left.discard(key)
        await asyncio.sleep(0.1)


async def gone(workflow, key):
    try:
        await resend(
            lambda: workflow.gateway.set_variables(key, {"asked": True}),
            until=lambda: asyncio.get_running_loop().time() + 60,
            judge=again_if_not_executed,
        )
    except GatewayError as error:
        return error.status == "NOT_FOUND"
    return False
