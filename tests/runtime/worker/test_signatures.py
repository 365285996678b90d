"""Handlers of every shape are called with what they ask for; annotations are read late."""

from __future__ import annotations

import functools

import pytest
from pydantic import BaseModel

from workflow_runtime import WorkflowTask


class Order(BaseModel):
    amount: int


async def by_name(task):
    return {"seen": task.job.key}


async def postponed(given: WorkflowTask):
    return {"seen": given.job.key}


async def keyword_only(*, task: WorkflowTask):
    return {"seen": task.job.key}


async def positional_only(task: WorkflowTask, /):
    return {"seen": task.job.key}


async def default_first(step: int = 7, task: WorkflowTask = None):
    return {"seen": task.job.key if step == 7 else None}


async def default_behind(task: WorkflowTask, step: int = 7):
    return {"seen": task.job.key if step == 7 else None}


async def with_scope(order: Order, task: WorkflowTask):
    return {"seen": task.job.key if order.amount == 3 else None}


async def given_before(step, task: WorkflowTask):
    return {"seen": task.job.key if step == 7 else None}


async def nothing_asked():
    return {"seen": 1}


def threaded(task: WorkflowTask):
    return {"seen": task.job.key}


def coroutine_from_a_thread(task: WorkflowTask):
    return by_name(task)


class Service:
    async def method(self, task: WorkflowTask):
        return {"seen": task.job.key}

    async def __call__(self, task: WorkflowTask):
        return {"seen": task.job.key}


@pytest.mark.parametrize(
    "handler",
    [
        by_name,
        postponed,
        keyword_only,
        positional_only,
        default_first,
        default_behind,
        with_scope,
        functools.partial(given_before, 7),
        nothing_asked,
        threaded,
        coroutine_from_a_thread,
        Service().method,
        Service(),
    ],
    ids=lambda handler: getattr(handler, "__name__", type(handler).__name__),
)
async def test_a_handler_gets_what_its_signature_asks_for(build, gateway, new_job, handler):
    async with build(handler).running():
        gateway.offer(new_job(amount=3))
        assert await gateway.commands_seen(1) == [("complete", 1, {"seen": 1})]
