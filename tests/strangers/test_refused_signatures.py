"""What nobody can fill or run is refused at the builder: handler, parameter and remedy by name."""

import functools
import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import pytest
from pydantic import BaseModel, Field, Json, RootModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from workflow_runtime import (
    ConfigurationError,
    DependencyResolver,
    HandlerError,
    WorkflowBuilder,
    WorkflowTask,
)


class Order(BaseModel):
    amount: int


async def pay(scope: Order):
    pass


def blocking(scope: Order):
    pass


class Object:
    async def handle(self, scope: Order):
        pass


def wrapping(function):
    @functools.wraps(function)
    def wrapper(*args, **named):
        return function(*args, **named)

    return wrapper


def unwrapped(function):
    def wrapper(*args, **named):
        return function(*args, **named)

    return wrapper


async def positional(task, *args):
    pass


async def pages(task) -> AsyncIterator[dict]:
    yield {}


def steps(task):
    yield {}


class Depends:
    """As FastAPI and its like have it: a default that the framework replaces."""

    def __init__(self, function):
        self.function = function


async def depending(task, session=Depends(dict)):  # noqa: B008 - as above
    pass


async def depending_scope(order: Order = Depends(Order)):  # noqa: B008 - as above
    pass


async def depending_by_annotation(session: Annotated[str, Depends(dict)]):
    pass


class Query(FieldInfo):
    """As FastAPI has it: a field of pydantic that the framework reads from the request."""


async def query(task, limit: int = Query(default=3)):
    pass


async def query_by_annotation(limit: Annotated[int, Query()]):
    pass


async def query_with_default(limit: Annotated[int, Query()] = 3):
    pass


async def example(order: {"amount": 3}):  # noqa: F821 - no forward reference
    pass


async def listed(scope: RootModel[list[int]]):
    pass


async def text(scope: Json[Order]):
    pass


async def bare(scope: BaseModel):
    pass


@dataclass
class Plain:
    amount: int


class Pair(NamedTuple):
    amount: int


async def plain_dataclass(scope: Plain):
    pass


async def named_tuple(scope: Pair):
    pass


async def plain_dataclass_or_none(scope: Plain | None = None):
    pass


class Plugin:
    pass


async def plugins(found: list[Plugin]):
    pass


async def kind(kind: type[Plugin]):
    pass


async def factory(make: Callable[[], str]):
    pass


class Config(BaseSettings):
    amount: int = 3


async def settings(config: Config):
    pass


class Unfinished(BaseModel):
    later: "NowhereToBeFound"  # noqa: F821 - on purpose


async def unfinished(scope: Unfinished):
    pass


async def mixed(scope: Order | WorkflowTask):
    pass


def wrapped_in_less(function):
    @functools.wraps(function)
    def wrapper():
        return function()

    return wrapper


async def pattern(name: Annotated[str, Field(pattern="(")]):
    pass


async def two_of_one_name(order: Order, amount: int):
    pass


class ByAlias(BaseModel):
    amount: int = Field(alias="grandTotal")


async def two_of_one_alias(order: ByAlias, total: Annotated[int, Field(alias="grandTotal")]):
    pass


async def two_parameters(plan, name: Annotated[str, Field(alias="plan")]):
    pass


async def nameless(name: Annotated[str, Field(alias="")]):
    pass


async def task_behind_a_default(step=Plugin, task: WorkflowTask = None, /):
    pass


async def waiting(task):
    pass


STARS = r"all of them by \*\*variables; a decorator's wrapper needs functools.wraps"
REFUSED = {
    "a wrapper without wraps": (unwrapped(pay), rf"parameter '\*args' .* {STARS}"),
    "positions": (positional, r"parameter '\*args' cannot be filled"),
    "an async generator": (pages, "is a generator, whose body would never run: return one"),
    "a generator": (steps, "is a generator, whose body would never run: return one result"),
    "a wrapped generator": (wrapping(pages), "is a generator"),
    "a cached function": (functools.lru_cache(blocking), "is cached .*cache a function that the"),
    "a cached coroutine": (functools.cache(pay), "is cached .*another job's result"),
    "a default of another framework": (depending, r"'session' .*Depends\(\.\.\.\), which belongs"),
    "a model by another framework": (depending_scope, r"'order' .*Depends\(\.\.\.\)"),
    "a mark of another framework": (depending_by_annotation, "'session' cannot be filled"),
    "a parameter of a web framework": (query, r"'limit' .*Query\(\.\.\.\), which belongs to"),
    "a mark of a web framework": (query_by_annotation, r"'limit' .*Query\(\.\.\.\), which bel"),
    "such a mark with a default": (
        query_with_default,
        r"'limit' .*Query\(\.\.\.\).*its type alone",
    ),
    "an example instead of a type": (example, "'order' cannot be filled; annotate it as Workflow"),
    "a list": (listed, r"'scope' .*object of variables, and RootModel\[list\[int\]\] takes none"),
    "a model within a text": (text, "'scope' .*object of variables, and Order takes none"),
    "a model of nothing": (bare, "'scope' is a BaseModel, which has no fields: write a model"),
    "a plain dataclass": (plain_dataclass, "'scope' .*make it a pydantic model, or decorate"),
    "a plain dataclass that nobody fills": (plain_dataclass_or_none, r"Annotated\[Plain, Field\("),
    "objects of the program": (plugins, "'found' cannot be filled; .*give the builder a resolver"),
    "a class itself": (kind, "'kind' cannot be filled; .*give the builder a resolver"),
    "a function": (factory, "'make' cannot be filled; .*give the builder a resolver"),
    "a pattern that is none": (pattern, "'name' cannot be filled: pydantic cannot use its annotat"),
    "a field and a parameter": (
        two_of_one_name,
        "variable 'amount' is parameter 'amount' and a field of parameter 'order'.*remove the",
    ),
    "a field and a parameter by alias": (two_of_one_alias, "'grandTotal' is parameter 'total'"),
    "two parameters of one name": (two_parameters, "'plan' and 'name' are both .*variable 'plan'"),
    "an empty name": (nameless, "the alias of parameter 'name' is empty"),
    "a named tuple": (named_tuple, "'scope' .*make it a pydantic model"),
    "settings": (settings, "'config' cannot be filled; .*give the builder a resolver"),
    "a model that is not finished": (unfinished, "'scope' .*pydantic cannot use Unfinished"),
    "task or scope": (mixed, "'scope' cannot be filled; annotate it as WorkflowTask or as a"),
    "a wrapper that takes less": (wrapped_in_less(pay), r"called with \['scope'\].*\*args"),
    "a position behind a default": (
        task_behind_a_default,
        "'task' comes behind a default and before a '/'",
    ),
    "a method of the class": (Object.handle, r"parameter 'self' .*pass the method of an instance"),
    "a class": (Object, r"is a class: pass an instance, Object\(\.\.\.\)"),
    "a partial of a class": (functools.partial(Object), "is a class: pass an instance"),
    "a text": ("tasks:pay", "str is no function and has no method 'handle'"),
}


def _builder(**options):
    return WorkflowBuilder("test", "embedded://", **options)


@pytest.mark.parametrize(("handler", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_filled_is_refused_with_a_remedy(handler, sentence):
    with pytest.raises(HandlerError, match=sentence):
        _builder().with_handler("task", handler)


def test_a_handler_that_was_called_already_is_refused():
    called = waiting(None)
    with pytest.raises(HandlerError, match="'task' was called already: pass the function itself"):
        _builder().with_handler("task", called)
    called.close()


class Resolver(DependencyResolver):
    def for_job(self):
        raise NotImplementedError


@pytest.mark.parametrize(
    "name",
    [
        *("positions", "a default of another framework", "a parameter of a web framework"),
        *(
            "a mark of a web framework",
            "a list",
            "a method of the class",
            "a plain dataclass that nobody fills",
        ),
    ],
)
def test_a_resolver_changes_nothing_about_that(name):
    handler, _ = REFUSED[name]
    with pytest.raises(HandlerError, match="cannot be filled"):
        _builder(resolver=Resolver()).with_handler("task", handler)


@pytest.mark.parametrize(
    "handler",
    [settings, plain_dataclass, depending_by_annotation, plugins, kind, factory],
    ids=lambda each: each.__name__,
)
def test_what_a_resolver_may_know_is_left_to_it(handler):
    builder = _builder(resolver=Resolver()).with_handler("task", handler)
    (name,) = inspect.signature(handler).parameters
    assert [each for each, _ in builder.subscriptions[0].handler.wanted] == [name]


def test_a_container_of_dishka_is_no_resolver_and_says_what_makes_one():
    with pytest.raises(ConfigurationError, match=r"'for_job'.*DishkaResolver\(container\)"):
        _builder(resolver=object())
