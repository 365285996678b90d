"""The control interface on every engine: what it does, and how it fails."""

import asyncio
import time
from datetime import timedelta

import pytest

from workflow_runtime import (
    CommandFailed,
    IncidentNotFound,
    InstanceNotFound,
    ProcessNotFound,
    WaitTimedOut,
    WorkflowBuilder,
    WorkflowSettings,
)

NOBODY = 2251799813685249 + 10**9
"""A key of the first partition that nothing has."""


@pytest.fixture
async def control(world):
    settings = WorkflowSettings(service_name="control", command_timeout=timedelta(seconds=5))
    async with WorkflowBuilder(settings=settings, gateway=world.gateway).running() as workflow:
        yield workflow


async def test_a_started_process_gives_its_final_scope(world, control):
    await world.deploy_task()
    waiting = asyncio.create_task(control.start_process_and_wait(world.id, {"a": 1}))
    await world.gateway.complete_job((await world.job()).key, {"b": 2})
    assert await waiting == {"a": 1, "b": 2}


async def test_waiting_ends_in_time_and_the_instance_goes_on(world, control):
    await world.deploy_task()
    begun = time.monotonic()
    with pytest.raises(WaitTimedOut, match="it goes on running"):
        await control.start_process_and_wait(world.id, timeout=0.3)
    assert time.monotonic() - begun < 4
    await world.gateway.complete_job((await world.job()).key, {})


async def test_the_scope_of_an_instance_can_be_set_while_it_waits(world, control):
    await world.deploy_task()
    instance = await control.start_process(world.id, {"a": 1})
    await control.set_scope(instance.key, {"a": 2})
    assert (await world.job()).variables == {"a": 2}


async def test_a_cancelled_instance_is_gone(world, control):
    await world.deploy_task()
    instance = await control.start_process(world.id)
    await control.cancel_process(instance.key)
    with pytest.raises(InstanceNotFound):
        await control.cancel_process(instance.key)


async def test_an_incident_is_resolved_with_new_retries(world, control):
    await world.deploy_task()
    await control.start_process(world.id)
    job = await world.job()
    await world.gateway.fail_job(job.key, retries=0, message="broken")
    for candidate in range(job.key + 1, job.key + 40):
        try:
            await control.resolve_incident(candidate, retries=7, job_key=job.key)
        except IncidentNotFound:
            continue
        break
    assert (await world.job()).retries == 7


async def test_a_signal_reaches_who_waits_for_it(world, control):
    await world.deploy(f"""
        start start
        catch wait signal={world.id}_signal
        end end
        start -> wait -> end
    """)
    waiting = asyncio.create_task(control.start_process_and_wait(world.id))
    while not waiting.done():
        await control.broadcast_signal(f"{world.id}_signal", {"told": True})
        await asyncio.wait({waiting}, timeout=0.2)
    assert waiting.result() == {"told": True}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda w: w.start_process("nobodyHasThis"), ProcessNotFound),
        (lambda w: w.start_process_and_wait("nobodyHasThis"), ProcessNotFound),
        (lambda w: w.cancel_process(NOBODY), InstanceNotFound),
        (lambda w: w.set_scope(NOBODY, {"a": 1}), InstanceNotFound),
        (lambda w: w.resolve_incident(NOBODY), IncidentNotFound),
        (lambda w: w.update_retries(NOBODY, 1), CommandFailed),
    ],
    ids=["start", "start and wait", "cancel", "scope", "incident", "retries"],
)
async def test_what_does_not_exist_is_a_typed_error_with_the_engines_words(control, call, error):
    with pytest.raises(error, match=r"but no|but none") as caught:
        await call(control)
    assert caught.value.status == "NOT_FOUND"


async def test_a_scope_that_is_no_json_is_refused_by_name(world, control):
    await world.deploy_task()
    with pytest.raises(CommandFailed, match=r"CreateProcessInstance: .*no JSON") as caught:
        await control.start_process(world.id, {"x": object()})
    assert caught.value.status == "INVALID_ARGUMENT"


async def test_a_shared_connection_outlives_each_service_that_uses_it(world, control):
    await world.deploy_task()
    other = await WorkflowBuilder("other", gateway=world.gateway).run()
    await other.stop()
    assert (await control.start_process(world.id)).version == 1
