"""A task does not take for missing what was never fetched: its handler's parameters say what is."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from pydantic import BaseModel, Field
from tests.strangers.at_work import service

from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import TaskHandlerConfig


class Total(BaseModel):
    total: Decimal = Field(alias="grandTotal")


NOT_FETCHED = "the variable 'plan' was not fetched with the job.*give the handler a parameter"


async def reading_behind_a_parameter(task, amount):
    return {"seen": task.get_scope_variable("plan")}


async def reading_with_a_default(task, amount):
    return {"seen": task.get_scope_variable("plan", "free")}


async def reading_behind_a_model(task, total: Total):
    return {"seen": task.get_scope_variable("plan", "free")}


async def reading_the_scope(task, amount):
    return {"seen": task.scope["plan"]}


async def reading_the_scope_with_a_default(task, amount):
    return {"seen": task.scope.get("plan", "free")}


async def looking_into_the_scope(task, amount):
    return {"seen": "plan" in task.scope}


def reading_in_a_thread(task, amount):
    return {"seen": task.get_scope_variable("plan", "free")}


READING = [
    reading_behind_a_parameter,
    reading_with_a_default,
    reading_behind_a_model,
    reading_the_scope,
    reading_the_scope_with_a_default,
    looking_into_the_scope,
    reading_in_a_thread,
]


@pytest.mark.parametrize("handler", READING, ids=lambda each: each.__name__)
async def test_what_was_not_fetched_is_not_taken_for_missing(handler):
    async with service(handler) as play:
        outcome = await play({"amount": 1, "grandTotal": 1, "plan": "paid"})
    assert outcome.kind == "incident"
    assert re.search(NOT_FETCHED, outcome.message)


@pytest.mark.parametrize("handler", READING, ids=lambda each: each.__name__)
async def test_what_the_configuration_fetches_can_be_read(handler):
    config = TaskHandlerConfig(variables=["plan"])
    scope = {"amount": 1, "grandTotal": 1, "plan": "paid"}
    outcome = await TaskEnvironment().run(handler, scope=scope, config=config)
    assert outcome.scope in ({"seen": "paid"}, {"seen": True})


async def test_a_variable_that_was_fetched_and_is_missing_has_its_default():
    async def handler(task, amount=None):
        in_scope = "amount" in task.scope
        return {"seen": [task.get_scope_variable("amount", 7), task.scope.get("amount"), in_scope]}

    outcome = await TaskEnvironment().run(handler)
    assert outcome.scope == {"seen": [7, None, False]}


async def test_a_list_of_the_configuration_alone_says_so_too():
    config = TaskHandlerConfig(variables=["amount"])

    async def handler(task):
        return {"seen": [dict(task.scope), task.get_scope_variable("plan", "free")]}

    outcome = await TaskEnvironment().run(handler, scope={"plan": "paid"}, config=config)
    assert (outcome.kind, "'plan' was not fetched" in outcome.message) == ("incident", True)


async def test_a_task_alone_sees_everything():
    async def handler(task):
        return {"seen": [task.get_scope_variable("plan"), task.scope.get("none", 1)]}

    outcome = await TaskEnvironment().run(handler, scope={"plan": "paid"})
    assert outcome.scope == {"seen": ["paid", 1]}
