"""What a builder is told while its service runs comes too late, and is not swallowed."""

import asyncio
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn

from workflow_runtime import ConfigurationError, WorkflowBuilder
from workflow_runtime.observers import Observer


async def work(task): ...


async def around(task, call_next):
    return await call_next(task)


class Hook:
    async def start(self, _): ...

    async def stop(self): ...


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("order.bpmn").write_bytes(bpmn("start s\nend e\ns -> e", "order"))


@pytest.fixture
def builder():
    return WorkflowBuilder("shop", "embedded://")


LATE = {
    "with_handler": lambda builder: builder.with_handler("work", work),
    "with_handler of a decorator": lambda builder: builder.task("work")(work),
    "with_middleware": lambda builder: builder.with_middleware(around),
    "with_process": lambda builder: builder.with_process("order.bpmn"),
    "with_observer": lambda builder: builder.with_observer(Observer()),
    "with_lifespan_hook": lambda builder: builder.with_lifespan_hook(Hook()),
}


@pytest.mark.parametrize(("name", "tell"), LATE.items(), ids=LATE)
async def test_a_running_service_hears_nothing_more_and_the_builder_says_so(builder, name, tell):
    async with builder.running():
        with pytest.raises(ConfigurationError, match=f"{name.split()[0]}.*runs already.*before"):
            tell(builder)
    assert not builder.job_types
    tell(builder)
    async with builder.running():
        pass


def test_so_does_that_of_a_service_in_a_thread(builder):
    with builder.start_in_thread(), pytest.raises(ConfigurationError, match="runs already"):
        builder.with_handler("work", work)
    builder.with_handler("work", work)


def test_a_service_whose_loop_has_ended_does_not_run(builder):
    left = asyncio.run(builder.run())
    builder.with_handler("work", work)
    assert left.stopped is None
