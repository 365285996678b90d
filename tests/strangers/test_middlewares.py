"""What people write around their handlers: each middleware has its part, and no job is lost."""

import asyncio
import contextvars
import functools
import json
import logging
import threading
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import BaseModel
from tests.strangers.around import nothing, passing, run
from tests.strangers.at_work import service
from tests.support.diagrams import one_task
from tests.support.logs import logs
from tests.support.waiting import PATIENCE

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    BpmnError,
    InvalidScope,
    Retry,
    WorkflowBuilder,
    WorkflowIncident,
)

USER = contextvars.ContextVar("user", default="nobody")


class Order(BaseModel):
    amount: int


class Receipt(BaseModel):
    number: int


def test_each_middleware_is_within_the_ones_before_it_whenever_they_were_registered():
    told = []

    def noting(name):
        async def note(task, call_next):
            told.append(f"{name}>")
            try:
                return await call_next(task)
            finally:
                told.append(f"<{name}")

        return note

    async def play():
        gateway = EmbeddedGateway(Engine())
        builder = WorkflowBuilder("shop", gateway=gateway).with_middleware(noting("a"))

        @builder.task("one", middleware=[noting("own"), noting("inner")])
        async def one(task):
            told.append("handler")

        # After the handler: they are around it all the same.
        builder.with_middleware(noting("b"), noting("c"))
        await gateway.deploy([one_task("order", "one", "one")])
        async with builder.running() as workflow:
            await workflow.start_process_and_wait("order", {}, timeout=PATIENCE)

    asyncio.run(play())
    assert " ".join(told) == "a> b> c> own> inner> handler <inner <own <c <b <a"


@pytest.mark.parametrize("result", [{"paid": 1}, Receipt(number=7), None])
@pytest.mark.parametrize("in_thread", [False, True], ids=["async def", "def"])
async def test_the_result_passes_as_it_was_returned(result, in_thread):
    seen = []

    async def look(task, call_next):
        seen.append(await call_next(task))
        return seen[0]

    def handle(task):
        seen_in.append(threading.current_thread() is threading.main_thread())
        return result

    async def handle_on_loop(task):
        return handle(task)

    seen_in = []
    outcome = await run(handle if in_thread else handle_on_loop, look, passing)
    assert seen == [result]
    assert seen_in == [not in_thread]
    assert outcome.kind == "completed"
    assert outcome.scope == (dict(result) if result else {})


async def test_a_middleware_may_return_something_else_and_answer_by_itself():
    async def add(task, call_next):
        return {**(await call_next(task) or {}), "by": "add"}

    async def closed(task, call_next):
        return {"closed": True}

    called = []

    async def handle(task):
        called.append(task)
        return {"paid": 1}

    assert (await run(handle, add)).scope == {"paid": 1, "by": "add"}
    assert (await run(handle, closed, add)).scope == {"closed": True}
    assert len(called) == 1


@pytest.mark.parametrize("of_model", [False, True], ids=["task", "model"])
async def test_a_task_with_another_scope_fills_what_the_handler_takes(of_model):
    async def in_cents(task, call_next):
        other = task.with_scope({**task.scope, "amount": task.scope["amount"] * 100})
        assert (other.job.key, other.attempt, other.instance_key) == (
            task.job.key, task.attempt, task.instance_key,
        )  # fmt: skip
        assert other.shutdown is task.shutdown
        assert other.idempotency_key == task.idempotency_key
        assert task.scope["amount"] == 5
        return await call_next(other)

    async def handle(order: Order):
        return {"seen": order.amount}

    def handle_task(task):
        return {"seen": task.get_scope_variable("amount")}

    outcome = await run(handle if of_model else handle_task, in_cents, scope={"amount": 5})
    assert outcome.scope == {"seen": 500}


async def test_another_scope_is_json_like_every_scope():
    async def handle(task):
        return dict(task.scope)

    async def more(task, call_next):
        return await call_next(
            task.with_scope({"wait": timedelta(hours=1), "order": Receipt(number=1)})
        )

    assert (await run(handle, more)).scope == {"wait": "PT1H", "order": {"number": 1}}


@pytest.mark.parametrize(
    "scope", [{"a": object()}, {"a": float("nan")}, [1], None, "text", Receipt(number=1)]
)
async def test_another_scope_that_is_no_json_object_is_an_incident(scope):
    async def wrong(task, call_next):
        return await call_next(task.with_scope(scope))

    outcome = await run(nothing, wrong)
    assert outcome.kind == "incident"
    assert outcome.message.startswith("task.with_scope: the scope ")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("no"), "retry"),
        (Retry(5), "retry"),
        (BpmnError("LOST", "gone"), "bpmn_error"),
        (WorkflowIncident("never"), "incident"),
        (SystemExit(3), "retry"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_what_a_middleware_raises_counts_as_raised_by_the_handler(error, kind, late):
    async def broken(task, call_next):
        if late:
            await call_next(task)
        raise error

    assert (await run(nothing, passing, broken)).kind == kind


async def test_a_middleware_may_translate_and_swallow_what_the_handler_raises():
    async def translate(task, call_next):
        try:
            return await call_next(task)
        except LookupError as error:
            raise BpmnError("UNKNOWN", error) from error

    async def swallow(task, call_next):
        try:
            return await call_next(task)
        except BpmnError as error:
            return {"code": error.code}

    def handle(task):
        raise KeyError("customer")

    assert (await run(handle, translate)).code == "UNKNOWN"
    assert (await run(handle, swallow, translate)).scope == {"code": "UNKNOWN"}


async def test_a_scope_that_does_not_fit_passes_through_as_an_incident():
    seen = []

    async def look(task, call_next):
        try:
            return await call_next(task)
        except InvalidScope as error:
            seen.append(str(error))
            raise

    async def in_a_group(task, call_next):
        async with asyncio.TaskGroup() as group:
            called = group.create_task(call_next(task))
        return called.result()

    async def handle(order: Order):
        pytest.fail("it was called")

    for middlewares in ([look], [in_a_group, look]):
        outcome = await run(handle, *middlewares, scope={"amount": "many"})
        assert outcome.kind == "incident"
        assert "amount: Input should be a valid integer" in outcome.message
        assert "many" not in outcome.message
    assert len(seen) == 2


async def test_a_scope_that_does_not_fit_may_become_an_error_of_the_diagram():
    async def translate(task, call_next):
        try:
            return await call_next(task)
        except InvalidScope as error:
            raise BpmnError("INVALID", error) from error

    async def handle(order: Order):
        pytest.fail("it was called")

    assert (await run(handle, translate, scope={})).code == "INVALID"


class Resolver:
    def __init__(self, told):
        self.told = told

    @asynccontextmanager
    async def for_job(self):
        self.told.append("opened")
        yield lambda kind: kind()
        self.told.append("closed")


class Session:
    pass


async def test_dependencies_are_opened_within_the_middlewares():
    told = []

    async def note(task, call_next):
        told.append("begun")
        try:
            return await call_next(task)
        finally:
            told.append("ended")

    def handle(task, session: Session):
        told.append(type(session).__name__)

    assert (await run(handle, note, resolver=Resolver(told))).kind == "completed"
    assert told == ["begun", "opened", "Session", "closed", "ended"]


@pytest.mark.parametrize("in_thread", [False, True], ids=["async def", "def"])
async def test_context_variables_of_a_middleware_are_seen_in_the_handler(in_thread):
    async def sign_in(task, call_next):
        token = USER.set("ada")
        try:
            return await call_next(task)
        finally:
            USER.reset(token)

    def handle(task):
        return {"user": USER.get()}

    async def handle_on_loop(task):
        return handle(task)

    handler = handle if in_thread else handle_on_loop
    assert (await run(handler, sign_in, passing)).scope == {"user": "ada"}
    assert USER.get() == "nobody"


async def test_a_plain_wrapper_around_a_middleware_may_answer_by_itself():
    def unless_closed(function):
        @functools.wraps(function)
        def around(task, call_next):
            return {"closed": True} if task.scope.get("closed") else function(task, call_next)

        return around

    handler = unless_closed(passing)
    assert (await run(nothing, handler, scope={"closed": True})).scope == {"closed": True}
    assert (await run(nothing, handler, scope={})).scope == {}


async def test_middlewares_of_the_builder_run_over_grpc_around_both_kinds_of_handlers():
    told = []

    async def note(task, call_next):
        told.append(task.headers["kind"])
        return {**await call_next(task), "noted": task.scope["amount"]}

    async def handle(order: Order):
        return {"seen": order.amount}

    def handle_in_thread(order: Order):
        return {"seen": order.amount}

    for handler in (handle, handle_in_thread):
        async with service(handler, headers={"kind": "card"}, middlewares=[note]) as play:
            outcome = await play({"amount": 5, "other": 1})
        assert outcome.scope == {"seen": 5, "noted": 5}
    assert told == ["card", "card"]


async def test_the_lines_of_a_middleware_carry_the_job():
    async def note(task, call_next):
        logging.getLogger("shop").warning("before")
        try:
            return await call_next(task)
        finally:
            logging.getLogger("shop").warning("after")

    with logs() as start:
        out = start(log_format="json")
        await run(nothing, note)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["message"], line["element_id"]) for line in lines] == [
        ("before", "task"), ("after", "task"),
    ]  # fmt: skip


async def test_middlewares_run_in_the_test_kit_around_handlers_and_mocks(process_environment):
    async def note(task, call_next):
        return {**await call_next(task), "noted": task.element_id}

    builder = WorkflowBuilder("shop", "embedded://").with_middleware(note)
    builder.task("pay")(lambda: {"by": "handler"})
    gateway_file = one_task("order", "pay", "pay")
    for mocks, by in (({}, "handler"), ({"pay": {"by": "mock"}}, "mock")):
        async with process_environment(builder, mocks=mocks) as process:
            await process.workflow.gateway.deploy([gateway_file])
            scope = await process.workflow.start_process_and_wait("order", {}, timeout=PATIENCE)
        assert scope == {"by": by, "noted": "pay"}
