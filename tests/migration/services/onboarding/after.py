"""Onboarding: a connection by environment, signals by hand, user tasks that it does itself."""

import asyncio
import logging
import signal

from workflow_runtime import WorkflowBuilder, WorkflowTask

logger = logging.getLogger("onboarding")
# CAMUNDA_CLUSTER_ID, ZEEBE_AUTHORIZATION_SERVER_URL or ZEEBE_ADDRESS: all are read.
builder = WorkflowBuilder("onboarding")
builder.with_process("process.bpmn").with_process("equipment.bpmn")


@builder.task("create-account")
async def create_account(person: dict, domain: str = "example.org"):
    return {"mail": f"{person['first'].lower()}@{domain}"}


@builder.task("order-equipment")
async def order_equipment(person: dict, mail: str, task: WorkflowTask):
    return {"equipment": ["laptop", person.get("extra")], "orderedIn": task.process_id}


@builder.task("io.camunda.zeebe:userTask")
async def sign(task: WorkflowTask):
    return {"signed": task.element_id}


@builder.task("welcome-person")
def welcome(mail, equipment=(), signed=False):
    return {"welcome": f"{mail} gets {len(equipment)} things", "signedAt": signed}


async def beats(stopped: asyncio.Event):
    """The other thing that this process does."""
    while not stopped.is_set():
        try:
            await asyncio.wait_for(stopped.wait(), timeout=5)
        except asyncio.TimeoutError:
            logger.info("alive")


async def main():
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, stopped.set)
    async with builder.running():
        await beats(stopped)


if __name__ == "__main__":
    asyncio.run(main())
