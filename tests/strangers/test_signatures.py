"""Whatever somebody writes as a handler is filled rightly, and awaited where it has to be."""

import asyncio
import functools
import inspect
import sys
from typing import Annotated, NewType, Optional

import pydantic
import pydantic.dataclasses
import pytest
from pydantic import BaseModel, Field, RootModel
from tests.strangers.at_work import service
from typing_extensions import TypeAliasType, TypedDict

from workflow_runtime import (
    WorkflowBuilder,
    WorkflowTask,
)


class Order(BaseModel):
    amount: int


class Line(TypedDict):
    amount: int


@pydantic.dataclasses.dataclass
class Record:
    amount: int


class Card(BaseModel):
    amount: int
    card: str


Alias = TypeAliasType("Alias", Order)
New = NewType("New", Order)


async def optional_scope(scope: Order | None = None):
    return {"seen": scope.amount}


async def optional_by_name(scope: Optional[Order]):  # noqa: UP045 - as many still write it
    return {"seen": scope.amount}


async def optional_task(task: WorkflowTask | None = None):
    return {"seen": task.scope["amount"]}


async def both_optional(scope: Order | None = None, task: WorkflowTask | None = None):
    return {"seen": scope.amount + task.scope["amount"] - 3}


async def annotated(scope: Annotated[Order, "what is ordered"]):
    return {"seen": scope.amount}


async def alias(scope: Alias):
    return {"seen": scope.amount}


async def new_type(scope: New):
    return {"seen": scope.amount}


async def either(scope: Card | Order):
    return {"seen": scope.amount}


async def typed_dict(scope: Line):
    return {"seen": scope["amount"]}


async def record(scope: Record):
    return {"seen": scope.amount}


async def root(scope: RootModel[dict[str, int]]):
    return {"seen": scope.root["amount"]}


async def text_annotation(scope: "Order | None" = None):
    return {"seen": scope.amount}


async def positional_only(scope: Order, task: WorkflowTask, /, *, step: int = 1):
    return {"seen": scope.amount if task.scope and step == 1 else None}


async def defaulted_field(scope: Order = Field(default=None)):  # noqa: B008 - a stranger's habit
    return {"seen": scope.amount}


def answering(function):
    @functools.wraps(function)
    def wrapper(*args, **named):
        return {"seen": 3}

    return wrapper


def scheduling(function):
    @functools.wraps(function)
    def wrapper(*args, **named):
        return asyncio.ensure_future(function(*args, **named))

    return wrapper


def renaming(function):
    @functools.wraps(function)
    def wrapper(order):
        return function(order)

    return wrapper


def by_name_only(function):
    @functools.wraps(function)
    def wrapper(**named):
        return function(**named)

    return wrapper


def awaiting(function):
    @functools.wraps(function)
    async def wrapper(*args, **named):
        found = function(*args, **named)
        return await found if inspect.isawaitable(found) else found

    return wrapper


def blocking(scope: Order):
    return {"seen": scope.amount}


def coroutine_of_a_def(scope: Order):
    return annotated(scope)


def future_of_a_def(scope: Order):
    return _Later({"seen": scope.amount})


class _Later:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return self.value


class Object:
    async def handle(self, scope: Order):
        return {"seen": scope.amount}

    @staticmethod
    async def fixed(scope: Order):
        return {"seen": scope.amount}

    @classmethod
    async def of_class(cls, scope: Order):
        return {"seen": scope.amount}

    raw = staticmethod(annotated)


class PlainCall:
    def __call__(self, scope: Order):
        return annotated(scope)


class Decorating:
    """A decorator that is a class, as `functools.update_wrapper` is meant for."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *args, **named):
        return self.function(*args, **named)


class BindingAsync:
    """A decorator that is a class and may stand before methods too, so it has `__get__`."""

    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner=None):
        return functools.partial(self.function, instance)

    async def __call__(self, scope: Order):
        return await self.function(scope)


class Binding(BindingAsync):
    def __call__(self, scope: Order):
        return self.function(scope)


class Holder:
    @BindingAsync
    async def handle(self, scope: Order):
        return {"seen": scope.amount}


async def with_limit(limit: int, scope: Order):
    return {"seen": min(limit, scope.amount)}


FILLED = {
    each.__name__: each
    for each in (
        optional_scope, optional_by_name, optional_task, both_optional, annotated, alias, new_type,
        either, typed_dict, record, root, text_annotation, positional_only, defaulted_field,
        blocking, coroutine_of_a_def, future_of_a_def,
    )
} | {
    "a wrapper that answers by itself": answering(annotated),
    "a wrapper that makes a task": scheduling(annotated),
    "a wrapper with names of its own": renaming(annotated),
    "a wrapper that takes names only": by_name_only(annotated),
    "an async wrapper of a def": awaiting(blocking),
    "a wrapper of a wrapper": answering(awaiting(annotated)),
    "an object with handle": Object(),
    "a static method": Object.fixed,
    "a static method, raw": Object.__dict__["raw"],
    "a class method": Object.of_class,
    "an object with a plain call": PlainCall(),
    "a decorator that is a class": Decorating(annotated),
    "a decorator that binds": BindingAsync(annotated),
    "a decorator that binds, with a plain call": Binding(annotated),
    "a method under a decorator that binds": Holder(),
    "a partial of a decorator that binds": functools.partial(BindingAsync(annotated)),
    "a partial by position": functools.partial(with_limit, 9),
    "a partial by name": functools.partial(with_limit, limit=9),
    "a partial that gives the scope": functools.partial(with_limit, 9, scope=Order(amount=3)),
    "a partial of an object": functools.partial(PlainCall()),
}  # fmt: skip


@pytest.mark.parametrize("handler", FILLED.values(), ids=FILLED)
async def test_what_can_be_filled_is_filled_and_awaited(handler):
    async with service(handler) as play:
        outcome = await play({"amount": 3})
    assert (outcome.kind, outcome.scope, outcome.message) == ("completed", {"seen": 3}, "")


def test_a_decorator_that_binds_is_called_on_the_loop():
    builder = WorkflowBuilder("test", "embedded://").with_handler("task", BindingAsync(annotated))
    assert builder.subscriptions[0].handler.is_async


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 marks functions as coroutines")
async def test_a_function_that_is_marked_as_a_coroutine_is_called_on_the_loop():
    def marked(scope: Order):
        return annotated(scope)

    builder = WorkflowBuilder("test", "embedded://").with_handler(
        "task", inspect.markcoroutinefunction(marked)
    )
    assert builder.subscriptions[0].handler.is_async
