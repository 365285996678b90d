"""The embedded engine as a gRPC gateway: any Zeebe client can talk to it.

It speaks the 8.4 protocol through pyzeebe's servicer, for one tenant (semantics#grpc-tenants), and
answers UNIMPLEMENTED to what this engine does not do (semantics#grpc-not-offered).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, NoReturn

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto import gateway_pb2_grpc as rpc

from workflow_devkit.engine.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.gateway import VERSION, EmbeddedGateway
from workflow_devkit.engine.json_text import parse_document
from workflow_runtime.gateway.errors import GatewayError, InvalidArgument, error_for
from workflow_runtime.gateway.port import ActivatedJob, JobRequest, Resource, StreamRequest
from workflow_runtime.gateway.wire import MESSAGE_LIMIT

__all__ = ["GatewayServer", "serve"]

DEFAULT_TENANT = "<default>"
_LONG_POLL = 10_000
_RESULT_TIMEOUT = 15_000
_BEYOND = "The embedded engine does not {}; use a Zeebe broker for that"
_SERVICE = "gateway_protocol.Gateway"

Method = Callable[["_Servicer", Any, Any], Awaitable[Any]]


class GatewayServer:
    """A running gateway; ``port`` is the one that it listens on."""

    def __init__(self, server: grpc.aio.Server, port: int, gateway: EmbeddedGateway) -> None:
        self._server = server
        self.port = port
        self.gateway = gateway

    @property
    def engine(self) -> Engine:
        """The engine behind it."""
        return self.gateway.engine

    async def stop(self, grace: float | None = None) -> None:
        """Stops listening and ends the calls in flight; the engine keeps its state."""
        await self._server.stop(grace)


async def serve(
    engine: Engine | EmbeddedGateway | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: Faults | None = None,
) -> GatewayServer:
    """Listens on the loopback interface unless told otherwise; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    gateway = engine if isinstance(engine, EmbeddedGateway) else EmbeddedGateway(engine)
    server = grpc.aio.server(options=_OPTIONS)
    rpc.add_GatewayServicer_to_server(_Servicer(gateway, faults or Faults()), server)
    _add_health(server)
    bound = 0
    with contextlib.suppress(RuntimeError):
        bound = server.add_insecure_port(f"{host}:{port}")
    if not bound:
        raise OSError(f"cannot listen on {host}:{port}: the port is taken")
    await server.start()
    return GatewayServer(server, bound, gateway)


_OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.keepalive_permit_without_calls", 1),
)


def _add_health(server: grpc.aio.Server) -> None:
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    servicer._server_status[_SERVICE] = health_pb2.HealthCheckResponse.SERVING  # noqa: SLF001


def _method(method: Method) -> Method:
    """Applies faults, and answers a refusal with its status and text."""
    name = method.__name__

    @wraps(method)
    async def answer(self: _Servicer, request: Any, context: Any) -> Any:
        try:
            async with self.faults.around(name):
                return await method(self, request, context)
        except GatewayError as error:
            await _refuse(context, error)

    return answer


async def _refuse(context: Any, error: GatewayError) -> NoReturn:
    await context.abort(grpc.StatusCode[error.status], error.message)
    raise AssertionError  # abort does not return


def _unimplemented(what: str) -> Any:
    async def answer(_: _Servicer, __: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, _BEYOND.format(what))

    return answer


class _Servicer(rpc.GatewayServicer):  # type: ignore[misc, name-defined, unused-ignore]
    """One method for each RPC, named as in the protocol."""

    def __init__(self, gateway: EmbeddedGateway, faults: Faults) -> None:
        self.gateway = gateway
        self.faults = faults

    @_method
    async def Topology(self, _: Any, __: Any) -> Any:
        """Says that one healthy partition is here."""
        partition = pb.Partition(
            partitionId=1, role=pb.Partition.LEADER, health=pb.Partition.HEALTHY
        )
        broker = pb.BrokerInfo(
            nodeId=0, host="embedded", port=26501, partitions=[partition], version=VERSION
        )
        return pb.TopologyResponse(
            brokers=[broker],
            clusterSize=1,
            partitionsCount=1,
            replicationFactor=1,
            gatewayVersion=VERSION,
        )

    @_method
    async def DeployResource(self, request: Any, _: Any) -> Any:
        """Deploys BPMN files."""
        _check_tenants("DeployResource", request.tenantId)
        resources = [Resource(r.name, r.content) for r in request.resources]
        deployed = await self.gateway.deploy(resources)
        return pb.DeployResourceResponse(
            key=deployed[0].definition_key if deployed else 0,
            deployments=[pb.Deployment(process=_metadata(p)) for p in deployed],
            tenantId=DEFAULT_TENANT,
        )

    @_method
    async def DeployProcess(self, request: Any, _: Any) -> Any:
        """The older name of the same."""
        resources = [Resource(p.name, p.definition) for p in request.processes]
        deployed = await self.gateway.deploy(resources)
        key = deployed[0].definition_key if deployed else 0
        return pb.DeployProcessResponse(key=key, processes=[_metadata(p) for p in deployed])

    @_method
    async def CreateProcessInstance(self, request: Any, _: Any) -> Any:
        """Starts an instance by process id and version, or by definition key."""
        scope = parse_document(request.variables)
        process_id, version = self._wanted(request, "CreateProcessInstance")
        instance = await self.gateway.create_instance(process_id, scope, version=version)
        return pb.CreateProcessInstanceResponse(
            processDefinitionKey=instance.definition_key,
            bpmnProcessId=instance.process_id,
            version=instance.version,
            processInstanceKey=instance.key,
            tenantId=DEFAULT_TENANT,
        )

    @_method
    async def CreateProcessInstanceWithResult(self, request: Any, _: Any) -> Any:
        """Starts an instance and waits for its end (semantics#instance-result)."""
        inner = request.request
        process_id, version = self._wanted(inner, "CreateProcessInstanceWithResult")
        result = await self.gateway.create_instance_with_result(
            process_id,
            parse_document(inner.variables),
            timeout=timedelta(milliseconds=request.requestTimeout or _RESULT_TIMEOUT),
            version=version,
            fetch=tuple(request.fetchVariables),
        )
        return pb.CreateProcessInstanceWithResultResponse(
            processDefinitionKey=result.instance.definition_key,
            bpmnProcessId=result.instance.process_id,
            version=result.instance.version,
            processInstanceKey=result.instance.key,
            variables=json.dumps(dict(result.scope)),
            tenantId=DEFAULT_TENANT,
        )

    @_method
    async def CancelProcessInstance(self, request: Any, _: Any) -> Any:
        """Ends an instance."""
        await self.gateway.cancel_instance(request.processInstanceKey)
        return pb.CancelProcessInstanceResponse()

    @_method
    async def PublishMessage(self, request: Any, _: Any) -> Any:
        """Publishes a message."""
        _check_tenants("PublishMessage", request.tenantId)
        key = await self.gateway.publish_message(
            request.name,
            request.correlationKey,
            parse_document(request.variables),
            time_to_live=timedelta(milliseconds=request.timeToLive),
            message_id=request.messageId,
        )
        return pb.PublishMessageResponse(key=key, tenantId=DEFAULT_TENANT)

    @_method
    async def BroadcastSignal(self, request: Any, _: Any) -> Any:
        """Broadcasts a signal."""
        _check_tenants("BroadcastSignal", request.tenantId)
        scope = parse_document(request.variables)
        key = await self.gateway.broadcast_signal(request.signalName, scope)
        return pb.BroadcastSignalResponse(key=key, tenantId=DEFAULT_TENANT)

    @_method
    async def CompleteJob(self, request: Any, _: Any) -> Any:
        """Completes a job."""
        await self.gateway.complete_job(request.jobKey, parse_document(request.variables))
        return pb.CompleteJobResponse()

    @_method
    async def FailJob(self, request: Any, _: Any) -> Any:
        """Fails a job."""
        await self.gateway.fail_job(
            request.jobKey,
            retries=request.retries,
            message=request.errorMessage,
            backoff=timedelta(milliseconds=request.retryBackOff),
            scope=parse_document(request.variables),
        )
        return pb.FailJobResponse()

    @_method
    async def ThrowError(self, request: Any, _: Any) -> Any:
        """Throws a BPMN error from a job."""
        scope = parse_document(request.variables)
        await self.gateway.throw_error(
            request.jobKey, request.errorCode, request.errorMessage, scope
        )
        return pb.ThrowErrorResponse()

    @_method
    async def UpdateJobRetries(self, request: Any, _: Any) -> Any:
        """Sets a job's retries."""
        await self.gateway.update_job_retries(request.jobKey, request.retries)
        return pb.UpdateJobRetriesResponse()

    @_method
    async def UpdateJobTimeout(self, request: Any, _: Any) -> Any:
        """Moves a job's deadline."""
        timeout = timedelta(milliseconds=request.timeout)
        await self.gateway.update_job_timeout(request.jobKey, timeout)
        return pb.UpdateJobTimeoutResponse()

    @_method
    async def SetVariables(self, request: Any, _: Any) -> Any:
        """Sets variables of a scope."""
        scope = parse_document(request.variables)
        await self.gateway.set_variables(request.elementInstanceKey, scope, local=request.local)
        return pb.SetVariablesResponse(key=self.gateway.engine.new_key())

    @_method
    async def ResolveIncident(self, request: Any, _: Any) -> Any:
        """Resolves an incident."""
        await self.gateway.resolve_incident(request.incidentKey)
        return pb.ResolveIncidentResponse()

    async def ActivateJobs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Hands out jobs, after a long poll if there are none (semantics#job-long-poll)."""
        wanted = JobRequest(
            request.type,
            request.worker,
            timedelta(milliseconds=request.timeout),
            request.maxJobsToActivate,
            tuple(request.fetchVariable),
            timedelta(milliseconds=max(request.requestTimeout or _LONG_POLL, 0)),
        )
        try:
            _check_tenants("ActivateJobs", *request.tenantIds)
            async with self.faults.around("ActivateJobs"):
                jobs = list(await self.gateway.activate_jobs(wanted))
        except GatewayError as error:
            await _refuse(context, error)
        for batch in _batches(jobs):
            with self._kept_unless_sent(batch):
                yield pb.ActivateJobsResponse(jobs=batch)

    async def StreamActivatedJobs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Pushes jobs until the client goes."""
        wanted = StreamRequest(
            request.type,
            request.worker,
            timedelta(milliseconds=request.timeout),
            tuple(request.fetchVariable),
        )
        try:
            _check_tenants("StreamActivatedJobs", *request.tenantIds)
            async with self.faults.around("StreamActivatedJobs"):
                jobs = self.gateway.stream_jobs(wanted)
            async with contextlib.aclosing(jobs) as stream:  # type: ignore[type-var]
                async for job in stream:
                    with self._kept_unless_sent([job]):
                        yield _job(job)
        except GatewayError as error:
            await _refuse(context, error)

    ModifyProcessInstance = _unimplemented("modify process instances")
    MigrateProcessInstance = _unimplemented("migrate process instances")
    DeleteResource = _unimplemented("delete resources")
    EvaluateDecision = _unimplemented("evaluate decisions (DMN)")

    def _wanted(self, request: Any, command: str) -> tuple[str, int]:
        """The process id and version that a request names, by themselves or by their key."""
        _check_tenants(command, request.tenantId)
        if request.startInstructions:
            raise error_for("UNIMPLEMENTED", _BEYOND.format("start instances at given elements"))
        if request.bpmnProcessId:
            return request.bpmnProcessId, request.version
        process = self.gateway.engine.definition(request.processDefinitionKey)
        return process.process_id, process.version

    @contextlib.contextmanager
    def _kept_unless_sent(self, jobs: Sequence[Any]) -> Iterator[None]:
        """A client that is gone gets no jobs: nobody else would know of them."""
        try:
            yield
        except (GeneratorExit, asyncio.CancelledError):
            for job in jobs:
                with contextlib.suppress(GatewayError):
                    self.gateway.engine.fail_job(job.key, job.retries, "", 0)
            raise


def _batches(jobs: list[ActivatedJob]) -> list[list[Any]]:
    """Answers that fit into a message."""
    batches: list[list[Any]] = []
    size = MESSAGE_LIMIT
    for job in map(_job, jobs):
        if size + job.ByteSize() > MESSAGE_LIMIT // 2:
            batches.append([])
            size = 0
        batches[-1].append(job)
        size += job.ByteSize()
    return batches


def _job(job: ActivatedJob) -> Any:
    return pb.ActivatedJob(
        key=job.key,
        type=job.job_type,
        processInstanceKey=job.instance_key,
        bpmnProcessId=job.process_id,
        processDefinitionVersion=job.definition_version,
        processDefinitionKey=job.definition_key,
        elementId=job.element_id,
        elementInstanceKey=job.element_instance_key,
        customHeaders=json.dumps(dict(job.headers)),
        worker=job.worker,
        retries=job.retries,
        deadline=job.deadline,
        variables=json.dumps(dict(job.variables)),
        tenantId=DEFAULT_TENANT,
    )


def _metadata(process: Any) -> Any:
    return pb.ProcessMetadata(
        bpmnProcessId=process.process_id,
        version=process.version,
        processDefinitionKey=process.definition_key,
        resourceName=process.resource_name,
        tenantId=DEFAULT_TENANT,
    )


def _check_tenants(command: str, *tenants: str) -> None:
    for tenant in tenants:
        if tenant and tenant != DEFAULT_TENANT:
            raise InvalidArgument(
                f"Expected to handle gRPC request {command} with tenant identifier '{tenant}', "
                "but multi-tenancy is disabled"
            )
