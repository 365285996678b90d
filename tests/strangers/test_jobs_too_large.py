"""Jobs that are too large for one answer: fewer at a time, and nobody can overlook it."""

import asyncio
import json

import pytest
from loguru import logger
from tests.strangers.refusing import TOO_LARGE, Gateway, Watcher, job, serving, some, worker
from tests.support.waiting import until
from tests.support.zeebe_stubs import pb


@pytest.fixture
def lines():
    found = []
    sink = logger.add(found.append, level=0, format="{level} {message}")
    yield found
    logger.remove(sink)


async def test_a_batch_of_seventy_megabytes_is_read():
    class Full(Gateway):
        async def ActivateJobs(self, request, context):  # noqa: N802
            if not self.waiting:
                await asyncio.Event().wait()
            blob = json.dumps({"blob": "x" * 24_000_000})
            keys, self.waiting = self.waiting, []
            yield pb.ActivateJobsResponse(jobs=[job(key, blob) for key in keys])

    async def small(task):
        return {"length": len(task.scope["blob"])}

    gateway = Full(None, jobs=3)
    async with serving(gateway, max_send_message_length=-1) as port, worker(port, small):
        assert [await gateway.end() for _ in range(3)] == ["taken"] * 3


class Narrow(Gateway):
    """Cannot send more than ``most`` jobs at once; ``partly``: says so after the first of them."""

    def __init__(self, most, *, jobs, partly=False):
        super().__init__(None, jobs=jobs)
        self.most, self.partly, self.told = most, partly, []

    async def ActivateJobs(self, request, context):  # noqa: N802
        if not self.waiting:
            await asyncio.Event().wait()
        self.told.append(request.maxJobsToActivate)
        batch = self.waiting[: request.maxJobsToActivate]
        if len(batch) > self.most:
            if self.partly:
                yield pb.ActivateJobsResponse(jobs=[job(self.waiting.pop(0))])
            await context.abort(*TOO_LARGE)
        self.waiting = self.waiting[len(batch) :]
        yield pb.ActivateJobsResponse(jobs=[job(key) for key in batch])


@pytest.mark.parametrize("partly", [False, True])
async def test_where_an_answer_is_too_large_fewer_jobs_are_fetched_and_everybody_hears_of_it(
    partly, lines
):
    gateway, watcher = Narrow(2, jobs=12, partly=partly), Watcher()
    async with serving(gateway) as port, worker(port, some, [watcher], max_running=32):
        assert [await gateway.end() for _ in range(12)] == ["taken"] * 12
    assert gateway.told[0] == 32
    assert min(gateway.told) <= 2
    assert set(watcher.failed) == {"RESOURCE_EXHAUSTED"}
    line = next(each for each in lines if each.startswith("ERROR"))
    assert "jobs of work are too large for one answer: ActivateJobs: the answer is larger" in line
    assert "Fetch only the variables" in line


async def test_a_job_that_is_too_large_by_itself_is_seen_in_health_until_it_is_gone():
    gateway = Narrow(0, jobs=1)
    async with serving(gateway) as port, worker(port, some, max_running=4) as workflow:
        await until(lambda: gateway.told[-1:] == [1])
        await until(lambda: "too large for an answer" in " ".join(workflow.health().problems))
        assert not workflow.health().ready
        gateway.most = 1
        assert await gateway.end() == "taken"
        await until(lambda: workflow.health().types["work"].last_error == "")


async def test_a_push_that_is_too_large_is_said_and_jobs_are_polled(lines):
    class Pushing(Gateway):
        async def StreamActivatedJobs(self, request, context):  # noqa: N802
            await context.abort(*TOO_LARGE)
            yield

    gateway, watcher = Pushing(None, jobs=3), Watcher()
    async with serving(gateway) as port, worker(port, some, [watcher], stream=True):
        assert [await gateway.end() for _ in range(3)] == ["taken"] * 3
        await until(lambda: watcher.failed)
    assert any("exceeds maximum size 1000: 5000" in each for each in lines)
