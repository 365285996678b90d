"""Each row of the table: how a handler's end becomes a command."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from workflow_runtime import (
    BpmnError,
    Retry,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowIncident,
    WorkflowTask,
)
from workflow_runtime.gateway.encoding import encode
from workflow_runtime.gateway.errors import (
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unavailable,
)

CYCLE = {}
CYCLE["x"] = CYCLE


async def end_of(build, gateway, job, handler, config=None):
    async with build(handler, config).running():
        gateway.offer(job)
        return (await gateway.commands_seen(1))[0]


class Result(BaseModel):
    user_id: str = Field(serialization_alias="userId")
    at: datetime


@pytest.mark.parametrize(
    ("result", "scope"),
    [
        (None, {}),
        ({"a": 1}, {"a": 1}),
        (
            Result(user_id="u", at=datetime(2026, 1, 1, tzinfo=UTC)),
            {"userId": "u", "at": "2026-01-01T00:00:00Z"},
        ),
    ],
    ids=["none", "mapping", "model"],
)
async def test_a_result_completes_the_job(build, gateway, new_job, result, scope):
    async def handler(task):
        return result

    assert await end_of(build, gateway, new_job(), handler) == ("complete", 1, scope)


async def test_values_beyond_json_are_sent_as_pydantic_writes_them(build, gateway, new_job):
    texts = []

    async def complete_job(job_key, scope, **_):
        texts.append(encode(scope))
        gateway._did("complete", job_key)

    def handler(task):
        day = date(2026, 1, 2)
        return {"sum": Decimal("1.50"), "day": day, "id": UUID(int=7), "set": {1}, "text": b"a"}

    gateway.complete_job = complete_job
    await end_of(build, gateway, new_job(), handler)
    assert json.loads(texts[0]) == {
        "sum": "1.50",
        "day": "2026-01-02",
        "id": "00000000-0000-0000-0000-000000000007",
        "set": [1],
        "text": "a",
    }


@pytest.mark.parametrize(
    "result",
    [
        [1],
        "text",
        5,
        {"x": object()},
        {1: 2},
        {"x": float("nan")},
        {"x": -float("inf")},
        {"x": b"\xff"},
        CYCLE,
    ],
    ids=["list", "text", "number", "object", "number as a name", "nan", "-inf", "bytes", "cycle"],
)
async def test_a_result_that_is_not_json_is_an_incident_at_once(build, gateway, new_job, result):
    async def handler(task):
        return result

    kind, _, retries, message, *_ = await end_of(build, gateway, new_job(), handler)
    assert (kind, retries) == ("fail", 0)
    assert "no JSON object" in message


@pytest.mark.parametrize(
    "error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(), StopIteration()], ids=repr
)
@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_whatever_is_raised_uses_up_one_retry(build, gateway, new_job, error, kind):
    async def asynchronous(task):
        raise error

    def synchronous(task):
        raise error

    handler = asynchronous if kind == "async" else synchronous
    command = await end_of(build, gateway, new_job(retries=3), handler)
    assert (command[0], command[2]) == ("fail", 2)


async def test_the_backoff_grows_by_the_policy(build, gateway, new_job):
    policy = RetryPolicy(timedelta(seconds=4), 3, jitter=0)
    marker = {"workflowRuntimeFailures": {"job": "1", "failures": 2}}

    async def handler(task):
        assert task.attempt == 3
        raise ValueError

    job = new_job(retries=5, **marker)
    command = await end_of(build, gateway, job, handler, TaskHandlerConfig(retry_policy=policy))
    assert command[4] == timedelta(seconds=36)


async def test_the_last_attempt_is_an_incident_and_an_alert(build, gateway, new_job, recorder):
    async def handler(task):
        raise ValueError("broken")

    command = await end_of(build, gateway, new_job(retries=1), handler)
    assert command[2] == 0
    assert recorder.ends == ["incident"]
    message = recorder.incidents[0].message
    assert message.startswith("ValueError: broken")
    assert 'raise ValueError("broken")' in message
    assert "_worker" not in message  # what calls every handler tells nobody anything


async def test_an_incident_on_purpose_needs_no_further_attempt(build, gateway, new_job):
    async def handler(task: WorkflowTask):
        task.get_scope_variable("userId")

    command = await end_of(build, gateway, new_job(retries=9), handler)
    assert command[2:4] == (0, "missed userId in process scope")


async def test_a_type_that_is_not_retryable_is_an_incident(build, gateway, new_job):
    config = TaskHandlerConfig(retry_policy=RetryPolicy(non_retryable=(LookupError,)))

    async def handler(task):
        raise KeyError("x")

    assert (await end_of(build, gateway, new_job(), handler, config))[2] == 0


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("name \udcff"), "ValueError: name \\udcff"),
        (WorkflowIncident("name \udcff"), "name \\udcff"),
        (Unspeakable(), "Unspeakable: its text cannot be had"),
    ],
    ids=["surrogate", "incident with a surrogate", "no text"],
)
async def test_every_exception_can_be_told_to_the_broker(build, gateway, new_job, error, text):
    async def handler(task):
        raise error

    message = (await end_of(build, gateway, new_job(), handler))[3]
    assert message.startswith(text)
    assert message.encode()


@pytest.mark.parametrize(
    ("error", "kind", "retries"),
    [
        (ValueError("no"), "fail", 2),
        (WorkflowIncident("no"), "fail", 0),
        (BpmnError("code", "no"), "throw", "code"),
    ],
    ids=["exception", "incident", "business error"],
)
async def test_what_a_task_group_wraps_counts_as_if_it_was_raised_itself(
    build, gateway, new_job, error, kind, retries
):
    async def fail():
        raise error

    async def handler(task):
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())

    command = await end_of(build, gateway, new_job(retries=3), handler)
    assert (command[0], command[2]) == (kind, retries)
    assert "ExceptionGroup" not in command[3]


@pytest.mark.parametrize("retries", [0, -1, -(2**31)])
async def test_a_job_without_retries_that_fails_is_an_incident(build, gateway, new_job, retries):
    async def handler(task):
        raise ValueError

    assert (await end_of(build, gateway, new_job(retries=retries), handler))[2] == 0


class Typed(BaseModel):
    user_id: int = Field(alias="userId")
    plan: str


async def test_a_scope_that_does_not_validate_names_each_field_and_no_value(
    build, gateway, new_job
):
    async def handler(scope: Typed):
        raise AssertionError

    command = await end_of(build, gateway, new_job(userId="s3cret"), handler)
    assert command[2] == 0
    assert "userId: " in command[3]
    assert "plan: " in command[3]
    assert "s3cret" not in command[3]


async def test_only_declared_variables_are_fetched(build, gateway, new_job):
    async def handler(scope: Typed, task: WorkflowTask):
        return {"next": scope.user_id + 1}

    command = await end_of(build, gateway, new_job(userId=1, plan="p"), handler)
    assert command[2] == {"next": 2}
    assert set(gateway.requests[0].fetch) == {"userId", "plan", "workflowRuntimeFailures"}


async def test_a_business_error_goes_to_the_diagram(build, gateway, new_job):
    async def handler(task):
        raise BpmnError("cardExpired", "expired", {"card": 1})

    expected = ("throw", 1, "cardExpired", "expired", {"card": 1})
    assert await end_of(build, gateway, new_job(), handler) == expected


async def test_retry_waits_as_long_as_the_handler_says(build, gateway, new_job):
    async def handler(task):
        raise Retry(30, "closed")

    command = await end_of(build, gateway, new_job(retries=3), handler)
    assert command[2:5] == (2, "closed", timedelta(seconds=30))


async def test_the_own_budget_starts_at_the_first_failure_and_then_counts_down(
    build, gateway, new_job
):
    async def handler(task):
        raise ValueError

    async with build(handler, TaskHandlerConfig(incident_max_retries=100)).running():
        gateway.offer(new_job(retries=3))
        first = (await gateway.commands_seen(1))[0]
        gateway.offer(new_job(retries=5, **first[5]))
        second = (await gateway.commands_seen(2))[1]
    assert (first[2], second[2]) == (99, 4)


async def test_a_long_message_is_cut_below_the_limit_of_zeebe(build, gateway, new_job):
    async def handler(task):
        raise WorkflowIncident("x" * 50_000)

    assert len((await end_of(build, gateway, new_job(), handler))[3]) < 10_000


async def test_a_command_is_resent_until_it_is_taken(build, gateway, new_job, recorder):
    gateway.errors["complete_job"] = [Unavailable("away"), ResourceExhausted("busy")]

    async def handler(task):
        return None

    assert await end_of(build, gateway, new_job(), handler) == ("complete", 1, {})
    assert [status for _, status in recorder.resent] == ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]


async def test_a_result_that_the_broker_refuses_is_an_incident(build, gateway, new_job):
    gateway.errors["complete_job"] = [InvalidArgument("bad")]

    async def handler(task):
        return {"a": 1}

    command = await end_of(build, gateway, new_job(), handler)
    assert command[2:4] == (0, "CompleteJob was refused: bad")


async def test_a_job_that_somebody_else_finished_is_no_error(build, gateway, new_job, recorder):
    gateway.errors["complete_job"] = [NotFound("gone")]

    async def handler(task):
        return None

    async with build(handler).running():
        gateway.offer(new_job(1))
        gateway.offer(new_job(2))
        await gateway.commands_seen(1)
    assert sorted(recorder.ends) == ["completed", "gone"]
