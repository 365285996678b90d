"""A service in a process of its own: ``service.py MODE JOB_TYPE``; settings by environment."""

import asyncio
import os
import sys
import threading

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder


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


MODES = {each.__name__: each for each in (work, die, until_shutdown, hang, stubborn)}

if __name__ == "__main__":
    mode, job_type = sys.argv[1:]
    config = TaskHandlerConfig(max_unfinished=2)
    WorkflowBuilder("service").with_handler(job_type, MODES[mode], config).serve()
