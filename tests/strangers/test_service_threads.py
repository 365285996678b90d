"""A service in a thread beside a program without an event loop: its start, its end, its forks."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn
from tests.support.waiting import PATIENCE

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    CommandFailed,
    ConfigurationError,
    WorkflowBuilder,
    WorkflowSettings,
    WrongPlace,
    serve,
)

ROOT = Path(__file__).resolve().parents[2]
ORDER = bpmn("start begin\nservice work job=work\nend done\nbegin -> work -> done", "order")


@pytest.fixture
def builder(tmp_path):
    (tmp_path / "order.bpmn").write_bytes(ORDER)
    chosen = WorkflowSettings(service_name="beside", grace=timedelta(0))
    made = WorkflowBuilder(settings=chosen, gateway=EmbeddedGateway(Engine()))
    return made.with_process(tmp_path / "order.bpmn")


def threads():
    return [each.name for each in threading.enumerate() if each.name.startswith("workflow-")]


def test_a_program_without_an_event_loop_runs_processes(builder):
    names = []

    def work(task):
        names.append(threading.current_thread().name)
        return {"sum": task.get_scope_variable("a") + 1}

    with builder.with_handler("work", work).start_in_thread() as workflow:
        assert workflow.start_process_and_wait("order", {"a": 1}) == {"a": 1, "sum": 2}
        assert workflow.health().live
        assert threads() == ["workflow-beside"]
    assert threads() == []
    assert names[0].startswith("handler-work")


def test_a_second_start_is_refused_while_the_first_one_runs(builder):
    with builder.start_in_thread(), pytest.raises(ConfigurationError, match="runs already"):
        builder.start_in_thread()
    with builder.start_in_thread() as workflow:
        assert workflow.health().live


def test_a_service_that_was_stopped_says_so_and_stops_once_more(builder):
    workflow = builder.start_in_thread()
    assert workflow.stop() == 0
    assert workflow.stop() == 0
    with pytest.raises(CommandFailed, match="stopped"):
        workflow.start_process("order")
    assert not workflow.health().ready


class Hook:
    def __init__(self, error):
        self.error, self.stopped = error, False

    async def start(self, _):
        raise self.error

    async def stop(self):
        self.stopped = True


@pytest.mark.parametrize(
    "error", [OSError("no port"), ConfigurationError("no extra"), SystemExit(3)], ids=repr
)
def test_what_keeps_a_service_from_starting_is_raised_where_it_is_started(builder, error):
    hook = Hook(error)
    with pytest.raises(type(error), match=str(error)):
        builder.with_lifespan_hook(hook).start_in_thread()
    assert hook.stopped
    assert threads() == []


def test_a_missing_address_is_said_where_the_service_is_started():
    settings = WorkflowSettings(service_name="beside", require_address=True)
    with pytest.raises(ConfigurationError, match="ZEEBE_ADDRESS"):
        WorkflowBuilder(settings=settings).start_in_thread()


def test_an_exit_in_a_task_of_the_service_drains_it(builder):
    async def leave():
        raise SystemExit(3)

    async def work(task):
        tasks.append(asyncio.create_task(leave()))

    tasks = []
    workflow = builder.with_handler("work", work).start_in_thread()
    (thread,) = [each for each in threading.enumerate() if each.name == "workflow-beside"]
    workflow.start_process("order")
    thread.join(PATIENCE)
    assert threads() == []
    with pytest.raises(CommandFailed, match="stopped"):
        workflow.start_process("order")


async def test_serving_where_an_event_loop_runs_is_refused(builder):
    for run in (builder.serve, lambda: serve(lambda: builder)):
        with pytest.raises(WrongPlace, match=r"builder\.running\(\)"):
            run()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "code", "lines"),
    [
        ("at_exit", 0, ["told"]),
        ("by_sys_exit", 3, ["told"]),
        ("by_an_exception", 1, ["told"]),
        ("by_ctrl_c", -signal.SIGINT, ["told"]),
        ("interrupted_while_it_waits", 0, ["interrupted", "told"]),
        ("with_a_handler_that_never_ends", 1, []),
        ("forked", 0, [*["refused"] * 4, "told"]),
        ("forked_by_multiprocessing", 0, [*["refused"] * 4, "told"]),
        ("forked_by_a_pool", 0, [*["refused"] * 4, "told"]),
        ("started_once_more_in_a_fork", 0, ["works"]),
        ("started_in_a_fork_of_one_that_has_used_grpc", 0, ["True"]),
        ("served_in_a_thread", 0, ["True", "True"]),
        ("logs", 0, ["[]"]),
    ],
)
def test_a_program_ends_as_it_would_and_its_service_drains(program, code, lines, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.strangers.beside", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (sorted(done.stdout.split("\n")[:-1]), done.returncode) == (sorted(lines), code), (
        done.stderr
    )
