"""`workflow run` with child processes: they end together, and finish their work first."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress

import pytest

SERVICE = """
import asyncio, os, sys
from workflow_runtime import WorkflowBuilder, WorkflowSettings

HOLD = ""

class Ready:
    async def start(self, workflow):
        try:
            os.close(os.open("first", os.O_CREAT | os.O_EXCL))
            self.pause = 0
        except FileExistsError:
            self.pause = 1.5
        os.write(1, b"%d\\n" % os.getpid())  # one write: two processes share the pipe

    async def stop(self):
        os.write(1, b"stopping\\n" if HOLD else b"")
        while HOLD and os.path.exists(HOLD):
            await asyncio.sleep(0.05)
        await asyncio.sleep(self.pause)
        os.write(1, b"finished\\n")

def build():
    settings = WorkflowSettings(address="embedded://", log_format="off")
    return WorkflowBuilder("x", settings=settings).with_lifespan_hook(Ready())
"""


# A job in the background, as of CI, leaves SIGINT ignored, and Python keeps that.
FOREGROUND = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "workflow_runtime.cli", *sys.argv[1:]])
"""


@pytest.fixture
def start(tmp_path):
    """Starts `workflow run` as a shell does: in the foreground, with a process group of its own."""
    (tmp_path / "side.py").write_text(SERVICE)
    with ExitStack() as stack:

        def run(*options, stderr=None):
            command = [sys.executable, "-c", FOREGROUND, "run", "side:build", *options]
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=tmp_path,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    process_group=0,
                )
            )
            stack.callback(process.kill)
            return process

        yield run


@pytest.fixture
def supervisor(start):
    return start("--processes", "2")


def pids(supervisor, count=2):
    return [int(supervisor.stdout.readline()) for _ in range(count)]


def await_hint(supervisor):
    """Returns when the next signal is no more the one before."""
    while b"ends it at once" not in (line := supervisor.stderr.readline()):
        assert line, "it ended"


def press_ctrl_c(supervisor):
    """Sends what the terminal sends, to the whole group in the foreground."""
    os.killpg(supervisor.pid, signal.SIGINT)


@pytest.mark.slow
def test_all_finish_their_work_when_they_are_told_to_stop(supervisor):
    pids(supervisor)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0


@pytest.mark.slow
def test_all_finish_their_work_after_one_ctrl_c(supervisor):
    pids(supervisor)
    press_ctrl_c(supervisor)
    assert supervisor.wait(60) == 0
    assert supervisor.stdout.read() == b"finished\n" * 2


@pytest.mark.slow
def test_one_that_is_watched_finishes_its_work_after_one_ctrl_c(start, tmp_path):
    (tmp_path / "first").touch()  # so that this one takes its time
    supervisor = start("--reload")
    pids(supervisor, 1)
    press_ctrl_c(supervisor)
    assert supervisor.wait(60) == 0
    assert supervisor.stdout.read() == b"finished\n"


@pytest.mark.slow
def test_a_change_gives_the_old_one_its_time_to_finish(start, tmp_path):
    (tmp_path / "first").touch()
    supervisor = start("--reload")
    (first,) = pids(supervisor, 1)
    (tmp_path / "side.py").write_text(SERVICE.replace("1.5", "6"))
    assert supervisor.stdout.readline() == b"finished\n"
    (second,) = pids(supervisor, 1)
    assert second != first
    (tmp_path / "side.py").write_text(SERVICE.replace("1.5", "0"))
    # Longer than the five seconds after which watchfiles kills.
    assert supervisor.stdout.readline() == b"finished\n"
    pids(supervisor, 1)
    press_ctrl_c(supervisor)
    assert supervisor.wait(60) == 0


@pytest.fixture
def finishing(start, tmp_path):
    """One that is watched, whose child finishes because of a change, while there is a ``hold``."""
    (tmp_path / "side.py").write_text(SERVICE.replace('HOLD = ""', 'HOLD = "hold"'))
    (tmp_path / "hold").touch()
    supervisor = start("--reload", stderr=subprocess.PIPE)
    pids(supervisor, 1)
    (tmp_path / "other.py").touch()
    assert supervisor.stdout.readline() == b"stopping\n"
    return supervisor


@pytest.mark.slow
@pytest.mark.parametrize("whom", [os.killpg, os.kill])
def test_ctrl_c_lets_the_old_one_go_on_that_finishes_because_of_a_change(finishing, tmp_path, whom):
    await_hint(finishing)
    whom(finishing.pid, signal.SIGINT)
    await_hint(finishing)
    (tmp_path / "hold").unlink()
    assert finishing.wait(60) == 0
    assert finishing.stdout.read() == b"finished\n"


@pytest.mark.slow
def test_a_second_ctrl_c_ends_the_old_one_too(finishing):
    for _ in range(2):
        await_hint(finishing)
        press_ctrl_c(finishing)
    assert finishing.wait(60) == 128 + signal.SIGINT


@pytest.mark.slow
def test_one_that_cannot_start_is_started_again_when_it_changes(start, tmp_path):
    (tmp_path / "side.py").write_text("import nothing_of_this_name")
    supervisor = start("--reload")
    (tmp_path / "started").touch()
    (tmp_path / "side.py").write_text(SERVICE)
    pids(supervisor, 1)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("options", "count"), [(["--processes", "2"], 2), (["--reload"], 1)])
def test_none_goes_on_without_the_one_that_started_it(start, options, count):
    supervisor = start(*options)
    children = pids(supervisor, count)
    supervisor.kill()
    try:
        # The pipe is theirs too: it ends when the last of them does.
        said, _ = supervisor.communicate(timeout=30)
    finally:
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    assert said == b"finished\n" * count


@pytest.mark.slow
def test_one_that_is_killed_takes_the_others_along(supervisor):
    first, second = pids(supervisor)
    os.kill(first, signal.SIGKILL)
    assert supervisor.wait(60) == 128 + signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


@pytest.mark.slow
@pytest.mark.parametrize("dead", ["a process", "the one that started them"])
def test_ctrl_c_lets_those_go_on_that_finish_because_another_died(start, tmp_path, dead):
    (tmp_path / "side.py").write_text(SERVICE.replace('HOLD = ""', 'HOLD = "hold"'))
    (tmp_path / "hold").touch()
    supervisor = start("--processes", "2", stderr=subprocess.PIPE)
    first, _ = pids(supervisor)
    left = 1 if dead == "a process" else 2
    os.kill(first if dead == "a process" else supervisor.pid, signal.SIGKILL)
    for _ in range(left):
        await_hint(supervisor)
    press_ctrl_c(supervisor)
    for _ in range(left):
        await_hint(supervisor)
    (tmp_path / "hold").unlink()
    said, _ = supervisor.communicate(timeout=60)
    assert sorted(said.split()) == [b"finished"] * left + [b"stopping"] * left
