"""Gateways of one engine: each hears of its jobs, for as long as it is open."""

import asyncio
from datetime import timedelta

from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway, embedded_gateway
from workflow_runtime.gateway.values import JobRequest

WORK = one_task("work", "do", "do")
REQUEST = JobRequest("do", "w", timedelta(minutes=1), max_jobs=1, long_poll=timedelta(seconds=20))


async def test_each_gateway_of_an_engine_hears_of_new_jobs():
    engine = Engine()
    engine.deploy([WORK])
    gateways = [EmbeddedGateway(engine), EmbeddedGateway(engine)]
    polls = [asyncio.ensure_future(gateway.activate_jobs(REQUEST)) for gateway in gateways]
    await asyncio.sleep(0)  # both wait now
    for _ in gateways:
        engine.create_instance("work", {})
    found = await asyncio.wait_for(asyncio.gather(*polls), 10)
    assert [len(jobs) for jobs in found] == [1, 1]


async def test_a_gateway_that_is_closed_is_not_told_any_more():
    engine = Engine()
    gateway = EmbeddedGateway(engine)
    assert len(engine.jobs._listeners) == 1
    await gateway.close()
    await gateway.close()
    assert engine.jobs._listeners == []


async def test_the_engine_of_a_service_keeps_no_records():
    gateway = embedded_gateway()
    await gateway.deploy([WORK])
    await gateway.create_instance("work", {})
    assert len(gateway.engine.records) == 0
    await gateway.close()
