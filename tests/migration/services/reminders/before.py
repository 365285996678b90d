"""Reminders: handlers that talk to the engine by a client of the module."""

import asyncio
import os
from typing import Optional

from pyzeebe import Job, ZeebeClient, ZeebeWorker, create_insecure_channel
from pyzeebe.errors import BusinessError, MessageAlreadyExistsError

client: Optional[ZeebeClient] = None


async def answer(reminder_id: str, text: str) -> bool:
    """Whether it is news."""
    try:
        await client.publish_message(
            name="customer-answers",
            correlation_key=reminder_id,
            variables={"answer": text},
            time_to_live_in_milliseconds=60_000,
            message_id=f"answer-{reminder_id}",
        )
    except MessageAlreadyExistsError:
        return False
    return True


async def remind_customer(job: Job, reminderId: str, tries: int = 0, withdrawn: bool = False):
    if withdrawn:
        await client.cancel_process_instance(job.process_instance_key)
        return {"never": "seen"}
    if tries > 2:
        raise BusinessError("GIVEN_UP", f"{tries} times are enough")
    first = await answer(reminderId, "yes")
    second = await answer(reminderId, "no")
    return {"tries": tries + 1, "news": [first, second]}


async def close_reminder(answer: str, reminderId: str):
    return {"closed": f"{reminderId}: {answer}"}


async def main():
    global client
    channel = create_insecure_channel(grpc_address=os.environ.get("ZEEBE_ADDRESS"))
    client = ZeebeClient(channel)
    worker = ZeebeWorker(channel)
    worker.task(task_type="remind-customer")(remind_customer)
    worker.task(task_type="close-reminder")(close_reminder)
    await worker.work()


if __name__ == "__main__":
    asyncio.run(main())
