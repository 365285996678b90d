"""A service beside others: event loops one after the other, two from one builder, stopped twice."""

import asyncio
import gc

import pytest
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder
from workflow_runtime.gateway import errors


async def nothing(task):
    return None


async def is_ready(workflow):
    await until(lambda: workflow.health().ready)


def test_a_builder_made_outside_of_a_loop_runs_in_each_that_comes():
    ready = []
    builder = WorkflowBuilder("test", "embedded://").with_handler("work", nothing)

    async def main():
        async with builder.running() as workflow:
            await is_ready(workflow)
            ready.append(workflow)

    asyncio.run(main())
    asyncio.run(main())
    assert len(set(ready)) == 2


async def test_two_services_of_one_builder_end_each_by_itself():
    gateway = EmbeddedGateway(Engine())
    builder = WorkflowBuilder("test", gateway=gateway).with_handler("work", nothing)
    first, second = await builder.run(), await builder.run()
    assert await first.stop() == 0
    assert not first.health().ready
    await is_ready(second)
    assert await second.stop() == 0


async def test_whoever_stops_a_service_again_waits_for_the_same_end(build, gateway, new_job):
    begun, release = asyncio.Event(), asyncio.Event()

    async def handler(task):
        begun.set()
        await release.wait()

    workflow = await build(handler).run()
    gateway.offer(new_job())
    await begun.wait()
    stops = [asyncio.create_task(workflow.stop()) for _ in range(3)]
    stops[0].cancel()
    await asyncio.sleep(0)
    release.set()
    assert await asyncio.gather(*stops[1:]) == [0, 0]
    assert [command[0] for command in gateway.commands] == ["complete"]
    assert await workflow.stop() == 0


async def test_handlers_that_nothing_else_holds_survive_the_garbage_collector(
    build, gateway, new_job
):
    begun = []

    async def handler(task):
        alone = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()
        begun.append(loop.call_later(0.05, lambda: alone.done() or alone.set_result(None)))
        await alone

    async with build(handler).running():
        gateway.offer(*(new_job(key) for key in range(1, 21)))
        await until(lambda: len(begun) == 20)
        gc.collect()
        await gateway.commands_seen(20)


REFUSALS = [
    getattr(errors, name)
    for name in dir(errors)
    if isinstance(getattr(errors, name), type) and issubclass(getattr(errors, name), Exception)
]


@pytest.mark.parametrize("error", [*REFUSALS, ValueError], ids=lambda kind: kind.__name__)
async def test_polling_goes_on_after_twenty_refusals_of_any_kind(
    build, gateway, new_job, monkeypatch, error
):
    monkeypatch.setattr("workflow_runtime._worker.poller.GatewayBackoff.after", lambda *_: 0.0)
    gateway.errors["activate_jobs"] = [error("no")] * 20
    gateway.offer(new_job())
    async with build(nothing).running() as workflow:
        assert await gateway.commands_seen(1) == [("complete", 1, {})]
        assert workflow.health().ready


async def test_a_task_type_of_three_hundred_characters_is_a_type_like_others(
    build, gateway, new_job
):
    name = "t" * 300
    async with build(nothing).with_handler(name, lambda task: None).running():
        gateway.offer(new_job(1, name))
        assert await gateway.commands_seen(1) == [("complete", 1, {})]
