"""`workflow run --processes`: they end together, and the exit code tells how."""

import os
import signal
import subprocess
import sys

import pytest

SERVICE = """
import asyncio, os, sys
from workflow_runtime import WorkflowBuilder, WorkflowSettings

class Ready:
    async def start(self, workflow):
        try:
            os.close(os.open("first", os.O_CREAT | os.O_EXCL))
            self.pause = 0
        except FileExistsError:
            self.pause = 1.5
        os.write(1, b"%d\\n" % os.getpid())  # one write: two processes share the pipe

    async def stop(self):
        await asyncio.sleep(self.pause)

def build():
    settings = WorkflowSettings(address="embedded://", log_format="off")
    return WorkflowBuilder("x", settings=settings).with_lifespan_hook(Ready())
"""


@pytest.fixture
def supervisor(tmp_path):
    (tmp_path / "side.py").write_text(SERVICE)
    command = ["-m", "workflow_runtime.cli", "run", "side:build", "--processes", "2"]
    with subprocess.Popen(
        [sys.executable, *command], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def pids(supervisor):
    return [int(supervisor.stdout.readline()) for _ in range(2)]


@pytest.mark.slow
def test_all_finish_their_work_when_they_are_told_to_stop(supervisor):
    pids(supervisor)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0


@pytest.mark.slow
def test_one_that_is_killed_takes_the_others_along(supervisor):
    first, second = pids(supervisor)
    os.kill(first, signal.SIGKILL)
    assert supervisor.wait(60) == 128 + signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
