"""Jobs as a gateway sends them over gRPC: large, unreadable, pushed for an hour."""

import asyncio
import json

import grpc
import grpc.aio
import pytest
from tests.support.zeebe_stubs import GatewayServicer, add_GatewayServicer_to_server, pb

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder
from workflow_runtime.gateway import zeebe
from workflow_runtime.observers import Observer

MEGABYTE = 1 << 20


class Gateway(GatewayServicer):
    """Hands out ``batches``, one for each poll, and remembers how jobs ended."""

    def __init__(self, *batches):
        self.batches = list(batches)
        self.ended, self.streams = asyncio.Queue(), 0

    async def ActivateJobs(self, request, context):  # noqa: N802 - the protocol's name
        if not self.batches:
            await asyncio.Event().wait()
        yield pb.ActivateJobsResponse(jobs=self.batches.pop(0))

    async def StreamActivatedJobs(self, request, context):  # noqa: N802
        self.streams += 1
        yield job(self.streams)
        await asyncio.Event().wait()

    async def SetVariables(self, request, context):  # noqa: N802
        return pb.SetVariablesResponse()

    async def CompleteJob(self, request, context):  # noqa: N802
        self.ended.put_nowait((request.jobKey, "completed"))
        return pb.CompleteJobResponse()

    async def FailJob(self, request, context):  # noqa: N802
        self.ended.put_nowait((request.jobKey, request.retries, request.errorMessage))
        return pb.FailJobResponse()

    async def end(self):
        async with asyncio.timeout(10):
            return await self.ended.get()


def job(key, variables="{}"):
    return pb.ActivatedJob(key=key, type="work", retries=3, deadline=1, variables=variables)


class Failures(Observer):
    def __init__(self):
        self.seen = []

    def poll_failed(self, job_type, status):
        self.seen.append(status)


@pytest.fixture
async def serve():
    running = []

    async def make(gateway, handler, config=None):
        server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
        add_GatewayServicer_to_server(gateway, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        failures = Failures()
        builder = WorkflowBuilder("test", f"http://127.0.0.1:{port}", observers=[failures])
        workflow = await builder.with_handler("work", handler, config).run()
        running.append((workflow, server))
        return failures

    yield make
    for workflow, server in running:
        await workflow.stop(grace=0)
        await server.stop(None)


async def test_an_answer_beyond_the_four_megabytes_of_grpc_is_read(serve):
    gateway = Gateway([job(n, json.dumps({"blob": "x" * (3 * MEGABYTE)})) for n in (1, 2, 3)])

    async def handler(task):
        assert len(task.get_scope_variable("blob")) == 3 * MEGABYTE

    await serve(gateway, handler)
    assert {await gateway.end() for _ in range(3)} == {(n, "completed") for n in (1, 2, 3)}


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ("[" * 5000 + "]" * 5000, ""),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2"),
        ('"\\', "Unterminated string starting at: line 1 column 1"),
        ("[1]", "expected a JSON object, found list"),
        ("7", "expected a JSON object, found int"),
    ],
)
async def test_a_job_that_cannot_be_read_is_an_incident_and_costs_no_other(
    serve, variables, reason
):
    gateway = Gateway([job(1), job(2, variables), job(3)])

    async def handler(task):
        return None

    await serve(gateway, handler)
    ends = {end[0]: end[1:] for end in [await gateway.end() for _ in range(3)]}
    assert ends[1] == ends[3] == ("completed",)
    assert ends[2][0] == 0
    assert f"variables or headers cannot be read: {reason}" in ends[2][1]


async def test_a_stream_that_comes_to_the_end_of_its_life_is_opened_anew_without_a_word(
    serve, monkeypatch
):
    monkeypatch.setattr(zeebe, "_STREAM_LIFE", 0.2)
    gateway = Gateway()

    async def handler(task):
        return None

    failures = await serve(gateway, handler, TaskHandlerConfig(stream=True))
    assert [await gateway.end() for _ in range(4)] == [(n, "completed") for n in (1, 2, 3, 4)]
    assert failures.seen == []


async def test_where_nothing_can_be_pushed_jobs_are_polled_without_a_pause(serve, monkeypatch):
    monkeypatch.setattr("workflow_runtime._worker.poller._BESIDE_STREAM", 3600.0)
    gateway = Gateway([], [], [job(1)])

    async def unimplemented(request, context):
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no streams here")
        yield

    async def handler(task):
        return None

    gateway.StreamActivatedJobs = unimplemented
    failures = await serve(gateway, handler, TaskHandlerConfig(stream=True))
    assert await gateway.end() == (1, "completed")
    assert set(failures.seen) == {"UNIMPLEMENTED"}


async def test_a_result_of_ten_megabytes_is_an_incident_that_says_so(serve):
    gateway = Gateway([job(1)])

    async def handler(task):
        return {"blob": "x" * (10 * MEGABYTE)}

    await serve(gateway, handler)
    key, retries, message = await gateway.end()
    assert (key, retries) == (1, 0)
    assert "above the 4194304 that Zeebe takes in one message" in message
