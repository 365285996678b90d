"""One intention to stop is heard once, whoever passes it on; forked children hear their own."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.support.commands import environment

ROOT = Path(__file__).resolve().parents[2]
SERVICE = [sys.executable, str(Path(__file__).with_name("signalled.py"))]
SIDE_BY_SIDE = ["run", "tests.strangers.signalled:build", "--processes", "2"]
# A job in the background, as of CI, leaves SIGINT ignored, and Python keeps that.
WORKFLOW = [
    sys.executable,
    "-c",
    "import signal as s; s.signal(s.SIGINT, s.SIG_DFL); import workflow_runtime.cli as c; c.main()",
]


@pytest.fixture
def start(tmp_path):
    """Starts a command in a process group of its own; what it prints can be read."""
    path = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    with ExitStack() as stack:

        def run(*command, drain=0.1, **options):
            env = environment(PYTHONPATH=path, DRAIN=drain)
            given = {"stdout": subprocess.PIPE, "process_group": 0, "text": True, **options}
            process = stack.enter_context(subprocess.Popen(command, cwd=tmp_path, env=env, **given))
            stack.callback(process.kill)
            return process

        yield run


def heard(process, *words, lines=100):
    """Reads until each of the words has come, in any order; the pids that were told before."""
    wanted, pids = list(words), []
    for _ in range(lines):
        line = process.stdout.readline()
        assert line, f"it ended without {wanted}"
        if line.startswith("pid "):
            pids.append(int(line.split()[1]))
        if line.strip() in wanted:
            wanted.remove(line.strip())
        if not wanted:
            break
    return pids


def await_hints(process, count):
    """Returns when so many services take the next signal for a second one."""
    for _ in range(count):
        while "ends it at once" not in (line := process.stderr.readline()):
            assert line, "it ended"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_service_that_is_still_being_built_ends_well(start, number):
    service = start(*SERVICE, "building")
    heard(service, "building")
    service.send_signal(number)
    assert service.wait(30) == 0


@pytest.mark.slow
def test_a_hook_that_never_starts_does_not_keep_the_service_from_draining(start):
    service = start(*SERVICE, "starting")
    heard(service, "starting")
    service.send_signal(signal.SIGTERM)
    assert service.wait(30) == 0
    assert service.stdout.read() == "finished\n"


@pytest.mark.slow
def test_a_log_that_cannot_be_written_does_not_keep_the_service_from_draining(start, monkeypatch):
    monkeypatch.setenv("BROKEN_LOG", "1")
    service = start(*SERVICE, "working", stderr=subprocess.DEVNULL)
    heard(service, "working")
    service.send_signal(signal.SIGTERM)
    assert service.wait(30) == 0
    assert service.stdout.read() == "worked\nfinished\n"


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [["SIGTERM", "SIGTERM"], ["SIGTERM", "SIGHUP"], ["SIGHUP"]])
def test_one_delivery_is_one_intention_whoever_passes_it_on(start, numbers):
    service = start(*SERVICE, "working", drain=0.5)
    heard(service, "working")
    for name in numbers:
        # `uv run` and `timeout` pass on what the whole group got; systemd adds SIGHUP.
        service.send_signal(signal.Signals[name])
        time.sleep(0.1)  # else they would be pending together, and one for Python
    assert service.wait(30) == 0
    assert service.stdout.read() == "worked\nfinished\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_later_ends_at_once(start, number):
    service = start(*SERVICE, "working", stderr=subprocess.PIPE, drain=1000)
    heard(service, "working")
    service.send_signal(signal.SIGTERM)
    await_hints(service, 1)
    service.send_signal(number)
    assert service.wait(10) == 128 + number


@pytest.mark.slow
def test_what_is_said_of_a_signal_is_said_of_no_job(start):
    service = start(*SERVICE, "in_the_way", stderr=subprocess.PIPE)
    heard(service, "working")
    service.send_signal(signal.SIGTERM)
    _, errors = service.communicate(timeout=30)
    (line,) = [each for each in map(json.loads, errors.splitlines()) if "drain" in each["message"]]
    assert "job_key" not in line


@pytest.mark.slow
def test_a_control_group_that_is_told_as_a_whole_drains(start):
    parent = start(*WORKFLOW, *SIDE_BY_SIDE, stderr=subprocess.PIPE, drain=2)
    children = heard(parent, "working", "working")
    # The parent is late: what it passes on must be no second signal.
    parent.send_signal(signal.SIGSTOP)
    for each in (parent.pid, *children):
        os.kill(each, signal.SIGTERM)
    await_hints(parent, 2)
    parent.send_signal(signal.SIGCONT)
    assert parent.wait(30) == 0
    assert sorted(parent.stdout.read().split()) == ["finished"] * 2 + ["worked"] * 2


@pytest.mark.slow
def test_a_second_signal_to_the_parent_alone_ends_its_children_at_once(start):
    parent = start(*WORKFLOW, *SIDE_BY_SIDE, stderr=subprocess.PIPE, drain=1000)
    heard(parent, "working", "working")
    parent.send_signal(signal.SIGTERM)
    await_hints(parent, 2)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(10) == 128 + signal.SIGTERM


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "end"),
    [
        ("spawn", "-15"),
        ("fork", "-15"),
        ("forkserver", "-15"),
        ("terminated_command", "-15"),
        ("handlers_of_a_child", "0"),
        ("child_that_exits", "3"),
        ("child_of_a_thread", "0"),
        ("broken_pool", "BrokenProcessPool"),
    ],
)
def test_a_child_of_a_handler_ends_as_any_process_and_its_parent_goes_on(start, mode, end):
    service = start(*SERVICE, mode)
    heard(service, end)
    assert service.poll() is None
    service.send_signal(signal.SIGTERM)
    assert service.wait(30) == 0
    assert service.stdout.read() == "finished\n"


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["kept_fork", "kept_spawn"])
def test_a_pool_that_leaves_signals_to_the_service_finishes_though_the_group_is_told(start, mode):
    service = start(*SERVICE, mode)
    heard(service, "computing")
    os.killpg(service.pid, signal.SIGTERM)
    assert service.wait(30) == 0
    assert service.stdout.read() == "computed\nfinished\n"


@pytest.mark.slow
def test_a_service_that_nobody_reads_drains_too(start):
    service = start(*SERVICE, "working", stderr=subprocess.DEVNULL)
    heard(service, "working")
    service.stdout.close()
    service.send_signal(signal.SIGTERM)
    assert service.wait(30) == 0


@pytest.mark.slow
def test_ctrl_z_stops_all_processes_and_ctrl_c_drains_them(start):
    terminal, inside = pty.openpty()
    # A session of its own: then it takes the terminal as its own when it opens it.
    parent = start(
        sys.executable,
        "-c",
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "os.execv(sys.argv[1], sys.argv[1:])",
        *WORKFLOW,
        *SIDE_BY_SIDE,
        stdin=inside,
        start_new_session=True,
        process_group=None,
    )
    os.close(inside)
    children = heard(parent, "working", "working")
    os.write(terminal, b"\x1a")
    # An orphaned group is not stopped by its terminal (POSIX): that all are in it is what counts.
    assert {os.getpgid(each) for each in children} == {parent.pid}
    os.write(terminal, b"\x03")
    assert parent.wait(30) == 0
    with suppress(OSError):
        os.close(terminal)
    assert sorted(parent.stdout.read().split()) == ["finished"] * 2 + ["worked"] * 2
