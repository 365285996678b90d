"""With a resolver too, what pydantic makes of JSON is a variable, and other classes are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NewType

import pytest
from dishka import FromDishka, Provider, Scope, make_async_container
from pydantic import BaseModel, Field

from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import DishkaResolver, WorkflowTask

Key = NewType("Key", str)


class Mailer:
    name = "mailer"


@dataclass
class Limits:
    name: str


class Order(BaseModel):
    amount: int


def _resolver():
    provider = Provider(scope=Scope.REQUEST)
    provider.provide(Mailer)
    provider.provide(lambda: Limits("limits"), provides=Limits)
    provider.provide(lambda: Key("injected"), provides=Key)
    provider.provide(lambda: "injected", provides=str)
    provider.provide(lambda: [Mailer()], provides=list[Mailer])
    return DishkaResolver(make_async_container(provider))


async def beside_all(
    task: WorkflowTask, order: Order, plan: str, mailer: Mailer, limits: Limits, **rest
):
    return {"seen": [order.amount, plan, mailer.name, limits.name, sorted(rest)]}


async def classes_in_a_list(amount, mailers: list[Mailer]):
    return {"seen": [amount, mailers[0].name]}


async def new_type(plan: Key):
    return {"seen": plan}


async def marked(plan: FromDishka[Key], amount=None):
    return {"seen": [plan, amount]}


async def marked_text(plan: FromDishka[str]):
    return {"seen": plan}


async def record_by_alias(limits: Annotated[Limits, Field(alias="limits")]):
    return {"seen": limits.name}


async def records_in_a_list(several: list[Limits]):
    return {"seen": [each.name for each in several]}


GIVEN = {
    "all kinds": (beside_all, [3, "free", "mailer", "limits", ["several"]]),
    "a list of classes": (classes_in_a_list, [3, "mailer"]),
    "a new type": (new_type, "free"),
    "a new type that is marked": (marked, ["injected", 3]),
    "a text that is marked": (marked_text, "injected"),
    "a record by its alias": (record_by_alias, "given"),
    "a list of records": (records_in_a_list, ["given"]),
}


@pytest.mark.parametrize(("handler", "seen"), GIVEN.values(), ids=GIVEN)
async def test_the_annotation_decides_what_a_parameter_is(handler, seen):
    # Also under the names of dependencies, which are none of them.
    scope = {"amount": 3, "plan": "free", "mailer": 1, "limits": {"name": "given"}}
    outcome = await TaskEnvironment(resolver=_resolver()).run(
        handler, scope={**scope, "several": [{"name": "given"}]}
    )
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert outcome.scope == {"seen": seen}
