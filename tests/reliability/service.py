"""A service in a process of its own: ``service.py MODE JOB_TYPE``; settings by environment."""

import asyncio
import contextlib
import os
import signal
import sys
import threading

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder
from workflow_runtime._worker import shutdown


def say(task):
    sys.stdout.write(f"{task.job.key}\n")
    sys.stdout.flush()


async def work(task):
    say(task)


async def die(task):
    say(task)
    os._exit(9)


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


WITHOUT_END = (stubborn, deaf, lent_thread, blocks_the_loop)
MODES = {each.__name__: each for each in (work, die, until_shutdown, hang, forked, *WITHOUT_END)}

if __name__ == "__main__":
    mode, job_type = sys.argv[1:]
    if mode == "blocks_the_loop":
        shutdown.BEYOND_GRACE = 1.0
    config = TaskHandlerConfig(max_unfinished=2)
    builder = WorkflowBuilder("service").with_handler(job_type, MODES[mode], config)
    if mode == "forked":
        serve_in_fork(builder)
    builder.serve()
