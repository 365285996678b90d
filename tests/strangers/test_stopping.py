"""What stops with a service may take its time, fail or never end: the rest stops all the same."""

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from loguru import logger
from tests.runtime.alerts.raised import alert
from tests.support.commands import environment

from workflow_runtime import WorkflowBuilder, WorkflowSettings, lifespan
from workflow_runtime.alerts import channels
from workflow_runtime.alerts.dispatcher import AlertDispatcher

SERVICE = """
import asyncio, os, sys, time
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime._worker import shutdown

class Slow:
    async def start(self, workflow):
        pass
    async def stop(self):
        await asyncio.sleep(9)

class Up:
    async def start(self, workflow):
        os.write(1, b"up\\n")
    async def stop(self):
        pass

class Cancelled:
    async def start(self, workflow):
        task = asyncio.create_task(asyncio.sleep(1000))
        task.cancel()
        await task
    async def stop(self):
        pass

class Large:
    def __del__(self, sleep=time.sleep):
        sleep(6)  # while the interpreter lets go of everything

if sys.argv[1] == "computing":
    shutdown._LAST = 4
    large, hooks = Large(), []
elif sys.argv[1] == "cancelled":
    hooks = [Cancelled()]
else:
    hooks = [Slow() for _ in range(4)]
settings = WorkflowSettings(address="embedded://", service_name="x", grace=0)
builder = WorkflowBuilder("x", settings=settings)
for hook in [*hooks, Up()]:
    builder.with_lifespan_hook(hook)
builder.serve()
"""


class Hook:
    """Stops in the way that is given."""

    def __init__(self, stop):
        self._stop, self.stopped = stop, False

    async def start(self, workflow):
        self.work = asyncio.create_task(asyncio.sleep(1000))

    async def stop(self):
        await self._stop(self)
        self.stopped = True


async def well(hook):
    hook.work.cancel()


async def awaits_what_it_has_cancelled(hook):
    hook.work.cancel()
    await hook.work


async def cancels_itself(hook):
    asyncio.current_task().cancel()
    await hook.work


async def fails(hook):
    raise RuntimeError


async def hangs(hook):
    await hook.work


def run(mode):
    return subprocess.Popen(
        [sys.executable, "-c", SERVICE, mode],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def started(mode):
    """A service that has been told to stop once it is up."""
    with run(mode) as process:
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def logged():
    lines = []
    sink = logger.add(lines.append, format="{message}")
    yield lines
    logger.remove(sink)


@pytest.fixture
def little_time(monkeypatch):
    monkeypatch.setattr(lifespan, "_STOP_SECONDS", 0.05)
    monkeypatch.setattr(lifespan, "_LEAST", 0.05)


@pytest.mark.parametrize("stop", [awaits_what_it_has_cancelled, cancels_itself, fails, hangs])
async def test_a_hook_that_ends_badly_keeps_no_other_from_its_end(stop, little_time, logged):
    settings = WorkflowSettings(address="embedded://", service_name="x", grace=0)
    first, bad = Hook(well), Hook(stop)
    builder = WorkflowBuilder("x", settings=settings)
    workflow = await builder.with_lifespan_hook(first).with_lifespan_hook(bad).run()
    assert await asyncio.wait_for(workflow.stop(), 20) == 0
    assert first.stopped
    assert "Hook did not stop" in "".join(logged)


async def test_a_hook_that_is_deaf_to_its_cancellation_keeps_no_other(little_time):
    released = asyncio.Event()

    async def deaf(hook):
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    settings = WorkflowSettings(address="embedded://", service_name="x", grace=0)
    first = Hook(well)
    builder = WorkflowBuilder("x", settings=settings)
    workflow = await builder.with_lifespan_hook(first).with_lifespan_hook(Hook(deaf)).run()
    asyncio.get_running_loop().call_later(20, released.set)
    assert await workflow.stop() == 0
    assert first.stopped
    assert not released.is_set()
    released.set()


async def test_alerts_that_have_less_time_than_they_want_are_reported_too(logged):
    async def hang(notice):
        await asyncio.sleep(1000)

    alerts = AlertDispatcher("shop", [channels.as_channel(hang)])
    await alerts.start()
    alerts.incident_raised(alert())
    stopping = asyncio.create_task(alerts.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    await asyncio.wait({stopping})
    assert "was not sent, the service has ended" in "".join(logged)


@pytest.mark.slow
def test_many_hooks_that_take_their_time_end_within_that_of_the_process():
    with started("hooks") as process:
        assert process.wait(60) == 0, process.stderr.read()


@pytest.mark.slow
def test_an_interpreter_that_computes_for_long_at_its_end_is_no_hang():
    with started("computing") as process:
        assert process.wait(60) == 0, process.stderr.read()


@pytest.mark.slow
def test_a_hook_that_is_cancelled_as_it_starts_is_a_failed_start_and_no_end_that_was_asked_for():
    with run("cancelled") as process:
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert "the service does not start: CancelledError" in errors
