"""One replica of a service, in a process: ``replica.py FOLDER``; settings by environment.

It writes a line of JSON when it is ready, and one for each notice. Its handler fails as long as
there is a file named ``broken`` in the folder, and names somebody in what it raises.
"""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder
from workflow_runtime.alerts import replicas

replicas.Pace = partial(replicas.Pace, follow=6.0, watch=40.0, lease=5.0, ending=3.0, turn=0.3)
folder = Path(sys.argv[1])


def say(*words):
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


def pay(task):
    if (folder / "broken").exists():
        raise ValueError(f"no card of {task.get_scope_variable('name')}")


class Ready:
    async def start(self, workflow):
        self.task = asyncio.create_task(self.wait(workflow))

    async def wait(self, workflow):
        while not workflow.health().ready:  # noqa: ASYNC110 - health has no event
            await asyncio.sleep(0.02)
        say("ready")

    async def stop(self):
        self.task.cancel()


builder = WorkflowBuilder("stories").with_process(folder / "*.bpmn").with_lifespan_hook(Ready())
builder.with_handler("order_pay", pay, TaskHandlerConfig(incident_max_retries=1))
builder.with_alerts(lambda notice: say(str(notice.kind), notice.title))
builder.serve()
