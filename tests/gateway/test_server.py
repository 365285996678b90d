"""The engine's gateway itself: every RPC, health, who may listen, and clients that leave."""

import asyncio
import contextlib
import re

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.support.diagrams import one_task
from tests.support.zeebe_stubs import pb, rpc

from workflow_devkit.engine import Engine, grpc_server
from workflow_devkit.engine.grpc_server import serve

RPCS = [method.name for method in pb.DESCRIPTOR.services_by_name["Gateway"].methods]
BEYOND = sorted(set(RPCS) - grpc_server.RPCS)
WORK = one_task("work", "do", "do")
NEVER = 2251799813685999


@pytest.fixture
async def server():
    server = await serve(Engine())
    server.engine.deploy([WORK])
    yield server
    await server.stop()


class Waits:
    """Notes when a client begins to wait for a job, and when it has ended to."""

    def __init__(self, gateway):
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self._inner = gateway._wait_for
        gateway._wait_for = self._wait

    async def _wait(self, *args):
        self.begun.set()
        try:
            return await self._inner(*args)
        finally:
            self.begun.clear()
            self.ended.set()


@pytest.fixture
def waits(server):
    return Waits(server.gateway)


@pytest.fixture
async def channel(server):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel


@pytest.fixture
def stub(channel):
    return rpc.GatewayStub(channel)


async def refusal(call):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code().name, caught.value.details()


async def answers(stub, name):
    """What an RPC says to an empty request."""
    request = getattr(pb, f"{name}Request")()
    call = getattr(stub, name)(request, timeout=5)
    try:
        if hasattr(call, "__aiter__"):
            return [answer async for answer in call]
        return await call
    except grpc.aio.AioRpcError as error:
        return error.code().name, error.details()


def test_the_protocol_has_21_rpcs():
    assert len(RPCS) == 21


def test_most_rpcs_are_answered_and_not_all():
    assert set(RPCS) > grpc_server.RPCS


def words(name):
    """``DeleteResource`` in a sentence."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()


@pytest.mark.parametrize("name", [name for name in RPCS if name not in BEYOND])
async def test_every_rpc_within_scope_is_answered(stub, name):
    code = await answers(stub, name)
    assert not (isinstance(code, tuple) and code[0] in {"UNIMPLEMENTED", "UNKNOWN", "INTERNAL"})


@pytest.mark.parametrize("name", BEYOND)
async def test_what_is_beyond_the_engine_says_so(stub, name):
    code, text = await answers(stub, name)
    assert code == "UNIMPLEMENTED"
    assert text.startswith(f"The embedded engine does not {words(name)}")
    assert text.endswith("; use a Zeebe broker for that")


async def test_a_start_at_given_elements_is_refused_instead_of_started_elsewhere(stub, server):
    there = pb.ProcessInstanceCreationStartInstruction(elementId="do")
    request = pb.CreateProcessInstanceRequest(
        bpmnProcessId="work", version=-1, startInstructions=[there]
    )
    code, text = await refusal(stub.CreateProcessInstance(request))
    assert code == "UNIMPLEMENTED"
    assert "does not start instances at given elements" in text
    assert not list(server.engine.jobs)
    there.elementId = "nowhere"
    request.startInstructions.append(there)
    code, text = await refusal(stub.CreateProcessInstance(request))
    assert code == "INVALID_ARGUMENT"
    assert "no element found with id 'nowhere'" in text
    request.bpmnProcessId = "never"
    code, text = await refusal(stub.CreateProcessInstance(request))
    assert code == "NOT_FOUND"
    assert not list(server.engine.jobs)


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("CreateProcessInstance", {"bpmnProcessId": "work", "version": -1}),
        ("PublishMessage", {"name": "m"}),
        ("BroadcastSignal", {"signalName": "s"}),
    ],
)
async def test_another_tenant_is_refused(stub, call, fields):
    request = getattr(pb, f"{call}Request")
    answer = await getattr(stub, call)(request(**fields, tenantId="<default>"))
    assert answer.tenantId == "<default>"
    code, text = await refusal(getattr(stub, call)(request(**fields, tenantId="other")))
    assert code == "INVALID_ARGUMENT"
    assert text == (
        f"Expected to handle gRPC request {call} with tenant identifier 'other', "
        "but multi-tenancy is disabled"
    )


async def test_an_instance_is_started_by_the_key_of_its_definition(stub, server):
    (definition,) = server.engine.definitions()
    request = pb.CreateProcessInstanceRequest(processDefinitionKey=definition.key)
    answer = await stub.CreateProcessInstance(request)
    assert (answer.bpmnProcessId, answer.version) == ("work", 1)
    awaited = pb.CreateProcessInstanceWithResultRequest(request=request, requestTimeout=10_000)
    waiting = asyncio.ensure_future(stub.CreateProcessInstanceWithResult(awaited))
    async for batch in stub.ActivateJobs(wanted(jobs=1)):
        await complete(stub, batch)
    async for batch in stub.ActivateJobs(wanted(jobs=1)):
        await complete(stub, batch)
    assert (await waiting).processDefinitionKey == definition.key


async def test_an_unknown_definition_key_is_not_found(stub):
    request = pb.CreateProcessInstanceRequest(processDefinitionKey=NEVER)
    code, text = await refusal(stub.CreateProcessInstance(request))
    assert code == "NOT_FOUND"
    assert f"Expected to find process definition with key '{NEVER}', but none found" in text


@pytest.mark.parametrize(
    "variables", ["[1]", "{", '"text"', '{"a": NaN}', '{"a": 1e400}', f'{{"a": {2**64}}}']
)
async def test_variables_that_are_no_json_object_are_invalid(stub, variables):
    request = pb.CreateProcessInstanceRequest(bpmnProcessId="work", version=-1, variables=variables)
    code, _ = await refusal(stub.CreateProcessInstance(request))
    assert code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("service", ["", "gateway_protocol.Gateway"])
async def test_it_tells_its_health(channel, service):
    health = health_pb2_grpc.HealthStub(channel)
    answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_it_listens_on_this_machine_only():
    server = await serve(Engine())
    try:
        (other, *_) = await asyncio.get_running_loop().getaddrinfo("127.0.0.2", server.port)
        with pytest.raises(OSError, match=r"."):
            await asyncio.open_connection(*other[4][:2])
    finally:
        await server.stop()


async def test_a_port_that_is_taken_is_named(server):
    with pytest.raises(OSError, match=f"127.0.0.1:{server.port}: the port is taken"):
        await serve(Engine(), port=server.port)


async def test_a_stopped_server_frees_its_port_and_keeps_its_engine():
    engine = Engine()
    engine.deploy([WORK])
    first = await serve(engine)
    engine.create_instance("work", {})
    await first.stop()
    second = await serve(engine, port=first.port)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{second.port}") as channel:
        assert len(await fetched(rpc.GatewayStub(channel), wanted())) == 1
    await second.stop()


def wanted(jobs=10, poll=5_000):
    return pb.ActivateJobsRequest(
        type="do", worker="w", timeout=60_000, maxJobsToActivate=jobs, requestTimeout=poll
    )


async def fetched(stub, request):
    return [job async for batch in stub.ActivateJobs(request) for job in batch.jobs]


@pytest.mark.parametrize("name", ["ActivateJobs", "StreamActivatedJobs"])
async def test_jobs_of_a_tenant_are_refused_as_without_tenants(stub, server, name):
    server.engine.create_instance("work", {})
    request = getattr(pb, f"{name}Request")(
        type="do", worker="w", timeout=60_000, tenantIds=["<default>", "others"]
    )
    code, text = await refusal(getattr(stub, name)(request, timeout=5).read())
    assert code == "INVALID_ARGUMENT"
    assert f"gRPC request {name} with tenant identifier 'others'" in text
    assert "multi-tenancy is disabled" in text


async def complete(stub, batch):
    for job in batch.jobs:
        await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key))


async def test_several_clients_share_the_work_and_none_gets_it_twice(server):
    async def client(count):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            stub, done = rpc.GatewayStub(channel), []
            while len(done) < count:
                for job in await fetched(stub, wanted(jobs=3)):
                    await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key))
                    done.append(job.key)
                await stub.CreateProcessInstance(
                    pb.CreateProcessInstanceRequest(bpmnProcessId="work", version=-1)
                )
            return done

    for _ in range(30):
        server.engine.create_instance("work", {})
    done = [key for keys in await asyncio.gather(*(client(10) for _ in range(5))) for key in keys]
    assert len(done) == len(set(done)) >= 50


async def test_a_long_poll_is_answered_when_a_job_appears(stub, server, waits):
    polling = asyncio.ensure_future(fetched(stub, wanted(poll=60_000)))
    await asyncio.wait_for(waits.begun.wait(), 10)
    server.engine.create_instance("work", {})
    (job,) = await asyncio.wait_for(polling, 10)
    assert job.elementId == "do"


async def test_without_a_long_poll_an_empty_answer_comes_at_once(stub):
    assert await asyncio.wait_for(fetched(stub, wanted(poll=-1)), 10) == []


async def test_a_client_that_leaves_its_poll_takes_no_job_along(stub, server, waits):
    polling = stub.ActivateJobs(wanted(poll=60_000))
    reading = asyncio.ensure_future(polling.read())
    await asyncio.wait_for(waits.begun.wait(), 10)
    polling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    await asyncio.wait_for(waits.ended.wait(), 10)
    server.engine.create_instance("work", {})
    assert len(await fetched(stub, wanted(poll=-1))) == 1


async def test_polled_jobs_that_cannot_be_sent_are_given_back(server):
    server.engine.create_instance("work", {})
    handler = servicer(server).ActivateJobs(wanted(), None)
    await anext(handler)
    await gives_back(server, handler)


async def test_pushed_jobs_that_cannot_be_sent_are_given_back(server, waits):
    handler = servicer(server).StreamActivatedJobs(streamed(), None)
    pushed = asyncio.ensure_future(anext(handler))
    await asyncio.wait_for(waits.begun.wait(), 10)
    server.engine.create_instance("work", {})
    await pushed
    await gives_back(server, handler)


async def gives_back(server, handler):
    assert not server.engine.jobs.has_waiting("do")
    await handler.aclose()
    assert server.engine.jobs.has_waiting("do")
    (job,) = server.engine.jobs
    assert job.retries == 3


async def test_a_stream_pushes_each_job_as_it_appears(stub, server, waits):
    pushed = stub.StreamActivatedJobs(streamed())
    for number in range(3):
        reading = asyncio.ensure_future(pushed.read())
        await asyncio.wait_for(waits.begun.wait(), 10)
        server.engine.create_instance("work", {"number": number})
        job = await asyncio.wait_for(reading, 10)
        assert job.variables == f'{{"number": {number}}}'
    pushed.cancel()


def streamed():
    return pb.StreamActivatedJobsRequest(type="do", worker="w", timeout=60_000)


def servicer(server):
    from workflow_devkit.engine.faults import Faults
    from workflow_devkit.engine.grpc_server import _Servicer

    return _Servicer(server.gateway, Faults(names=grpc_server.RPCS))
