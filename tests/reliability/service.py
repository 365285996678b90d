"""A service in a process of its own: ``service.py MODE JOB_TYPE``; settings by environment."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder
from workflow_runtime._worker import shutdown, solo
from workflow_runtime._worker.attempts import attempt


def say(task):
    sys.stdout.write(f"{task.job.key}\n")
    sys.stdout.flush()


async def work(task):
    say(task)


async def die(task):
    say(task)
    os._exit(9)


async def poison_beside_slow(task):
    """Number 7 kills its process at once, the others take their time."""
    say(task)
    if task.get_scope_variable("n") == 7:
        os._exit(9)
    await asyncio.sleep(2)


def poison_in_threads(task):
    say(task)
    if task.get_scope_variable("n") == 7:
        os._exit(9)
    time.sleep(2)


async def slow(task):
    say(task)
    await asyncio.sleep(2)


async def until_shutdown(task):
    say(task)
    await task.shutdown.wait()
    return {"finished": True}


async def hang(task):
    say(task)
    await asyncio.Event().wait()


def stubborn(task):
    say(task)
    threading.Event().wait()


async def deaf(task):
    say(task)
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def lent_thread(task):
    say(task)
    await asyncio.to_thread(threading.Event().wait)


async def blocks_the_loop(task):
    say(task)
    threading.Event().wait()


async def forked(task):
    say(task)


def serve_in_fork(builder):
    child = os.fork()
    if child == 0:
        builder.serve()
    signal.signal(signal.SIGTERM, lambda number, _: os.kill(child, number))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


SUSPECTS = (poison_beside_slow, poison_in_threads, slow)
WITHOUT_END = (stubborn, deaf, lent_thread, blocks_the_loop)
MODES = {
    each.__name__: each
    for each in (work, die, until_shutdown, hang, forked, *SUSPECTS, *WITHOUT_END)
}

if __name__ == "__main__":
    mode, job_type = sys.argv[1:]
    if mode == "blocks_the_loop":
        shutdown.BEYOND_GRACE = 1.0
    if MODES[mode] in SUSPECTS:
        solo.QUIET, attempt.WINDOW = 0.5, 0.5
    config = TaskHandlerConfig(max_unfinished=2)
    builder = WorkflowBuilder("service").with_handler(job_type, MODES[mode], config)
    if mode == "forked":
        serve_in_fork(builder)
    builder.serve()
