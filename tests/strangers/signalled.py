"""A service in a process of its own that says what becomes of it: ``signalled.py MODE``."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from loguru import logger
from tests.support.diagrams import one_task

from workflow_runtime import WorkflowBuilder, WorkflowSettings, serve

DRAIN = float(os.environ.get("DRAIN", "0.1"))


def say(text):
    os.write(1, f"{text}\n".encode())  # one write: processes share the pipe


def sleep_for_ever():
    time.sleep(1000)


async def until_shutdown(task):
    say("working")
    await task.shutdown.wait()
    await asyncio.sleep(DRAIN)
    say("worked")


async def in_the_way(task):
    say("working")
    time.sleep(2)  # noqa: ASYNC251 - so that the signal comes while this job's code runs
    say("worked")


async def say_end_of(child):
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    say(os.waitstatus_to_exitcode(status))


async def terminated_child(task, method):
    child = multiprocessing.get_context(method).Process(target=sleep_for_ever)
    child.start()
    child.terminate()
    await asyncio.to_thread(child.join)
    say(child.exitcode)


async def handlers_of_a_child(task):
    if (child := os.fork()) == 0:
        names = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)]
        os._exit(0 if names == [signal.SIG_DFL] * 2 else 1)
    await say_end_of(child)


async def child_that_exits(task):
    if (child := os.fork()) == 0:
        sys.exit(3)
    await say_end_of(child)


def child_of_a_thread(task):
    if (child := os.fork()) == 0:
        return  # it forgot to end
    say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


async def broken_pool(task):
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork"))
    running = pool.submit(sleep_for_ever)
    for worker in list(pool._processes.values()):
        worker.terminate()
    say(type(await asyncio.to_thread(running.exception)).__name__)


def leave_signals_to_the_service():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def compute():
    say("computing")
    time.sleep(1)
    return "computed"


async def kept_pool(task, method):
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, context, leave_signals_to_the_service) as pool:
        say(await asyncio.get_running_loop().run_in_executor(pool, compute))


def terminated_command(task):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"]) as child:
        child.terminate()
    say(child.returncode)


class Begin:
    """Starts the one instance; MODE says whether it ever comes to that."""

    def __init__(self, mode):
        self.mode = mode

    async def start(self, workflow):
        say(f"pid {os.getpid()}")
        say("starting")
        if self.mode == "starting":
            await asyncio.sleep(1000)
        self.task = asyncio.create_task(workflow.start_process("p", {}))

    async def stop(self):
        say("finished")


CHILDREN = {
    "spawn": lambda task: terminated_child(task, "spawn"),
    "fork": lambda task: terminated_child(task, "fork"),
    "forkserver": lambda task: terminated_child(task, "forkserver"),
    "kept_fork": lambda task: kept_pool(task, "fork"),
    "kept_spawn": lambda task: kept_pool(task, "spawn"),
    **{
        each.__name__: each
        for each in (
            in_the_way,
            handlers_of_a_child,
            child_that_exits,
            child_of_a_thread,
            broken_pool,
            terminated_command,
        )
    },
}


def build(mode="working"):
    if mode == "building":
        say("building")
        time.sleep(1000)
    settings = WorkflowSettings(address="embedded://", service_name="x")
    builder = WorkflowBuilder("x", settings=settings).with_lifespan_hook(Begin(mode))
    diagram = one_task("p", "work", "work")
    Path("p.bpmn").write_bytes(diagram.content)
    builder.with_process("p.bpmn")
    return builder.with_handler("work", CHILDREN.get(mode, until_shutdown))


def break_the_log(_message):
    raise OSError("disk full")


if __name__ == "__main__":
    mode = sys.argv[1]
    if "BROKEN_LOG" in os.environ:
        logger.add(break_the_log, catch=False, level="INFO", filter="workflow_runtime._worker")
    serve(lambda: build(mode))
