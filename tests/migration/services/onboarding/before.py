"""Onboarding: a channel by environment, signals by hand, user tasks that it does itself."""

import asyncio
import logging
import os
import signal

from pyzeebe import (
    Job,
    ZeebeWorker,
    create_camunda_cloud_channel,
    create_insecure_channel,
    create_oauth2_client_credentials_channel,
)

logging.basicConfig(level=os.getenv("LOG_LEVEL", "INFO"))
logger = logging.getLogger("onboarding")


def create_channel():
    if os.getenv("CAMUNDA_CLUSTER_ID"):
        return create_camunda_cloud_channel(
            client_id=os.environ["CAMUNDA_CLIENT_ID"],
            client_secret=os.environ["CAMUNDA_CLIENT_SECRET"],
            cluster_id=os.environ["CAMUNDA_CLUSTER_ID"],
            region=os.getenv("CAMUNDA_CLUSTER_REGION", "bru-2"),
        )
    if os.getenv("ZEEBE_AUTHORIZATION_SERVER_URL"):
        return create_oauth2_client_credentials_channel(
            grpc_address=os.environ["ZEEBE_ADDRESS"],
            client_id=os.environ["ZEEBE_CLIENT_ID"],
            client_secret=os.environ["ZEEBE_CLIENT_SECRET"],
            authorization_server=os.environ["ZEEBE_AUTHORIZATION_SERVER_URL"],
            audience=os.getenv("ZEEBE_TOKEN_AUDIENCE"),
        )
    return create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"])


async def beats(stopped: asyncio.Event):
    """The other thing that this process does."""
    while not stopped.is_set():
        try:
            await asyncio.wait_for(stopped.wait(), timeout=5)
        except asyncio.TimeoutError:
            logger.info("alive")


async def main():
    worker = ZeebeWorker(create_channel(), name="onboarding")

    @worker.task(task_type="create-account")
    async def create_account(person: dict, domain: str = "example.org"):
        return {"mail": f"{person['first'].lower()}@{domain}"}

    @worker.task(task_type="order-equipment")
    async def order_equipment(person: dict, mail: str, job: Job):
        return {"equipment": ["laptop", person.get("extra")], "orderedIn": job.bpmn_process_id}

    @worker.task(task_type="io.camunda.zeebe:userTask", timeout_ms=60_000)
    async def sign(job: Job):
        return {"signed": job.element_id}

    @worker.task(task_type="welcome-person")
    def welcome(mail, equipment=(), signed=False):
        return {"welcome": f"{mail} gets {len(equipment)} things", "signedAt": signed}

    stopped = asyncio.Event()

    async def stop():
        await stopped.wait()
        await worker.stop()

    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, stopped.set)
    await asyncio.gather(worker.work(), beats(stopped), stop())


if __name__ == "__main__":
    asyncio.run(main())
