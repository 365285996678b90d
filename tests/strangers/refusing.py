"""A gateway on the line that refuses as it is told, a worker and a client for it."""

import asyncio
from contextlib import asynccontextmanager

import grpc
import grpc.aio
from tests.support.zeebe_stubs import GatewayServicer, add_GatewayServicer_to_server, pb

from workflow_runtime import BpmnError, TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.connect import connect
from workflow_runtime.observers import Observer

EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
BUSY = (EXHAUSTED, "Reached maximum capacity of requests handled")
TOO_LARGE = (EXHAUSTED, "gRPC message exceeds maximum size 1000: 5000")
REFUSING = (
    "CompleteJob",
    "ThrowError",
    "CreateProcessInstance",
    "CreateProcessInstanceWithResult",
    "PublishMessage",
    "BroadcastSignal",
    "DeployResource",
    "CancelProcessInstance",
)


class Gateway(GatewayServicer):
    """Hands out jobs, and refuses commands: one refusal after the other, the last one for ever.

    A refusal of None lets the command through.
    """

    def __init__(self, *refusals, jobs=0, details=b""):
        self.refusals, self.details = list(refusals), details
        self.waiting = list(range(1, jobs + 1))
        self.ended, self.calls, self.asked = asyncio.Queue(), 0, []
        for rpc in REFUSING:
            setattr(self, rpc, self._refusing(getattr(pb, f"{rpc}Response")))

    def _refusing(self, answer):
        async def called(request, context):
            # Who tells of the incident is asked by messages (alerts/claims.py).
            if getattr(request, "name", "") == "workflowRuntimeClaim":
                return answer()
            self.calls += 1
            refusal = self.refusals.pop(0) if len(self.refusals) > 1 else self.refusals[0]
            if refusal is not None:
                if self.details:
                    context.set_trailing_metadata((("grpc-status-details-bin", self.details),))
                await context.abort(*refusal)
            self.ended.put_nowait("taken")
            return answer()

        return called

    async def ActivateJobs(self, request, context):  # noqa: N802 - the protocol's name
        batch = self.waiting[: request.maxJobsToActivate]
        self.waiting = self.waiting[request.maxJobsToActivate :]
        if not batch:
            await asyncio.Event().wait()
        yield pb.ActivateJobsResponse(jobs=[job(key) for key in batch])

    async def SetVariables(self, request, context):  # noqa: N802
        return pb.SetVariablesResponse()

    async def FailJob(self, request, context):  # noqa: N802
        self.ended.put_nowait((request.retries, request.errorMessage))
        return pb.FailJobResponse()

    async def end(self):
        async with asyncio.timeout(20):
            return await self.ended.get()


def job(key, variables="{}"):
    return pb.ActivatedJob(
        key=key, type="work", retries=3, deadline=2_000_000_000_000, variables=variables
    )


@asynccontextmanager
async def serving(gateway, **options):
    server = grpc.aio.server(options=[(f"grpc.{name}", value) for name, value in options.items()])
    add_GatewayServicer_to_server(gateway, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


@asynccontextmanager
async def worker(port, handler, observers=(), **config):
    builder = WorkflowBuilder("test", f"http://127.0.0.1:{port}", observers=observers)
    workflow = await builder.with_handler("work", handler, TaskHandlerConfig(**config)).run()
    try:
        yield workflow
    finally:
        await workflow.stop(grace=0)


@asynccontextmanager
async def client(port, **settings):
    made = connect(
        WorkflowSettings(service_name="c", address=f"http://127.0.0.1:{port}", **settings)
    )
    try:
        yield made
    finally:
        await made.close()


async def some(task):
    return {"blob": "x" * 5000}


async def thrown(task):
    raise BpmnError("declined", "no", {"blob": "x" * 5000})


class Watcher(Observer):
    def __init__(self):
        self.failed, self.resent = [], []

    def poll_failed(self, job_type, status):
        self.failed.append(status)

    def command_resent(self, command, status):
        self.resent.append((command, status))
