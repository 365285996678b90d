"""One attempt of a handler with middlewares around it."""

import asyncio
from datetime import timedelta

from tests.support.waiting import PATIENCE

from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import CallNext, TaskHandlerConfig, WorkflowTask


async def run(handler, *middlewares, scope=None, resolver=None, **options):
    """The end of one attempt of a handler that has these middlewares."""
    config = TaskHandlerConfig(middleware=middlewares, retry_timeout=timedelta(hours=1), **options)
    environment = TaskEnvironment(resolver=resolver)
    async with asyncio.timeout(PATIENCE):
        return await environment.run(handler, scope=scope, config=config)


async def passing(task: WorkflowTask, call_next: CallNext):
    return await call_next(task)


async def nothing(task):
    return None
