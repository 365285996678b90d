"""Processes reach the engine: changed ones, and those that a restarted engine has lost."""

import asyncio

import pytest
from loguru import logger
from tests.support.diagrams import bpmn
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import ProcessNotFound, WorkflowBuilder, WorkflowSettings
from workflow_runtime._worker import gateway_probe


async def nothing(task):
    return None


@pytest.fixture
def service(tmp_path, stand):
    """A builder with one diagram, with or without a handler."""

    def make(handled, name="first", port=None):
        path = tmp_path / f"{stand.id}_r.bpmn"
        text = f"start start\nend end name={name}\nstart -> end"
        path.write_bytes(bpmn(text, f"{stand.id}_r"))
        address = f"http://127.0.0.1:{port or stand.proxy.port}"
        builder = WorkflowBuilder(settings=WorkflowSettings(address=address)).with_process(path)
        return builder.with_handler(f"{stand.id}_r", nothing) if handled else builder

    return make


HANDLED = pytest.mark.parametrize("handled", [True, False], ids=["handlers", "no handlers"])


@HANDLED
async def test_a_changed_diagram_is_a_new_version_and_an_unchanged_one_is_not(
    service, stand, handled
):
    versions = []
    for name in ("first", "first", "second"):
        async with service(handled, name).running() as workflow:
            versions.append((await workflow.start_process(f"{stand.id}_r")).version)
    assert versions == [1, 1, 2]


@HANDLED
async def test_a_service_deploys_when_the_engine_comes_late(service, stand, handled):
    await stand.proxy.cut()
    async with service(handled).running() as workflow:
        assert not workflow.health().ready
        await stand.proxy.start()
        await asyncio.wait_for(workflow.start_process(f"{stand.id}_r"), 10)


@HANDLED
async def test_an_engine_that_came_back_empty_gets_the_processes_again(
    service, stand, handled, monkeypatch
):
    monkeypatch.setattr(gateway_probe, "_INTERVAL", 0.05)
    lines = []
    sink = logger.add(lines.append, format="{message}")
    first = await serve(Engine())
    async with service(handled, port=first.port).running() as workflow:
        await workflow.start_process(f"{stand.id}_r")
        await first.stop()
        second = await serve(Engine(), port=first.port)
        try:
            instance = await asyncio.wait_for(workflow.start_process(f"{stand.id}_r"), 20)
            assert instance.version == 1
            await until(lambda: workflow.health().ready, seconds=5)
            with pytest.raises(ProcessNotFound):
                await workflow.start_process("somebodyElses")
        finally:
            await second.stop()
    logger.remove(sink)
    (lost,) = [n for n, line in enumerate(lines) if "does not know" in line]
    # Whoever reads that they are lost is told that they are there again.
    assert any(line.startswith(f"deployed: {stand.id}_r v1") for line in lines[lost:])


async def test_a_service_without_handlers_knows_whether_the_engine_is_there(
    service, stand, monkeypatch
):
    monkeypatch.setattr(gateway_probe, "_INTERVAL", 0.05)
    async with service(handled=False).running() as workflow:
        await workflow.start_process(f"{stand.id}_r")
        await until(lambda: workflow.health().ready, seconds=20)
        await stand.proxy.cut()
        await until(lambda: not workflow.health().ready, seconds=20)
        assert "gateway: UNAVAILABLE" in workflow.health().problems
        await stand.proxy.start()
        await until(lambda: workflow.health().ready, seconds=20)
