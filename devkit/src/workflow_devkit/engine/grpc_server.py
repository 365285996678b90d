"""The embedded engine as a gRPC gateway: any Zeebe client can talk to it.

It speaks Zeebe's protocol with pyzeebe's messages, for one tenant (semantics#grpc-tenants), and
answers UNIMPLEMENTED to what this engine does not do (semantics#grpc-not-offered).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, Final, NoReturn

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from loguru import logger

from workflow_devkit.engine.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.json_text import parse_document
from workflow_devkit.engine.protocol_fields import (
    BEYOND,
    DEFAULT_TENANT,
    check_tenants,
    duration,
    instance_fields,
    job_fields,
    linked_fields,
    process_fields,
    result_fields,
    wanted_process,
)
from workflow_runtime import versions
from workflow_runtime.gateway.errors import GatewayError, GatewayInternal
from workflow_runtime.gateway.protocol import is_stream
from workflow_runtime.gateway.protocol import messages as pb
from workflow_runtime.gateway.values import (
    ActivatedJob,
    JobRequest,
    Resource,
    StreamRequest,
)
from workflow_runtime.gateway.wire import MESSAGE_LIMIT

__all__ = ["RPCS", "GatewayServer", "serve"]

# Milliseconds, a gateway's own where a request leaves them open: semantics#job-long-poll and
# semantics#instance-result.
_LONG_POLL = 10_000
_RESULT_TIMEOUT = 15_000
_SERVICE: Final = pb.DESCRIPTOR.services_by_name["Gateway"]

Method = Callable[["_Servicer", Any], Awaitable[Mapping[str, Any] | None]]
Answer = Callable[["_Servicer", Any, Any], Awaitable[Any]]


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
    server.add_generic_rpc_handlers((_handlers(_Servicer(gateway, faults or Faults(names=RPCS))),))
    await _add_health(server)
    # grpc raises a RuntimeError without the reason (grpc/grpc#23632).
    bound = 0
    with contextlib.suppress(RuntimeError):
        bound = server.add_insecure_port(f"{host}:{port}")
    if not bound:
        raise OSError(f"cannot listen on {host}:{port}: the port is taken")
    await server.start()
    return GatewayServer(server, bound, gateway)


_OPTIONS = (
    # Two servers must not share a port: each would get half of the calls.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    # Clients that look every second whether the line is up are not turned away; grpc's own minimum
    # is five minutes (grpc/grpc#9902).
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.keepalive_permit_without_calls", 1),
)


def _handlers(servicer: _Servicer) -> grpc.GenericRpcHandler:
    """The calls of the protocol, by the names that it gives them, as a server takes them."""
    return grpc.method_handlers_generic_handler(
        _SERVICE.full_name, {method.name: _handler(servicer, method) for method in _SERVICE.methods}
    )


def _handler(servicer: _Servicer, method: Any) -> grpc.RpcMethodHandler:
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    return (stream if is_stream(method) else unary)(
        getattr(servicer, method.name),
        request_deserializer=getattr(pb, method.input_type.name).FromString,
        response_serializer=getattr(pb, method.output_type.name).SerializeToString,
    )


async def _add_health(server: grpc.aio.Server) -> None:
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    await servicer.set(_SERVICE.full_name, health_pb2.HealthCheckResponse.SERVING)


def _rpc(method: Method) -> Answer:
    """Makes an RPC of what takes its request and returns the fields of its answer.

    Tenants are checked where the protocol has them, faults strike, and a refusal is answered with
    its status and text.
    """
    name = method.__name__
    request_fields, response_fields = (_fields(f"{name}{end}") for end in ("Request", "Response"))
    response = getattr(pb, f"{name}Response")
    of_tenant = {"tenantId": DEFAULT_TENANT} if "tenantId" in response_fields else {}
    has_tenant = "tenantId" in request_fields

    @wraps(method)
    async def answer(self: _Servicer, request: Any, context: Any) -> Any:
        try:
            async with self.faults.around(name):
                if has_tenant:
                    check_tenants(name, request.tenantId)
                fields = await method(self, request)
            return response(**(fields or {}), **of_tenant)
        except GatewayError as error:
            await _refuse(context, error)
        except Exception as error:  # noqa: BLE001 - a client is answered, whatever has happened
            # As a broker answers to what breaks it; grpc would hide which call it was.
            logger.exception("{}: the embedded engine failed", name)
            await _refuse(context, GatewayInternal(f"{name}: {type(error).__name__}: {error}"))

    return answer


def _fields(message: str) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = pb.DESCRIPTOR.message_types_by_name[message].fields_by_name
    return fields


async def _refuse(context: Any, error: GatewayError) -> NoReturn:
    await context.abort(grpc.StatusCode[error.status], error.message)
    raise AssertionError  # abort does not return


def _unimplemented(what: str) -> Any:
    async def not_offered(_: _Servicer, __: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, BEYOND.format(what))

    return not_offered


class _Servicer:
    """One method for each RPC, named as in the protocol."""

    def __init__(self, gateway: EmbeddedGateway, faults: Faults) -> None:
        self.gateway = gateway
        self.faults = faults

    @_rpc
    async def Topology(self, _: Any) -> Mapping[str, Any]:
        """Describes a cluster of one broker with one healthy partition."""
        # 26501 is a broker's port for its gateway (docs *Network ports*); here nobody listens.
        partition = pb.Partition(
            partitionId=1, role=pb.Partition.LEADER, health=pb.Partition.HEALTHY
        )
        broker = pb.BrokerInfo(
            nodeId=0, host="embedded", port=26501, partitions=[partition], version=versions.EMBEDDED
        )
        return {
            "brokers": [broker],
            "clusterSize": 1,
            "partitionsCount": 1,
            "replicationFactor": 1,
            "gatewayVersion": versions.EMBEDDED,
        }

    @_rpc
    async def DeployResource(self, request: Any) -> Mapping[str, Any]:
        """Deploys BPMN files, decisions and forms."""
        resources = [Resource(r.name, r.content) for r in request.resources]
        deployed = await self.gateway.deploy(resources)
        linked = self.gateway.engine.linked(r.name for r in resources)
        others = [pb.Deployment(**fields) for fields in linked_fields(linked)]
        keys = [p.definition_key for p in deployed] + [file.parts[0].key for file in linked]
        return {
            "key": keys[0],
            "deployments": [*(pb.Deployment(process=process_fields(p)) for p in deployed), *others],
        }

    @_rpc
    async def DeployProcess(self, request: Any) -> Mapping[str, Any]:
        """Deploys BPMN files for old clients, which call it so."""
        resources = [Resource(p.name, p.definition) for p in request.processes]
        deployed = await self.gateway.deploy(resources)
        key = deployed[0].definition_key if deployed else 0
        return {"key": key, "processes": [process_fields(p) for p in deployed]}

    @_rpc
    async def CreateProcessInstance(self, request: Any) -> Mapping[str, Any]:
        """Starts an instance by process id and version, or by definition key."""
        scope = parse_document(request.variables)
        process_id, version = wanted_process(self.gateway.engine, request)
        return instance_fields(
            await self.gateway.create_instance(process_id, scope, version=version)
        )

    @_rpc
    async def CreateProcessInstanceWithResult(self, request: Any) -> Mapping[str, Any]:
        """Starts an instance and waits for its end (semantics#instance-result)."""
        inner = request.request
        check_tenants("CreateProcessInstanceWithResult", inner.tenantId)
        process_id, version = wanted_process(self.gateway.engine, inner)
        result = await self.gateway.create_instance_with_result(
            process_id,
            parse_document(inner.variables),
            timeout=duration(request.requestTimeout or _RESULT_TIMEOUT),
            version=version,
            fetch=tuple(request.fetchVariables),
        )
        return result_fields(result)

    @_rpc
    async def CancelProcessInstance(self, request: Any) -> None:
        """Ends an instance."""
        await self.gateway.cancel_instance(request.processInstanceKey)

    @_rpc
    async def PublishMessage(self, request: Any) -> Mapping[str, Any]:
        """Publishes a message."""
        key = await self.gateway.publish_message(
            request.name,
            request.correlationKey,
            parse_document(request.variables),
            time_to_live=duration(request.timeToLive),
            message_id=request.messageId,
        )
        return {"key": key}

    @_rpc
    async def BroadcastSignal(self, request: Any) -> Mapping[str, Any]:
        """Broadcasts a signal."""
        scope = parse_document(request.variables)
        return {"key": await self.gateway.broadcast_signal(request.signalName, scope)}

    @_rpc
    async def CompleteJob(self, request: Any) -> None:
        """Completes a job."""
        await self.gateway.complete_job(request.jobKey, parse_document(request.variables))

    @_rpc
    async def FailJob(self, request: Any) -> None:
        """Fails a job."""
        await self.gateway.fail_job(
            request.jobKey,
            retries=request.retries,
            message=request.errorMessage,
            backoff=duration(request.retryBackOff),
            scope=parse_document(request.variables),
        )

    @_rpc
    async def ThrowError(self, request: Any) -> None:
        """Throws a BPMN error from a job."""
        scope = parse_document(request.variables)
        await self.gateway.throw_error(
            request.jobKey, request.errorCode, request.errorMessage, scope
        )

    @_rpc
    async def UpdateJobRetries(self, request: Any) -> None:
        """Sets a job's retries."""
        await self.gateway.update_job_retries(request.jobKey, request.retries)

    @_rpc
    async def UpdateJobTimeout(self, request: Any) -> None:
        """Moves a job's deadline."""
        await self.gateway.update_job_timeout(request.jobKey, duration(request.timeout))

    @_rpc
    async def SetVariables(self, request: Any) -> Mapping[str, Any]:
        """Sets variables of a scope."""
        scope = parse_document(request.variables)
        await self.gateway.set_variables(request.elementInstanceKey, scope, local=request.local)
        return {"key": self.gateway.engine.new_key()}

    @_rpc
    async def ResolveIncident(self, request: Any) -> None:
        """Resolves an incident."""
        await self.gateway.resolve_incident(request.incidentKey)

    async def ActivateJobs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Hands out jobs, after a long poll if there are none (semantics#job-long-poll)."""
        wanted = JobRequest(
            request.type,
            request.worker,
            duration(request.timeout),
            request.maxJobsToActivate,
            tuple(request.fetchVariable),
            # 0 leaves it to the gateway, less than 0 answers at once.
            duration(max(request.requestTimeout or _LONG_POLL, 0)),
        )
        try:
            check_tenants("ActivateJobs", *request.tenantIds)
            async with self.faults.around("ActivateJobs"):
                jobs = list(await self.gateway.activate_jobs(wanted))
        except GatewayError as error:
            await _refuse(context, error)
        for batch in _batches(jobs):
            with self._kept_unless_sent(batch):
                yield pb.ActivateJobsResponse(jobs=batch)

    async def StreamActivatedJobs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Pushes jobs until the client goes (semantics#job-stream)."""
        wanted = StreamRequest(
            request.type, request.worker, duration(request.timeout), tuple(request.fetchVariable)
        )
        try:
            check_tenants("StreamActivatedJobs", *request.tenantIds)
            async with self.faults.around("StreamActivatedJobs"):
                jobs = self.gateway.stream_jobs(wanted)
            async with contextlib.aclosing(jobs) as stream:  # type: ignore[type-var]
                async for job in stream:
                    with self._kept_unless_sent([job]):
                        yield pb.ActivatedJob(**job_fields(job))
        except GatewayError as error:
            await _refuse(context, error)

    ModifyProcessInstance = _unimplemented("modify process instances")
    MigrateProcessInstance = _unimplemented("migrate process instances")
    DeleteResource = _unimplemented("delete resources")
    EvaluateDecision = _unimplemented("evaluate decisions (DMN)")

    @contextlib.contextmanager
    def _kept_unless_sent(self, jobs: Sequence[Any]) -> Iterator[None]:
        """Gives jobs back when their client is gone: nobody else would know of them."""
        try:
            yield
        # How grpc ends the generator of a call whose client is gone.
        except (GeneratorExit, asyncio.CancelledError):
            for job in jobs:
                # Some may be over already, cancelled with their instance.
                with contextlib.suppress(GatewayError):
                    self.gateway.engine.fail_job(job.key, job.retries, "", 0)
            raise


RPCS: Final = frozenset(
    method.name
    for method in _SERVICE.methods
    if getattr(vars(_Servicer).get(method.name), "__name__", "") == method.name
)
"""The calls of the protocol that the engine answers; what refuses the others has another name."""


def _batches(jobs: list[ActivatedJob]) -> list[list[Any]]:
    """Distributes jobs over answers that fit into a message (semantics#grpc-message-size)."""
    batches: list[list[Any]] = []
    size = MESSAGE_LIMIT
    for job in (pb.ActivatedJob(**job_fields(job)) for job in jobs):
        # Far below the limit: one message more costs less than a refused batch.
        if size + job.ByteSize() > MESSAGE_LIMIT // 2:
            batches.append([])
            size = 0
        batches[-1].append(job)
        size += job.ByteSize()
    return batches
