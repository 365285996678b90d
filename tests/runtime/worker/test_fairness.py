"""One type's handlers do not stall the others, and pushed jobs come only as fast as they go."""

import asyncio
import threading
import time
from datetime import timedelta

import pytest
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings

SHORT = timedelta(seconds=0.3)


async def test_blocking_threads_of_one_type_leave_the_others_alone(build, gateway, new_job):
    release = threading.Event()

    def blocking(task):
        release.wait(30)

    async def quick(task):
        return None

    config = TaskHandlerConfig(max_running=3, job_timeout=SHORT)
    async with build(blocking, config).with_handler("quick", quick).running() as workflow:
        gateway.offer(*(new_job(key) for key in range(1, 10)))
        await until(lambda: workflow.health().types["work"].running == 3)
        gateway.offer(*(new_job(key, "quick") for key in range(100, 150)))
        await gateway.commands_seen(50)
        assert {command[1] for command in gateway.commands} == set(range(100, 150))
        # Their timeouts are extended all the while.
        await gateway.seen(lambda g: {1, 2, 3} <= set(g.extended))
        release.set()
        await gateway.commands_seen(59)


async def test_a_type_that_takes_all_slots_gives_some_back_to_the_others(build, gateway, new_job):
    async def handler(task):
        await asyncio.sleep(0)

    builder = build(handler, max_running_total=4, max_running=4).with_handler("other", handler)
    async with builder.running():
        gateway.offer(*(new_job(key) for key in range(1, 301)))
        gateway.offer(*(new_job(key, "other") for key in range(1001, 1011)))
        await gateway.seen(lambda g: sum(c[1] > 1000 for c in g.commands) == 10)
        done = sum(command[1] < 1000 for command in gateway.commands)
        await gateway.commands_seen(310)
    assert done < 200


async def test_a_handler_that_blocks_the_loop_is_named(build, gateway, new_job):
    names = []
    workflow = None

    async def handler(task):
        until = time.monotonic() + 10
        while time.monotonic() < until and not names:
            names.extend(each for each in workflow.health().stalled if "blocked" in each)

    workflow = await build(handler).run()
    gateway.offer(new_job(7))
    await gateway.commands_seen(1)
    await workflow.stop()
    assert "by the handler of work (job 7), in " in names[0]


PROCESS = one_task("p", "work", "work")


@pytest.mark.slow
async def test_pushed_jobs_never_exceed_the_limit_and_all_are_done_once(crowd):
    server = await serve(Engine())
    settings = WorkflowSettings(address=f"http://127.0.0.1:{server.port}", long_poll=SHORT)
    config = TaskHandlerConfig(stream=True, max_running=8)
    builder = WorkflowBuilder(settings=settings).with_handler("work", crowd.handler, config)
    try:
        async with builder.running() as workflow:
            await workflow.gateway.deploy([PROCESS])
            results = [
                workflow.gateway.create_instance_with_result("p", {}, timeout=timedelta(seconds=60))
                for _ in range(1000)
            ]
            await asyncio.wait_for(asyncio.gather(*results), 60)
    finally:
        await server.stop()
    assert crowd.most <= 8
    assert len(crowd.keys) == len(set(crowd.keys)) == 1000
