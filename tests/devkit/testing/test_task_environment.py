"""One handler alone, with everything around it in the test's hands."""

import asyncio
import contextvars
from datetime import timedelta

import pytest
from pydantic import BaseModel

from workflow_runtime import (
    BpmnError,
    HandlerError,
    Retry,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowIncident,
    WorkflowTask,
)


class Order(BaseModel):
    order_id: str
    amount: int = 1


async def test_a_result_completes_the_job(task_environment):
    async def ship(order: Order, task: WorkflowTask):
        return {"parcel": f"{order.order_id}-{task.headers['carrier']}"}

    outcome = await task_environment.run(ship, scope={"order_id": "7"}, headers={"carrier": "dhl"})
    assert (outcome.kind, outcome.scope) == ("completed", {"parcel": "7-dhl"})


async def test_def_handlers_run_in_a_thread_with_the_context_of_the_test(task_environment):
    where = contextvars.ContextVar("where", default="nowhere")

    def ship(task: WorkflowTask):
        return {"where": where.get()}

    where.set("here")
    outcome = await task_environment.run(ship)
    assert outcome.scope == {"where": "here"}


async def test_an_exception_is_a_retry_with_the_delay_of_the_policy(task_environment):
    async def ship():
        raise ConnectionError("no carrier")

    policy = RetryPolicy(initial_interval=timedelta(seconds=7), jitter=0)
    outcome = await task_environment.run(ship, config=TaskHandlerConfig(retry_policy=policy))
    assert (outcome.kind, outcome.retries) == ("retry", 2)
    assert outcome.delay == timedelta(seconds=7)
    assert outcome.message.startswith("ConnectionError: no carrier")


async def test_the_last_attempt_ends_in_an_incident(task_environment):
    async def ship():
        raise ConnectionError("no carrier")

    outcome = await task_environment.run(ship, retries=1)
    assert (outcome.kind, outcome.retries) == ("incident", 0)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (WorkflowIncident("senseless"), "incident"),
        (BpmnError("soldOut", "nothing left", {"left": 0}), "bpmn_error"),
        (Retry(timedelta(hours=1), "tomorrow"), "retry"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
async def test_control_flow_errors_have_their_own_ends(task_environment, error, kind):
    async def ship():
        raise error

    outcome = await task_environment.run(ship)
    assert outcome.kind == kind
    match kind:
        case "bpmn_error":
            assert (outcome.code, outcome.message, outcome.scope) == (
                "soldOut",
                "nothing left",
                {"left": 0},
            )
        case "retry":
            assert (outcome.delay, outcome.message) == (timedelta(hours=1), "tomorrow")


async def test_no_message_makes_a_failure_look_handed_back(task_environment):
    async def ship():
        raise Retry(5, "handed back by the carrier")

    outcome = await task_environment.run(ship)
    assert (outcome.kind, outcome.message) == ("retry", "handed back by the carrier")


async def test_a_scope_that_does_not_fit_names_each_field(task_environment):
    async def ship(order: Order):
        raise AssertionError("never called")

    outcome = await task_environment.run(ship, scope={"amount": "many"})
    assert outcome.kind == "incident"
    assert "order_id: Field required" in outcome.message
    assert "amount: " in outcome.message
    assert "many" not in outcome.message


async def test_a_handler_that_cannot_be_filled_is_refused(task_environment):
    async def ship(carrier: contextvars.Context):
        pass

    with pytest.raises(HandlerError, match="carrier"):
        await task_environment.run(ship)


async def test_a_long_handler_keeps_its_job_while_time_passes(task_environment):
    done = asyncio.Event()

    async def ship():
        await done.wait()

    execution = task_environment.start(
        ship, config=TaskHandlerConfig(job_timeout=timedelta(minutes=1))
    )
    await execution.advance(seconds=19)
    assert execution.heartbeats == 0
    await execution.advance(seconds=1)
    assert execution.heartbeats == 1
    await execution.advance(minutes=2)
    done.set()
    outcome = await execution.outcome()
    assert (outcome.kind, outcome.heartbeats) == ("completed", 7)


async def test_without_heartbeat_nobody_extends(task_environment):
    done = asyncio.Event()

    async def ship(task: WorkflowTask):
        await task.extend_timeout(timedelta(minutes=5))
        await done.wait()

    execution = task_environment.start(ship, config=TaskHandlerConfig(heartbeat=False))
    await execution.advance(hours=1)
    done.set()
    assert (await execution.outcome()).heartbeats == 1


async def test_a_handler_that_hears_of_the_shutdown_ends_by_itself(task_environment):
    async def ship(task: WorkflowTask):
        await task.shutdown.wait()
        return {"stopped": True}

    outcome = await task_environment.start(ship).shut_down()
    assert (outcome.kind, outcome.scope) == ("completed", {"stopped": True})


async def test_an_incident_stays_one_whatever_its_message_says(task_environment):
    async def ship():
        raise WorkflowIncident("handed back to the supplier")

    outcome = await task_environment.run(ship)
    assert (outcome.kind, outcome.message) == ("incident", "handed back to the supplier")


async def test_a_handler_that_does_not_is_handed_back_without_an_attempt_burnt(task_environment):
    async def ship():
        await asyncio.Event().wait()

    outcome = await task_environment.start(ship, retries=2).shut_down()
    assert (outcome.kind, outcome.retries) == ("handed_back", 2)
