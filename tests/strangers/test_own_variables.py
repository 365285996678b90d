"""What the runtime keeps among a process's variables is never met by code that runs there."""

import logging
from datetime import timedelta

import pytest
from loguru import logger
from pydantic import BaseModel, ConfigDict
from tests.support.diagrams import bpmn, one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    BpmnError,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowBuilder,
    WorkflowSettings,
    WorkflowTask,
)
from workflow_runtime.observers import Observer

MARKER = "workflowRuntimeFailures"
TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
AT_ONCE = TaskHandlerConfig(retry_policy=RetryPolicy(timedelta(0), jitter=0))


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    amount: int


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def build(tmp_path, engine):
    """A service with one task, on an engine whose records can be looked at."""
    path = tmp_path / "order.bpmn"
    path.write_bytes(one_task("order", "pay", more="retries=3").content)

    def make(handler, observers=(), **settings):
        builder = WorkflowBuilder(
            settings=WorkflowSettings(service_name="shop", long_poll=0.02, **settings),
            gateway=EmbeddedGateway(engine),
            observers=observers,
        )
        return builder.with_process(path).with_handler("order_pay", handler, AT_ONCE)

    return make


def variables_of_instances(engine):
    """The names of all variables that stand in the scope of a process, not of a task."""
    values = [record.value for record in engine.records if record.value_type == "VARIABLE"]
    return {v["name"] for v in values if v["scopeKey"] == v["processInstanceKey"]}


async def answer_of(build, handler, scope, **settings):
    async with build(handler, **settings).running() as workflow:
        return await workflow.start_process_and_wait("order", scope, timeout=10)


class FailsOnce:
    """A handler's first attempt, and what the second one was given."""

    def __init__(self):
        self.attempts = 0

    def __call__(self):
        self.attempts += 1
        if self.attempts == 1:
            raise ConnectionError("the bank is away")


@pytest.fixture
def fails_once():
    return FailsOnce()


async def test_a_model_that_forbids_extra_fields_meets_no_marker_at_the_second_attempt(
    build, fails_once
):
    async def pay(scope: Strict, task: WorkflowTask):
        fails_once()
        return {"attempt": task.attempt}

    assert await answer_of(build, pay, {"amount": 5}) == {"amount": 5, "attempt": 2}


def everything(begin):
    async def pay(task: WorkflowTask):
        begin()
        return dict(task.scope)

    return pay


def variables_of_the_job(begin):
    async def pay(task: WorkflowTask):
        begin()
        return task.job.variables

    return pay


def in_a_thread(begin):
    def pay(task: WorkflowTask):
        begin()
        return {**task.scope}

    return pay


def open_model(begin):
    async def pay(scope: Open):
        begin()
        return scope

    return pay


def dumped_model(begin):
    def pay(scope: Open, task: WorkflowTask):
        begin()
        return scope.model_dump() | dict(task.scope)

    return pay


@pytest.mark.parametrize(
    "handler",
    [everything, variables_of_the_job, in_a_thread, open_model, dumped_model],
    ids=lambda each: each.__name__,
)
async def test_who_returns_all_that_he_was_given_returns_no_marker(
    build, engine, fails_once, handler
):
    assert await answer_of(build, handler(fails_once), {"amount": 5}) == {"amount": 5}
    assert variables_of_instances(engine) == {"amount"}


async def test_a_business_error_with_the_whole_scope_throws_no_marker(
    process_environment, tmp_path, fails_once
):
    path = tmp_path / "order.bpmn"
    path.write_bytes(
        bpmn(
            """
            start start
            service pay job=order_pay retries=3
            boundary declined on=pay error=declined
            service tell job=order_tell
            end paid
            end told
            start -> pay -> paid
            declined -> tell -> told
            """,
            "order",
        )
    )

    async def pay(task):
        fails_once()
        raise BpmnError("declined", "no money", dict(task.scope))

    builder = WorkflowBuilder("shop", "embedded://").with_process(path)
    async with process_environment(builder.with_handler("order_pay", pay, AT_ONCE)) as process:
        tell = process.mock("order_tell")
        instance = await process.start("order", {"amount": 5})
        await process.wait_idle()
    assert (instance.scope, tell.calls) == ({"amount": 5}, [{"amount": 5}])


@pytest.mark.parametrize(
    "left",
    [
        {"job": "1", "failures": 4, "unfinished": 9},
        {"job": 1},
        {"failures": 2},
        {"job": None, "failures": "many"},
        "text",
        [1, 2],
        7,
        None,
        {},
    ],
    ids=str,
)
async def test_a_marker_in_the_process_scope_neither_counts_nor_is_seen(build, left):
    seen = []

    async def pay(scope: Strict, task: WorkflowTask):
        seen.append((task.attempt, dict(task.scope), task.job.variables.get(MARKER, "hidden")))

    assert await answer_of(build, pay, {"amount": 5, MARKER: left}) == {"amount": 5}
    assert seen == [(1, {"amount": 5}, "hidden")]


async def test_a_marker_that_was_left_does_not_shadow_the_own_one(build, fails_once):
    async def pay(task: WorkflowTask):
        fails_once()
        return {"attempt": task.attempt, "saw": sorted(task.scope)}

    left = {MARKER: {"job": "1", "failures": 4}}
    assert await answer_of(build, pay, left) == {"attempt": 2, "saw": []}


class Watcher(Observer):
    watch_jobs = True

    def __init__(self):
        self.seen = []

    def job_activated(self, job):
        self.seen.append(job.variables)

    def job_started(self, job):
        self.seen.append(job.variables)

    def job_ended(self, job, outcome, seconds, wait_seconds):
        self.seen.append(job.variables)


async def test_observers_and_logs_of_every_level_meet_no_marker(build, fails_once, caplog):
    lines, watcher = [], Watcher()
    sink = logger.add(lines.append, level=0, format="{message} {extra}")
    caplog.set_level(0)

    async def pay(task: WorkflowTask):
        task.logger.bind(job=task.job).info("paying")
        logging.getLogger("shop").warning("%s", task.job)
        fails_once()

    try:
        assert await answer_of(
            lambda handler: build(handler, [watcher]), pay, {"amount": 5, MARKER: {"job": "1"}}
        ) == {"amount": 5}
    finally:
        logger.remove(sink)
    assert watcher.seen == [{"amount": 5}] * 6
    assert MARKER not in "".join(map(str, [*lines, caplog.text]))
    assert "paying" in "".join(map(str, lines))


async def test_the_kit_shows_neither_the_marker_nor_a_trace(process_environment, tmp_path):
    path = tmp_path / "order.bpmn"
    path.write_bytes(
        bpmn(
            """
            start start
            service pay job=order_pay
            service ship job=order_ship
            end end
            start -> pay -> ship -> end
            """,
            "order",
        )
    )

    async def pay(task):
        return {"saw": sorted(task.scope)}

    builder = WorkflowBuilder(
        settings=WorkflowSettings(service_name="shop", address="embedded://", tracing=True)
    )
    builder = builder.with_process(path).with_handler("order_pay", pay)
    async with process_environment(builder) as process:
        ship = process.mock("order_ship")
        instance = await process.start("order", {"amount": 5, MARKER: "left", **TRACE})
        await process.wait_idle()
        assert instance.scope == {"amount": 5, "saw": ["amount"]}
        assert ship.calls == [{"amount": 5, "saw": ["amount"]}]


class Traced(BaseModel):
    traceparent: str


class TracedAndOpen(Traced):
    model_config = ConfigDict(extra="allow")


async def test_without_traces_a_variable_named_traceparent_is_the_process_s_own(build, engine):
    async def pay(scope: Traced, task: WorkflowTask):
        return {"saw": task.get_scope_variable("traceparent"), "typed": scope.traceparent}

    ((_, value),) = TRACE.items()
    answer = await answer_of(build, pay, TRACE)
    assert answer == {**TRACE, "saw": value, "typed": value}


@pytest.mark.parametrize("model", [Traced, TracedAndOpen])
async def test_with_traces_it_is_given_to_who_asks_for_it_by_its_name(build, model):
    async def pay(scope: model):
        return {"saw": scope.traceparent[:2]}

    assert await answer_of(build, pay, TRACE, tracing=True) == {"saw": "00"}


async def test_a_trace_is_not_seen_and_travels_all_the_same(build, engine):
    seen = []

    async def pay(scope: Open, task: WorkflowTask):
        seen.append((scope.model_dump(), dict(task.scope), task.job.variables))
        return dict(task.scope)

    answer = await answer_of(build, pay, {"amount": 5, **TRACE}, tracing=True)
    assert (answer, seen) == ({"amount": 5}, [({"amount": 5},) * 3])
    assert variables_of_instances(engine) == {"amount", *TRACE}
