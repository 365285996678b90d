"""Parameters as people write them: each is the variable of its name, and only these come."""

from __future__ import annotations

import functools
import inspect
import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, Field, PlainValidator
from tests.strangers.at_work import service

from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowTask

EVERYTHING = None


class Line(BaseModel):
    sku: str
    count: int = 1


class Total(BaseModel):
    total: Decimal = Field(alias="grandTotal")


class Colour(Enum):
    RED = "red"


@dataclass
class Record:
    sku: str


CLIENT = object()


async def save(invoice_id, amount=None, **rest):
    return {"saved": [invoice_id, amount], "left": rest}


async def test_the_habit_of_the_page_works_over_the_line():
    async with service(save) as play:
        outcome = await play({"invoice_id": "7", "amount": 3, "plan": "free", "note": None})
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert outcome.scope == {"saved": ["7", 3], "left": {"plan": "free", "note": None}}


def _fetched(handler, **config):
    builder = WorkflowBuilder("test", "embedded://")
    builder.with_handler("task", handler, TaskHandlerConfig(**config))
    fetch = builder.subscriptions[0].handler.fetch
    return EVERYTHING if fetch is None else set(fetch)


async def one(invoice_id, amount=None):
    return {"seen": [invoice_id, amount]}


async def beside_a_task(task: WorkflowTask, amount: Decimal):
    return {"seen": [task.scope["amount"], str(amount)]}


async def beside_a_model(total: Total, amount, task):
    return {"seen": [str(total.total), amount, sorted(task.scope)]}


async def beside_defaults(amount, client=CLIENT, clock=time.monotonic, record=Record("x")):  # noqa: B008
    return {"seen": [amount, client is CLIENT, clock is time.monotonic, record.sku]}


async def everything(**variables):
    return {"seen": variables}


async def task_alone(task, client=CLIENT):
    return {"seen": sorted(task.scope)}


async def aliased(
    order_id: Annotated[str, Field(alias="order-id")], class_: str = Field(alias="class")
):
    return {"seen": [order_id, class_]}


async def one_variable(order: Annotated[Line, Field(alias="order")]):
    return {"seen": order.sku}


async def unused_task(_task, amount):
    return {"seen": [isinstance(_task, WorkflowTask), amount]}


def unused(_, *, amount):
    return {"seen": [isinstance(_, WorkflowTask), amount]}


async def called_task(task: Annotated[Any, Field(alias="task")]):
    return {"seen": task}


async def called_task_too(task=Field(alias="task")):  # noqa: B008 - as pydantic has defaults
    return {"seen": task}


FETCHED = {
    "plain ones": (one, {"invoice_id", "amount"}),
    "beside a task": (beside_a_task, {"amount"}),
    "beside a model": (beside_a_model, {"amount", "grandTotal"}),
    "beside objects": (beside_defaults, {"amount"}),
    "the rest": (save, EVERYTHING),
    "everything": (everything, EVERYTHING),
    "a task alone": (task_alone, EVERYTHING),
    "other names": (aliased, {"order-id", "class"}),
    "a model as one variable": (one_variable, {"order"}),
    "a task that is not used": (unused_task, {"amount"}),
    "a task without a name": (unused, {"amount"}),
    "a task of a lambda": (lambda _: None, EVERYTHING),
    "a translation": (lambda amount, _=str: None, {"amount"}),
    "a variable that is called task": (called_task, {"task"}),
    "one that a default calls task": (called_task_too, {"task"}),
}


@pytest.mark.parametrize(("handler", "names"), FETCHED.values(), ids=FETCHED)
def test_only_what_is_declared_is_fetched(handler, names):
    assert _fetched(handler) == names


@pytest.mark.parametrize("handler", [called_task, called_task_too])
async def test_an_alias_makes_a_variable_of_a_parameter_called_task(handler):
    async with service(handler) as play:
        outcome = await play({"task": {"text": "call back"}})
    assert outcome.scope == {"seen": {"text": "call back"}}


@pytest.mark.parametrize("handler", [unused_task, unused])
async def test_a_task_that_is_not_used_may_be_called_so(handler):
    async with service(handler) as play:
        outcome = await play({"amount": 3})
    assert (outcome.message, outcome.scope) == ("", {"seen": [True, 3]})


def test_variables_of_the_configuration_come_besides():
    assert _fetched(one, variables=["plan"]) == {"invoice_id", "amount", "plan"}
    assert _fetched(save, variables=["plan"]) is EVERYTHING


UNFIT = {
    "a missing variable": (
        beside_a_task, {},
        "amount: the variable is missing, and parameter 'amount' has no default (missing)",
    ),
    "a missing variable of another name": (
        aliased, {"class": "a"},
        "order-id: the variable is missing, and parameter 'order_id' has no default (missing)",
    ),
    "null": (
        beside_a_task, {"amount": None},
        "amount: it is null, and parameter 'amount' neither allows None nor has a default (null)",
    ),
    "a wrong type": (
        beside_a_task, {"amount": "secret"},
        "amount: Input should be a valid decimal (decimal_parsing)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("handler", "scope", "line"), UNFIT.values(), ids=UNFIT)
async def test_what_does_not_fit_is_an_incident_that_names_it(handler, scope, line):
    async with service(handler) as play:
        outcome = await play(scope)
    assert outcome.kind == "incident"
    title = f"the scope does not fit the parameters of {handler.__name__}:"
    assert outcome.message == f"{title}\n{line}"


async def test_all_that_does_not_fit_is_named_at_once_without_values():
    async def handler(
        first, lines: list[Line], second, colour: Colour = Colour.RED, at: date = date.min
    ):
        pass

    scope = {"lines": [{"sku": "a", "count": "{secret}"}], "colour": "secret", "at": None}
    outcome = await TaskEnvironment().run(handler, scope=scope)
    assert outcome.kind == "incident"
    assert [line.partition(":")[0] for line in outcome.message.splitlines()[1:]] == [
        "first", "second", "lines.0.count", "colour",
    ]  # fmt: skip
    assert "secret" not in outcome.message


async def test_an_error_of_a_validator_names_the_variable_too():
    for value in ("x", None):
        outcome = await TaskEnvironment().run(_refused, scope={"plan": value})
        assert outcome.kind == "incident"
        assert "plan: Value error, no {braces} here (value_error)" in outcome.message


async def test_paths_and_choices_of_names_are_pydantics():
    async def handler(
        city: Annotated[str, Field(validation_alias=AliasPath("address", "city"))],
        name: Annotated[str, Field(validation_alias=AliasChoices("name", "fullName"))],
    ):
        return {"seen": [city, name]}

    assert _fetched(handler) == {"address", "name", "fullName"}
    scope = {"address": {"city": "a"}, "fullName": "b"}
    outcome = await TaskEnvironment().run(handler, scope=scope)
    assert outcome.scope == {"seen": ["a", "b"]}


async def rest_beside_all(
    task,
    total: Total,
    plan: Annotated[str, Field(alias="Plan")],
    amount=1,
    *,
    client=CLIENT,
    **rest,
):
    return {"left": rest}


async def test_the_rest_is_what_nobody_else_takes():
    scope = {"grandTotal": 1, "Plan": "a", "amount": 2, "more": 3, "order-id": 4}
    async with service(rest_beside_all) as play:
        outcome = await play(scope)
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert outcome.scope == {"left": {"more": 3, "order-id": 4}}


def wrapping(function):
    @functools.wraps(function)
    async def wrapper(*args, **named):
        return await function(*args, **named)

    return wrapper


class Handlers:
    async def pay(self, amount, **rest):
        return {"seen": amount, "left": sorted(rest)}

    @wrapping
    async def wrapped(self, amount, **rest):
        return {"seen": amount, "left": sorted(rest)}

    async def __call__(self, amount, **rest):
        return {"seen": amount, "left": sorted(rest)}


class Decorating:
    """A decorator that is a class, as asgiref's sync_to_async."""

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *args, **named):
        return self.function(*args, **named)


class Handling:
    async def handle(self, amount, **rest):
        return {"seen": amount, "left": sorted(rest)}


async def by_position(amount, /, **rest):
    return {"seen": amount, "left": sorted(rest)}


async def by_name(*, amount: int, **rest):
    return {"seen": amount, "left": sorted(rest)}


def blocking(amount, **rest):
    return {"seen": amount, "left": sorted(rest)}


async def limited(limit, amount, **rest):
    return {"seen": amount, "left": sorted(rest)}


class Session:
    def __call__(self):
        return "open"


def with_session(function):
    @functools.wraps(function)
    async def wrapper(*args, **named):
        return await function(*args, session=Session(), **named)

    return wrapper


async def test_a_class_with_a_default_is_left_to_the_decorator_that_gives_it():
    @with_session
    async def handler(amount, session: Session = None):
        return {"seen": [amount, session()]}

    assert _fetched(handler) == {"amount"}
    outcome = await TaskEnvironment().run(handler, scope={"amount": 3, "session": 4})
    assert (outcome.message, outcome.scope) == ("", {"seen": [3, "open"]})


SHAPES = {
    "a method": Handlers().pay,
    "a wrapped method": Handlers().wrapped,
    "an object that is called": Handlers(),
    "an object with handle": Handling(),
    "a decorator that is a class": Decorating(by_name),
    "positional only": by_position,
    "by name only": by_name,
    "in a thread": blocking,
    "wrapped": wrapping(by_name),
    "wrapped twice": wrapping(wrapping(by_name)),
    "a partial by position": functools.partial(limited, 9),
    "a partial by name": functools.partial(limited, limit=9),
    "a partial of a wrapper": functools.partial(wrapping(limited), 9),
}


@pytest.mark.parametrize("handler", SHAPES.values(), ids=SHAPES)
async def test_every_shape_of_handler_is_filled_whatever_variables_are_called(handler):
    names = {"self", "args", "named", "limit", "task", "function", "scope", "rest", "x"}
    outcome = await TaskEnvironment().run(handler, scope={"amount": 3, **dict.fromkeys(names, 1)})
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert outcome.scope["seen"] == 3
    # Those that Python itself cannot give beside a parameter of the same name may be left out.
    assert set(outcome.scope["left"]) >= names - {"self", "limit"}


def _refusing(value):
    raise ValueError("no {braces} here")


async def _refused(plan: Annotated[str, PlainValidator(_refusing)]):
    pass


def _written(job: WorkflowTask, amount: int):
    pass


def test_a_written_signature_says_what_its_function_does_not():
    def decorated(*args, **named):
        pass

    decorated.__signature__ = inspect.signature(_written, eval_str=True)
    handler = _bound(decorated)
    assert (handler.task_names, handler.fetch) == (("job",), ("amount",))


def _bound(handler, **options):
    builder = WorkflowBuilder("test", "embedded://", **options).with_handler("task", handler)
    return builder.subscriptions[0].handler
