"""The outcome table on every engine: what the worker sends, seen from the process's side."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import BaseModel

from workflow_runtime import (
    BpmnError,
    Retry,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowBuilder,
    WorkflowIncident,
    WorkflowSettings,
)
from workflow_runtime.gateway.errors import NotFound
from workflow_runtime.observers import Observer

HOUR = timedelta(hours=1)
AT_ONCE = TaskHandlerConfig(retry_timeout=timedelta(0))


class Seen(Observer):
    """Ends of jobs and beats, to be awaited."""

    def __init__(self):
        self.ends, self.beats = asyncio.Queue(), asyncio.Queue()
        self.alerts = []

    def job_ended(self, job, outcome, seconds, wait_seconds):
        self.ends.put_nowait((outcome, job))

    def heartbeat(self, job_type):
        self.beats.put_nowait(job_type)

    def incident_raised(self, alert):
        self.alerts.append(alert)

    async def end(self):
        async with asyncio.timeout(60):
            return await self.ends.get()


class Stand:
    """A worker with one handler that plays its answers one after the other."""

    def __init__(self, world):
        self.world, self.seen, self.tasks, self.workflow = world, Seen(), [], None

    async def run(self, *answers, config=AT_ONCE, handler=None):
        played = iter(answers)

        async def play(task):
            self.tasks.append(task)
            answer = next(played)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        settings = WorkflowSettings(service_name="table", long_poll=timedelta(seconds=0.2))
        builder = WorkflowBuilder(settings=settings, gateway=self.world.gateway)
        builder.with_observer(self.seen)
        builder.with_handler(self.world.job_type, handler or play, config)
        self.workflow = await builder.run()

    async def heal(self, job):
        """What an operator does: new retries, then the incident is resolved."""
        await self.workflow.update_retries(job.key, 1)
        for candidate in range(job.key + 1, job.key + 60):
            try:
                await self.world.gateway.resolve_incident(candidate)
            except NotFound:
                continue
            return
        pytest.fail("no incident was made")


@pytest.fixture
async def stand(world):
    stand = Stand(world)
    yield stand
    if stand.workflow is not None:
        await stand.workflow.stop(grace=0)


class Result(BaseModel):
    paid: bool


@pytest.mark.parametrize(
    ("answer", "scope"),
    [(None, {}), ({"paid": True}, {"paid": True}), (Result(paid=True), {"paid": True})],
    ids=["none", "mapping", "model"],
)
async def test_a_result_completes_the_job_and_the_instance(world, stand, answer, scope):
    await world.deploy_task()
    await stand.run(answer)
    assert (await world.result({"a": 1}, timeout=30)).scope == {"a": 1, **scope}


@pytest.mark.parametrize(
    "answer",
    [[1, 2], {"x": object()}, {1: 2}, WorkflowIncident("impossible"), ZeroDivisionError("no")],
    ids=["list", "object", "number as a name", "on purpose", "not retryable"],
)
async def test_what_no_attempt_can_mend_is_an_incident_until_somebody_heals_it(
    world, stand, answer
):
    await world.deploy_task()
    policy = RetryPolicy(non_retryable=(ArithmeticError,))
    await stand.run(answer, {"healed": True}, config=TaskHandlerConfig(retry_policy=policy))
    waiting = asyncio.create_task(world.result(timeout=60))
    outcome, job = await stand.seen.end()
    assert (outcome, job.retries, len(stand.seen.alerts)) == ("incident", 3, 1)
    await stand.heal(job)
    assert (await waiting).scope == {"healed": True}
    assert len(stand.tasks) == 2


class Order(BaseModel):
    amount: int


async def test_a_scope_that_does_not_validate_is_an_incident_until_the_scope_is_set(world, stand):
    async def handler(order: Order):
        return {"double": order.amount * 2}

    await world.deploy_task()
    await stand.run(handler=handler, config=None)
    waiting = asyncio.create_task(world.result({"amount": "much"}, timeout=60))
    outcome, job = await stand.seen.end()
    assert outcome == "incident"
    assert "amount: " in stand.seen.alerts[0].message
    assert "much" not in stand.seen.alerts[0].message
    await stand.workflow.set_scope(job.instance_key, {"amount": 4})
    await stand.heal(job)
    assert (await waiting).scope == {"amount": 4, "double": 8}


async def test_each_exception_uses_up_one_attempt_and_the_last_is_an_incident(world, stand):
    await world.deploy_task("retries=3")
    await stand.run(ValueError("1"), KeyError("2"), SystemExit(3), None)
    waiting = asyncio.create_task(world.result(timeout=60))
    ends = [await stand.seen.end() for _ in range(3)]
    assert [outcome for outcome, _ in ends] == ["failed", "failed", "incident"]
    assert [(t.attempt, t.retries_left) for t in stand.tasks] == [(1, 3), (2, 2), (3, 1)]
    assert len({task.idempotency_key for task in stand.tasks}) == 1
    assert [m.split("\n")[0] for m in stand.seen.alerts[0].attempts] == [
        "ValueError: 1",
        "KeyError: '2'",
        "SystemExit: 3",
    ]
    await stand.heal(ends[-1][1])
    await waiting


async def test_the_own_budget_replaces_the_number_of_the_diagram(world, stand):
    await world.deploy_task("retries=1")
    config = TaskHandlerConfig(incident_max_retries=4, retry_timeout=timedelta(0))
    await stand.run(*(ValueError(str(n)) for n in range(4)), None, config=config)
    instance = await world.start()
    ends = [await stand.seen.end() for _ in range(4)]
    assert [outcome for outcome, _ in ends] == ["failed", "failed", "failed", "incident"]
    assert [task.retries_left for task in stand.tasks] == [1, 3, 2, 1]
    assert stand.seen.alerts[0].instance_key == instance.key


@pytest.mark.parametrize(
    ("error", "config"),
    [
        (ValueError("no"), TaskHandlerConfig(retry_policy=RetryPolicy(HOUR, 2, HOUR, 0))),
        (ValueError("no"), TaskHandlerConfig(retry_timeout=HOUR)),
        (Retry(HOUR, "closed"), None),
    ],
    ids=["policy", "fixed", "by the handler"],
)
async def test_the_backoff_is_kept_by_the_engine(world, stand, error, config):
    await world.deploy_task()
    await stand.run(error, None, config=config)
    waiting = asyncio.create_task(world.result(timeout=100))
    outcome, _ = await stand.seen.end()
    assert list(await world.jobs(poll=0.2)) == []
    await world.advance(HOUR + timedelta(seconds=1))
    assert (outcome, (await stand.seen.end())[0]) == ("failed", "completed")
    assert [task.retries_left for task in stand.tasks] == [3, 2]
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_business_error_takes_the_way_that_the_diagram_draws(world, stand):
    await world.deploy(f"""
        start start
        service work job={world.job_type}
        boundary caught on=work error=cardExpired out.card==card
        end good
        end bad
        start -> work -> good
        caught -> bad
    """)
    await stand.run(BpmnError("cardExpired", "expired", {"card": "old"}))
    assert (await world.result(timeout=30)).scope == {"card": "old"}
    assert (await stand.seen.end())[0] == "bpmn_error"


async def test_a_running_handler_keeps_its_job_beyond_the_timeout(world, stand):
    release = asyncio.Event()

    async def handler(task):
        stand.tasks.append(task)
        await release.wait()

    await world.deploy_task()
    config = TaskHandlerConfig(job_timeout=timedelta(seconds=1))
    await stand.run(handler=handler, config=config)
    waiting = asyncio.create_task(world.result(timeout=60))
    for _ in range(4):
        await asyncio.wait_for(stand.seen.beats.get(), 10)
        await world.advance(timedelta(milliseconds=600))
    assert list(await world.jobs(poll=0.2)) == []
    release.set()
    await waiting
    assert len(stand.tasks) == 1


async def test_what_shutdown_cuts_off_is_handed_back_without_using_an_attempt(world, stand):
    started = asyncio.Event()

    async def handler(task):
        started.set()
        await asyncio.Event().wait()

    await world.deploy_task()
    await stand.run(handler=handler)
    instance = await world.start()
    await asyncio.wait_for(started.wait(), 30)
    assert await stand.workflow.stop(grace=0) == 0
    job = await world.job()
    assert (job.instance_key, job.retries) == (instance.key, 3)
