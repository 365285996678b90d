"""The test kit and a real worker over gRPC give one end: its kind, words, delay and variables."""

import asyncio
import dataclasses
import enum
import threading
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field
from tests.strangers.at_work import service
from tests.support.diagrams import one_task

from workflow_devkit.testing import TaskEnvironment, assert_that
from workflow_runtime import (
    BpmnError,
    DependencyResolver,
    HandlerError,
    Retry,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowBuilder,
    WorkflowIncident,
    WorkflowTask,
)
from workflow_runtime.gateway.errors import InvalidArgument

SCOPE = {"amount": 3, "plan": "gold", "day": "2024-02-29", "lines": [{"id": 1}], "none": None}
POLICY = RetryPolicy(timedelta(seconds=7), jitter=0, non_retryable=(LookupError,))


class Colour(enum.Enum):
    RED = "red"


class Order(BaseModel):
    amount: int


class Day(BaseModel):
    model_config = ConfigDict(strict=True)
    day: date


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: int
    plan: str


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Result(BaseModel):
    unit_price: Decimal = Field(alias="unitPrice")
    hidden: str = Field("x", exclude=True)

    @computed_field
    @property
    def total(self) -> Decimal:
        return self.unit_price * 2


@dataclasses.dataclass
class Parcel:
    weight: Decimal


def giving(value):
    async def handler():
        return value

    return handler


def raising(error):
    async def handler():
        raise error.with_traceback(None)  # it is raised twice

    return handler


async def sees(task):
    return dict(task.scope)


async def sees_by_model(order: Order, task: WorkflowTask):
    return {"seen": sorted(task.scope), "amount": order.amount}


async def asks_for_more(order: Order, task: WorkflowTask):
    return {"plan": task.get_scope_variable("plan")}


async def sees_all_by_model(scope: Open):
    return scope.model_dump()


async def forbids(scope: Forbidding):
    return scope.model_dump()


async def strict(scope: Day):
    return {"next": scope.day + timedelta(days=1)}


async def does_not_fit(scope: RootModel[dict[str, int]]):
    return scope.root


async def headers(task):
    return dict(task.headers) | {"retries": task.retries_left, "attempt": task.attempt}


async def times_out():
    async with asyncio.timeout(0):
        await asyncio.Event().wait()


async def fails_in_a_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(raising(BpmnError("lost", "no parcel", {"n": 1}))())


def in_a_thread(task: WorkflowTask):
    return {"thread": threading.current_thread().name.rpartition("_")[0], **task.scope}


def stops():
    raise StopIteration(3)


def leaves():
    raise SystemExit(3)


async def generates():
    return {"steps": (n for n in range(3))}


async def cancels_itself():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def cancelled_by_its_child():
    parent = asyncio.current_task()

    async def child():
        parent.cancel()

    async with asyncio.TaskGroup() as group:
        group.create_task(child())


async def raises_odd_code():
    raise BpmnError(402, "declined")


async def raises_odd_message():
    raise BpmnError("card", ValueError("declined"))


class Failing(Mapping):
    def __getitem__(self, name):
        raise LookupError(name)

    def __iter__(self):
        return iter(["a"])

    def __len__(self):
        return 1


def deep(levels):
    found = []
    for _ in range(levels):
        found = [found]
    return {"deep": found}


ENDS = {
    "nothing": giving(None),
    "an empty mapping": giving({}),
    "numbers": giving({"a": Decimal("1.10"), "b": 1.5, "c": 5.0, "d": True, "e": 2**63}),
    "a set and tuples": giving({"a": {1}, "b": (1, (2,)), "c": frozenset("x"), "d": range(2)}),
    "times": giving({"a": datetime(2024, 2, 29, tzinfo=UTC), "b": timedelta(seconds=90)}),
    "texts of a kind": giving({"a": UUID(int=7), "b": PurePosixPath("/tmp"), "c": b"x"}),
    "members of enums": giving({"a": Colour.RED, "b": [Colour.RED]}),
    "a model": giving(Result(unitPrice=Decimal("1.50"))),
    "models inside": giving({"order": Order(amount=3), "parcels": [Parcel(Decimal(2))]}),
    "a dataclass": giving(Parcel(Decimal("2.5"))),
    "a root model": giving(RootModel[dict[str, Decimal]]({"a": Decimal(1)})),
    "a generator inside": generates,
    "numbers as inner names": giving({"a": {1: "x", None: "y", 2.5: "z"}}),
    "numbers as names": giving({1: "x"}),
    "no number": giving({"a": float("nan")}),
    "infinity": giving({"a": [float("-inf")]}),
    "an object": giving({"a": object()}),
    "a list": giving([{"a": 1}]),
    "a text": giving("done"),
    "a truth": giving(True),
    "a root of a list": giving(RootModel[list[int]]([1])),
    "an integer beyond 64 bits": giving({"a": 2**64}),
    "a very long integer": giving({"a": -(10**400)}),
    "half a character": giving({"a": "\ud800"}),
    "a name of half a character": giving({"\udc00": 1}),
    "too large": giving({"a": "x" * (4 << 20)}),
    "all that it saw": sees,
    "a model's fields": sees_by_model,
    "what no model fetches": asks_for_more,
    "an open model": sees_all_by_model,
    "a model that forbids": forbids,
    "a strict model": strict,
    "a scope that does not fit": does_not_fit,
    "headers": headers,
    "a thread": in_a_thread,
    "stop iteration": stops,
    "an exit": leaves,
    "an exception": raising(ValueError("no such plan")),
    "an exception without text": raising(ConnectionError()),
    "not retryable": raising(KeyError("plan")),
    "a group of one": fails_in_a_group,
    "a group of two": raising(ExceptionGroup("both", [ValueError("a"), TypeError("b")])),
    "time is over": times_out,
    "cancelled by nobody": raising(asyncio.CancelledError()),
    "cancels itself": cancels_itself,
    "a child cancels it": cancelled_by_its_child,
    "two incidents": raising(ExceptionGroup("", [WorkflowIncident("a"), WorkflowIncident("b")])),
    "nested deeply": giving(deep(500)),
    "an odd code": raises_odd_code,
    "an odd message": raises_odd_message,
    "a lazy mapping that fails": giving(Failing()),
    "try again": raising(Retry(timedelta(hours=2), "closed")),
    "try again at once": raising(Retry(timedelta(0))),
    "an incident": raising(WorkflowIncident("a person has to look")),
    "an error for the diagram": raising(BpmnError("lost", "no parcel", {"at": date(2024, 2, 29)})),
    "an error with half a character": raising(BpmnError("lost", "\ud800")),
    "an error with an object": raising(BpmnError("lost", "no parcel", {"a": object()})),
    "an error beyond 64 bits": raising(BpmnError("lost", "no parcel", {"a": 2**64})),
    "a long message": raising(ValueError("x" * 20_000)),
}  # fmt: skip


async def both(handler, scope=SCOPE, config=None, **options):
    """The end of one job in the kit, and of one like it in a service."""
    config = config or TaskHandlerConfig(retry_policy=POLICY)
    resolver = options.pop("resolver", None)
    kit = TaskEnvironment(resolver=resolver)
    here = await kit.run(handler, scope=scope, config=config, **options)
    async with service(handler, config=config, resolver=resolver, **options) as play:
        return here, await play(scope)


@pytest.mark.parametrize("handler", ENDS.values(), ids=ENDS)
async def test_one_end(handler):
    here, there = await both(handler, headers={"carrier": "dhl"})
    assert here == there


@pytest.mark.parametrize(
    ("config", "retries"),
    [
        (TaskHandlerConfig(retry_policy=POLICY), 1),
        (TaskHandlerConfig(retry_policy=POLICY, incident_max_retries=1), 5),
        (TaskHandlerConfig(retry_policy=POLICY, incident_max_retries=9), 2),
        (TaskHandlerConfig(retry_timeout=timedelta(minutes=3)), 3),
        (TaskHandlerConfig(retry_policy=POLICY, variables=["plan"]), 3),
    ],
    ids=["last", "at once", "more than the diagram", "a fixed wait", "variables"],
)
@pytest.mark.parametrize("handler", [ENDS["an exception"], sees, sees_by_model, asks_for_more])
async def test_one_end_by_the_same_configuration(handler, config, retries):
    here, there = await both(handler, config=config, retries=retries)
    assert here == there


async def test_what_fails_in_production_is_green_nowhere():
    expected = {
        "numbers as names": "the handler's result is no JSON object: names of variables must be",
        "no number": "the handler's result is no JSON object: ",
        "an object": "the handler's result is no JSON object: ",
        "an integer beyond 64 bits": "CompleteJob was refused: ",
        "too large": "CompleteJob was refused: ",
    }
    for name, words in expected.items():
        outcome = await TaskEnvironment().run(ENDS[name])
        assert outcome.kind == "incident", name
        assert outcome.message.startswith(words), name


async def test_the_kit_shows_what_the_engine_has():
    outcome = await TaskEnvironment().run(
        giving({"price": Decimal("1.10"), "tags": {"new"}, "at": date(2024, 2, 29), "of": (1, 2)})
    )
    assert outcome.scope == {"price": "1.10", "tags": ["new"], "at": "2024-02-29", "of": [1, 2]}


async def test_the_kit_gives_a_handler_what_it_would_fetch():
    async def by_model(order: Order, task: WorkflowTask):
        return {"seen": sorted(task.scope)}

    outcome = await TaskEnvironment().run(by_model, scope=SCOPE)
    assert outcome.scope == {"seen": ["amount"]}
    wider = TaskHandlerConfig(variables=["plan", "unknown"])
    outcome = await TaskEnvironment().run(by_model, scope=SCOPE, config=wider)
    assert outcome.scope == {"seen": ["amount", "plan"]}


async def test_the_scope_of_a_test_is_json_for_the_handler_too():
    async def kinds(task):
        return {name: type(value).__name__ for name, value in task.scope.items()}

    given = {"price": Decimal("1.10"), "tags": {"a"}, "of": (1,), "order": Order(amount=3)}
    outcome = await TaskEnvironment().run(kinds, scope=given)
    assert outcome.scope == {"price": "str", "tags": "list", "of": "list", "order": "dict"}


@pytest.mark.parametrize("scope", [{"a": object()}, {"a": float("nan")}, {"a": 2**64}])
async def test_a_scope_that_no_process_can_have_is_the_tests_own_mistake(scope):
    with pytest.raises(InvalidArgument):
        await TaskEnvironment().run(sees, scope=scope)


async def test_the_kit_refuses_the_handlers_that_the_builder_refuses():
    async def handler(*variables):
        pass

    with pytest.raises(HandlerError, match=r"'\*variables' cannot be filled"):
        await TaskEnvironment().run(handler)


class Mailer:
    pass


class Mailers(DependencyResolver):
    def __init__(self, found):
        self.found, self.closed = found, 0

    @asynccontextmanager
    async def for_job(self):
        async def get(kind: Any):
            if isinstance(self.found, Exception):
                raise self.found.with_traceback(None)
            return self.found

        try:
            yield get
        finally:
            self.closed += 1


@pytest.mark.parametrize("found", [Mailer(), ConnectionError("no mail today"), BpmnError("mail")])
async def test_dependencies_come_and_fail_the_same_way(found):
    async def handler(order: Order, mailer: Mailer):
        return {"amount": order.amount, "mailer": type(mailer).__name__}

    resolver = Mailers(found)
    here, there = await both(handler, resolver=resolver)
    assert here == there
    assert resolver.closed == 2


@pytest.mark.parametrize("handler", ENDS.values(), ids=ENDS)
async def test_one_end_in_a_process_of_a_test_too(process_environment, tmp_path, handler):
    path = tmp_path / "process.bpmn"
    path.write_bytes(one_task("process", "task", "task", "retries=3 header.carrier=dhl").content)
    config = TaskHandlerConfig(retry_policy=POLICY)
    builder = WorkflowBuilder("test", "embedded://").with_process(path)
    builder.with_handler("task", handler, config)
    kit = await TaskEnvironment().run(
        handler, scope=SCOPE, config=config, headers={"carrier": "dhl"}
    )
    async with process_environment(builder) as process:
        instance = await process.start("process", SCOPE)
        await process.wait_idle()
        if kit.kind == "completed":
            assert_that(instance).is_completed().has_scope(**kit.scope)
        elif kit.kind == "incident":
            assert assert_that(instance).has_incident("task").message == kit.message
        elif kit.kind == "bpmn_error":
            assert_that(instance).has_incident(message=kit.code)
        elif kit.delay:
            assert_that(instance).is_waiting_at("task").has_no_incident()
        else:
            # Tried at once, it has used up its attempts by now.
            assert_that(instance).has_incident("task", message=kit.message)
