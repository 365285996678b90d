"""A service whose handler leaves the process in the way that its argument names."""

import asyncio
import sys
from datetime import timedelta

from workflow_runtime import WorkflowBuilder


async def fall(error):
    raise error


async def child(error):
    asyncio.create_task(fall(error))  # noqa: RUF006 - as people write it
    await asyncio.sleep(60)


async def child_and_return(error):
    asyncio.create_task(fall(error))  # noqa: RUF006 - as people write it
    return {"a": 1}


async def group(error):
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fall(error))
        await asyncio.sleep(60)


async def gather(error):
    await asyncio.gather(fall(error), asyncio.sleep(60))


async def callback(error):
    def strike():
        raise error

    asyncio.get_running_loop().call_soon(strike)
    await asyncio.sleep(60)


async def stop(_):
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0)
    return {"a": 1}


async def executor(error):
    def strike():
        raise error

    await asyncio.to_thread(strike)


async def itself(error):
    raise error


def main(way, kind=""):
    error = {"SystemExit": SystemExit(3), "KeyboardInterrupt": KeyboardInterrupt()}.get(kind)
    builder = WorkflowBuilder()

    @builder.task("slow_work")
    async def slow(task):
        sys.stdout.write("slow\n")
        sys.stdout.flush()
        await task.shutdown.wait()
        await asyncio.sleep(0.2)
        return {"finished": True}

    @builder.task("leaving_work", retry_timeout=timedelta(hours=1))
    async def leave(task):
        return await globals()[way](error)

    builder.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
