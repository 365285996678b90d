"""Several exceptions at once: they have one meaning, and all of them are told."""

import asyncio
import dataclasses

import pytest
from tests.support.one_handler import ONCE, end_of

from workflow_runtime import BpmnError, Retry, RetryPolicy, WorkflowIncident

CONFIG = dataclasses.replace(ONCE, retry_policy=RetryPolicy(non_retryable=(KeyError,)))


def group(*errors):
    return BaseExceptionGroup("several", errors)


class Refusals(ExceptionGroup, WorkflowIncident):
    """Several exceptions that are an incident together."""


class Declines(ExceptionGroup, BpmnError):
    code = "card"


def deep(error, levels):
    for _ in range(levels):
        error = ExceptionGroup("deep", [error])
    return error


async def end(error):
    async def handler(task):
        raise error

    return await end_of(handler, CONFIG)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (group(WorkflowIncident("one"), WorkflowIncident("two")), ("one", "two")),
        (group(WorkflowIncident("one"), ValueError("two")), ("one", "two")),
        (group(ValueError("two"), group(KeyError("three"), Retry(3))), ("three", "two", "tried")),
        (group(BpmnError("card"), group(group(WorkflowIncident("one")))), ("one", "card")),
        (group(BpmnError("card"), BpmnError("bank")), ("card", "bank")),
        (group(BpmnError("card"), KeyError("three")), ("three", "card")),
        (group(Retry("soon"), ValueError("two")), ("its delay",)),
        (deep(WorkflowIncident("one"), 5000), ("one",)),
        (group(*(WorkflowIncident(f"n{n}") for n in range(3000))), ("n0", "2990 more")),
        (Refusals("no order", [ValueError("one")]), ("no order",)),
    ],
    ids=["incidents", "incident and other", "not retryable, nested", "incident and BPMN error",
         "two codes", "BPMN error and not retryable", "wrong delay", "deep", "thousands",
         "a group that is an incident"],
)  # fmt: skip
async def test_an_incident_among_them_is_an_incident_that_names_all(error, told):
    found = await end(error)
    assert found.is_incident
    assert all(text in found.message for text in told)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (group(Retry(30), ValueError("two"), Retry(90)), 90),
        (group(BpmnError("card"), ValueError("two")), 3600),
        (group(BpmnError("card"), Retry(30)), 30),
        (group(ValueError("one"), asyncio.CancelledError(), OSError("two")), 3600),
        (group(SystemExit(3), KeyboardInterrupt()), 3600),
    ],
    ids=["retries", "BPMN error and other", "BPMN error and retry", "others", "exits"],
)
async def test_what_may_be_tried_again_is_one_failed_attempt(error, seconds):
    found = await end(error)
    assert (found.intent, found.retries, found.backoff) == ("FAILED", 2, seconds * 1000)


@pytest.mark.parametrize(
    "error",
    [
        group(BpmnError("card", "first"), BpmnError("card", "second")),
        group(BpmnError("card", "first"), asyncio.CancelledError()),
        group(group(BpmnError("card", "first"))),
        Declines("first", [ValueError("one")]),
    ],
    ids=["one code twice", "with a cancelled one", "nested", "a group that is one"],
)
async def test_a_business_error_of_one_code_is_thrown(error):
    found = await end(error)
    assert (found.intent, found.code, found.message) == ("ERROR_THROWN", "card", "first")


async def test_tasks_of_a_group_that_fail_together_are_all_told():
    async def fail(error, both):
        await both.wait()
        raise error

    async def handler(task):
        both = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail(WorkflowIncident("no stock"), both))
            tasks.create_task(fail(WorkflowIncident("no card"), both))
            await asyncio.sleep(0)
            both.set()

    found = await end_of(handler)
    assert found.is_incident
    assert "no stock" in found.message
    assert "no card" in found.message
