"""What passes through a middleware for sure, and what the check then leaves unsaid."""

import functools
import time

import pytest
from pydantic import BaseModel
from tests.support.diagrams import bpmn

from workflow_devkit.check.middlewares import Passing, passing
from workflow_devkit.check.service_findings import check_service
from workflow_runtime import BpmnError, WorkflowBuilder

NOTHING, BOTH = Passing(), Passing(scope=True, result=True)


async def plain(task, call_next):
    return await call_next(task)


async def timed(task, call_next):
    started = time.monotonic()
    try:
        return await call_next(task)
    finally:
        task.logger.info("took %s s", time.monotonic() - started)


async def translating(task, call_next):
    try:
        result = await call_next(task)
    except KeyError as error:
        raise BpmnError("LOST") from error
    task.logger.info("done")
    return result


class Around:
    async def __call__(self, task, call_next):
        return await call_next(task)

    async def around(self, job, following):
        return await following(job)


async def limited(limit, task, call_next):
    if task.attempt > limit:
        raise BpmnError("TOO_OFTEN")
    return await call_next(task)


async def signed_in(task, call_next):
    return await call_next(task.with_scope({**task.scope, "user": "ada"}))


async def signed_in_slowly(task, call_next):
    task = task.with_scope({**task.scope, "user": "ada"})
    return await call_next(task)


async def handing_on(task, call_next):
    return await helped(task, call_next)


async def helped(task, call_next):
    return await call_next(task)


async def adding(task, call_next):
    return {**await call_next(task), "at": 1}


async def adding_to_it(task, call_next):
    result = await call_next(task)
    result["at"] = 1
    return result


async def replacing(task, call_next):
    result = await call_next(task)
    if not result:
        result = {"at": 1}
    return result


async def answering(task, call_next):
    if task.attempt > 1:
        return {"at": 1}
    return await call_next(task)


async def changing_the_job(task, call_next):
    task.job.variables["user"] = "ada"
    return await call_next(task)


async def setting(task, call_next):
    await task.workflow.set_scope(task.instance_key, {"at": 1})
    return await call_next(task)


@functools.wraps(plain)
async def decorated(*given):
    return await plain(*given)


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        *((each, BOTH) for each in (plain, timed, translating, Around(), Around().around)),
        (functools.partial(limited, 3), BOTH),
        *((each, Passing(result=True)) for each in (signed_in, signed_in_slowly, changing_the_job)),
        *((each, Passing(scope=True)) for each in (adding, adding_to_it, replacing, answering)),
        *((each, NOTHING) for each in (handing_on, decorated, setting)),
    ],
)
def test_what_passes_through_is_read_and_what_cannot_be_read_may_change(middleware, expected):
    assert passing(middleware) == expected


class Paid(BaseModel):
    receipt: str


class Shipping(BaseModel):
    receipt: str
    address: str


DIAGRAM = """
    start begun
    service pay job=pay
    service ship job=ship
    end end
    begun -> pay -> ship -> end
    """


def findings(tmp_path, *middlewares):
    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    builder = WorkflowBuilder("shop", "http://127.0.0.1").with_process(tmp_path / "order.bpmn")
    builder.with_middleware(*middlewares)

    @builder.task("pay")
    async def pay(order: Paid) -> Paid:
        return order

    @builder.task("ship")
    async def ship(order: Shipping) -> None:
        pass

    return {each.message for each in check_service(builder) if each.rule == "start-variables"}


def test_a_middleware_that_changes_nothing_changes_no_finding(tmp_path):
    (said,) = findings(tmp_path)
    assert "address" in said
    assert findings(tmp_path, timed, translating) == {said}


@pytest.mark.parametrize("middleware", [signed_in, adding])
def test_what_a_middleware_may_bring_is_not_missed(tmp_path, middleware):
    assert [each for each in findings(tmp_path, timed, middleware) if "address" in each] == []
