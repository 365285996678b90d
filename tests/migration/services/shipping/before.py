"""Shipping: routers in modules, decorators on every level."""

import asyncio
import dataclasses
import logging

import before_notify
from before_labels import router as labels
from pyzeebe import Job, ZeebeWorker, create_insecure_channel

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("shipping")


def log_job(job: Job) -> Job:
    log.info("begins: %s of %s", job.type, job.process_instance_key)
    return job


def with_customer(job: Job) -> Job:
    """Adds to what the handlers get."""
    customer = {"name": job.variables.get("customerName", "nobody").title()}
    return dataclasses.replace(job, variables={**job.variables, "customer": customer})


async def stamp(job: Job) -> Job:
    """Adds to what the handlers give."""
    job.task_result[f"{job.element_id}By"] = "shipping"
    return job


async def main():
    channel = create_insecure_channel()
    worker = ZeebeWorker(channel, before=[log_job, with_customer], stream_enabled=True)
    worker.after(stamp)
    worker.include_router(labels, before_notify.router)
    await worker.work()


if __name__ == "__main__":
    asyncio.run(main())
