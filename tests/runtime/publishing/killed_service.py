"""A service that writes orders with their events and sends them, and dies where it is told.

Arguments: database URL, outbox table, orders table, gateway address, step, which time, and
optionally a name for its events: then it says when it has written them.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta

from sqlalchemy import text

from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.zeebe import ZeebeGateway
from workflow_runtime.publishing.outbox import Outbox, outbox_table, relay
from workflow_runtime.publishing.outbox.store import Store

DATABASE, TABLE, ORDERS, ADDRESS, STEP, TIME, NAME = [*sys.argv[1:], ""][:7]
EVENTS = [(f"{NAME}e{number}", f"{NAME}k{number % 2}") for number in range(6)]
left = iter(range(int(TIME) - 1, -1, -1))


def die_at(step):
    if step == STEP and next(left) == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def dying(owner, method, after):
    inner = getattr(owner, method)

    async def call(*args, **named):
        result = await inner(*args, **named)
        if result != []:  # a claim that found nothing is no step
            die_at(after)
        return result

    setattr(owner, method, call)


async def write(outbox):
    for name, key in EVENTS:
        async with outbox.engine.begin() as connection:
            await connection.execute(
                text(f"INSERT INTO {ORDERS} (name) VALUES (:name)"), {"name": name}
            )
            await outbox.publish(connection, name, correlation_key=key)
            die_at("before commit")
        die_at("after commit")


async def main():
    # Few at once, so that there is a second and a third time.
    relay._BATCH = 2
    dying(Store, "claim", "after claim")
    dying(ZeebeGateway, "publish_message", "after sending")
    dying(Store, "settle", "after marking")
    outbox = Outbox(DATABASE, table=outbox_table(name=TABLE))
    settings = WorkflowSettings(service_name="shop", address=ADDRESS)
    builder = WorkflowBuilder(settings=settings)
    # Short, so that another service takes over soon; far longer than one event takes.
    lease = timedelta(seconds=2)
    builder.with_outbox(outbox, interval=timedelta(milliseconds=20), lease=lease)
    async with builder.running():
        await write(outbox)
        sys.stdout.write("written\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


asyncio.run(main())
