"""A replica of the chaos runs, as a process: ``chaos_service jobs|relay FOLDER``.

The engine, and for the relay the database, are in its environment. It adds a line to ``notes`` for
each call of a handler and for each command that it sends again.
"""

import asyncio
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.chaos_instances import is_declined, is_incident, is_tried_again

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder
from workflow_runtime.errors import BpmnError, Retry, WorkflowIncident
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox, outbox_table

JOB_TIMEOUT = timedelta(seconds=4)
LEASE = timedelta(seconds=5)


class Notes(Observer):
    """Lines that are on the disk before the process can be killed for what follows them."""

    def __init__(self, folder):
        self.file = os.open(folder / "notes", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def add(self, *words):
        os.write(self.file, (" ".join(map(str, words)) + "\n").encode())

    def command_resent(self, command, status):
        self.add("resent", command, status)

    def event_published(self, _name, outcome):
        self.add("event", outcome)


class Up:
    """Says that from now on there is something to break."""

    async def start(self, _workflow):
        print("up", flush=True)

    async def stop(self):
        pass


def add_jobs(builder, folder, notes):
    def begun(task):
        notes.add("run", task.job.key, os.getpid(), int(time.time() * 1000))
        return task.get_scope_variable("n")

    async def first(task):
        n = begun(task)
        await asyncio.sleep(n % 10 * 0.03)
        if is_declined(n):
            raise BpmnError("declined")

    async def second(task):
        n = begun(task)
        await asyncio.sleep(n % 7 * 0.05)
        if is_incident(n):
            raise WorkflowIncident("as meant")
        if is_tried_again(n) and task.attempt == 1:
            raise Retry(0.2, "as meant")

    config = TaskHandlerConfig(job_timeout=JOB_TIMEOUT)
    builder.with_process(folder / "chaos.bpmn")
    builder.with_handler("first", first, config).with_handler("second", second, config)


def add_relay(builder, _folder, _notes):
    outbox = Outbox(os.environ["DATABASE_URL"], table=outbox_table(name=os.environ["TABLE"]))
    builder.with_outbox(outbox, lease=LEASE, patience=timedelta(seconds=2))


if __name__ == "__main__":
    kind, folder = sys.argv[1], Path(sys.argv[2])
    notes = Notes(folder)
    builder = WorkflowBuilder("chaos").with_observer(notes)
    {"jobs": add_jobs, "relay": add_relay}[kind](builder, folder, notes)
    builder.with_lifespan_hook(Up())
    builder.serve()
