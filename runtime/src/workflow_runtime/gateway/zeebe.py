"""The gateway over gRPC, with pyzeebe's messages.

Only here are protobuf messages seen. One instance is shared by everything in the process; it
connects with the first call, because a channel belongs to the loop it is made in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

from typing_extensions import override

from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.call_credentials import NoCredentials
from workflow_runtime.gateway.connection import CALL_ERRORS, Connection
from workflow_runtime.gateway.errors import (
    GatewayError,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
)
from workflow_runtime.gateway.grpc_credentials import Credentials
from workflow_runtime.gateway.intake import Intake
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.protocol import requests as pb
from workflow_runtime.gateway.values import (
    ActivatedJob,
    DeployedProcess,
    InstanceResult,
    JobRequest,
    ProcessInstance,
    Resource,
    Scope,
    StreamRequest,
    Topology,
)
from workflow_runtime.gateway.wire import (
    NOWHERE,
    check_size,
    milliseconds,
    read_instance,
    read_presence,
    read_processes,
    read_result,
    read_topology,
    variables_text,
)

__all__ = ["ZeebeGateway"]

_STREAM_LIFE = 3600.0
"""Seconds until a stream of jobs ends, without an error, and is opened anew; pyzeebe's default."""


class ZeebeGateway(Gateway):
    """Zeebe's gateway at an address.

    Args:
        address: where it is.
        credentials: who we are; None is nobody.
        request_timeout: how long a call may take that does not say so itself; polls have it on
            top of their own time.
    """

    in_process = False

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None = None,
        *,
        request_timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        self._connection = Connection(
            address, credentials or Credentials(NoCredentials()), request_timeout
        )
        self._intake = Intake(self.fail_job)
        # By task type: what ended an answer after jobs had come with it.
        self._unsaid: dict[str, GatewayError] = {}

    @override
    async def deploy(
        self, resources: Sequence[Resource], *, deadline: timedelta | None = None
    ) -> Sequence[DeployedProcess]:
        request = pb.DeployResourceRequest(
            resources=[pb.Resource(name=r.name, content=r.content) for r in resources]
        )
        check_size(request.ByteSize(), "DeployResource")
        return read_processes(await self._connection.call(request, deadline))

    @override
    async def has_process(
        self, process_id: str, version: int = -1, *, deadline: timedelta | None = None
    ) -> bool:
        """Asks for a start at an element that no diagram has (semantics#instance-elements)."""
        request = _create(process_id, version, {})
        request.startInstructions.add(elementId=NOWHERE)
        try:
            answer = await self._connection.call(request, deadline)
        except (InvalidArgument, NotFound) as error:
            return read_presence(error, process_id)
        # No known gateway comes here. What it has started was not asked for.
        await self.cancel_instance(answer.processInstanceKey)
        raise GatewayInternal("start instructions are not heeded", code="UNIMPLEMENTED")

    @override
    async def create_instance(
        self,
        process_id: str,
        scope: Scope,
        *,
        version: int = -1,
        deadline: timedelta | None = None,
    ) -> ProcessInstance:
        request = _create(process_id, version, scope)
        return read_instance(await self._connection.call(request, deadline))

    @override
    async def create_instance_with_result(
        self,
        process_id: str,
        scope: Scope,
        *,
        timeout: timedelta,
        version: int = -1,
        fetch: Sequence[str] = (),
    ) -> InstanceResult:
        request = pb.CreateProcessInstanceWithResultRequest(
            request=_create(process_id, version, scope),
            requestTimeout=milliseconds(timeout),
            fetchVariables=fetch,
        )
        # The gateway's own time-out answers with a clear text: it goes first.
        patience = timeout + timedelta(seconds=1)
        answer = await self._connection.call(request, patience, held=True)
        return InstanceResult(read_instance(answer), read_result(answer))

    @override
    async def cancel_instance(
        self, instance_key: int, *, deadline: timedelta | None = None
    ) -> None:
        request = pb.CancelProcessInstanceRequest(processInstanceKey=instance_key)
        await self._connection.call(request, deadline)

    @override
    async def publish_message(
        self,
        name: str,
        correlation_key: str,
        scope: Scope,
        *,
        time_to_live: timedelta,
        message_id: str = "",
        deadline: timedelta | None = None,
    ) -> int:
        request = pb.PublishMessageRequest(
            name=name,
            correlationKey=correlation_key,
            timeToLive=milliseconds(time_to_live),
            messageId=message_id,
            variables=variables_text(scope, "PublishMessage"),
        )
        answer = await self._connection.call(request, deadline)
        return int(answer.key)

    @override
    async def broadcast_signal(
        self, name: str, scope: Scope, *, deadline: timedelta | None = None
    ) -> int:
        variables = variables_text(scope, "BroadcastSignal")
        request = pb.BroadcastSignalRequest(signalName=name, variables=variables)
        return int((await self._connection.call(request, deadline)).key)

    @override
    async def activate_jobs(self, request: JobRequest) -> Sequence[ActivatedJob]:
        """A broken answer still gives the jobs that came; a cancelled call hands them back."""
        if request.job_type in self._unsaid:
            raise self._unsaid.pop(request.job_type)
        poll = milliseconds(request.long_poll)
        message = pb.ActivateJobsRequest(
            type=request.job_type,
            worker=request.worker,
            timeout=milliseconds(request.job_timeout),
            maxJobsToActivate=request.max_jobs,
            fetchVariable=request.fetch,
            # 0 is no value to the protocol: the broker would take its own 10 s
            # (semantics#job-long-poll).
            requestTimeout=poll if poll > 0 else -1,
        )
        jobs: list[ActivatedJob] = []
        timeout = max(poll, 0) / 1000 + self._connection.timeout
        metadata = await self._connection.metadata()
        waits = poll > 0
        line = (
            await self._connection.line_for_waiting()
            if waits
            else self._connection.line_for_command()
        )
        try:
            call = line.calls.ActivateJobs(message, timeout=timeout, metadata=metadata)
            async for answer in call:
                jobs.extend(self._intake.readable(answer.jobs))
        except asyncio.CancelledError:
            self._intake.hand_back(jobs)
            self._connection.explain_cancel()
        except CALL_ERRORS as error:
            refused = self._connection.refused(error, message, metadata, line)
            if not jobs:
                raise refused from None
            if isinstance(refused, MessageTooLarge):
                self._unsaid[request.job_type] = refused  # for the next call
        finally:
            line.busy -= 1
        return jobs

    @override
    async def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        """Ends without error when its life of an hour is over."""
        message = pb.StreamActivatedJobsRequest(
            type=request.job_type,
            worker=request.worker,
            timeout=milliseconds(request.job_timeout),
            fetchVariable=request.fetch,
        )
        metadata = await self._connection.metadata()
        line = await self._connection.line_for_waiting()
        call = line.calls.StreamActivatedJobs(message, timeout=_STREAM_LIFE, metadata=metadata)
        try:
            async for pushed in call:
                for job in self._intake.readable([pushed]):
                    yield job
        except asyncio.CancelledError:
            self._connection.explain_cancel()
        except CALL_ERRORS as error:
            if not _is_own_deadline(error, call):
                raise self._connection.refused(error, message, metadata, line) from None
        finally:
            call.cancel()
            line.busy -= 1

    @override
    async def complete_job(
        self, job_key: int, scope: Scope, *, deadline: timedelta | None = None
    ) -> None:
        request = pb.CompleteJobRequest(
            jobKey=job_key, variables=variables_text(scope, "CompleteJob") if scope else "{}"
        )
        await self._connection.call(request, deadline)

    @override
    async def fail_job(
        self,
        job_key: int,
        *,
        retries: int,
        message: str,
        backoff: timedelta = timedelta(0),
        scope: Scope | None = None,
        deadline: timedelta | None = None,
    ) -> None:
        request = pb.FailJobRequest(
            jobKey=job_key,
            retries=retries,
            errorMessage=message,
            retryBackOff=milliseconds(backoff),
            variables=variables_text(scope or {}, "FailJob"),
        )
        await self._connection.call(request, deadline)

    @override
    async def throw_error(
        self,
        job_key: int,
        code: str,
        message: str,
        scope: Scope | None = None,
        *,
        deadline: timedelta | None = None,
    ) -> None:
        request = pb.ThrowErrorRequest(
            jobKey=job_key,
            errorCode=code,
            errorMessage=message,
            variables=variables_text(scope or {}, "ThrowError"),
        )
        await self._connection.call(request, deadline)

    @override
    async def update_job_retries(
        self, job_key: int, retries: int, *, deadline: timedelta | None = None
    ) -> None:
        request = pb.UpdateJobRetriesRequest(jobKey=job_key, retries=retries)
        await self._connection.call(request, deadline)

    @override
    async def update_job_timeout(
        self, job_key: int, timeout: timedelta, *, deadline: timedelta | None = None
    ) -> None:
        request = pb.UpdateJobTimeoutRequest(jobKey=job_key, timeout=milliseconds(timeout))
        await self._connection.call(request, deadline)

    @override
    async def set_variables(
        self,
        element_instance_key: int,
        scope: Scope,
        *,
        local: bool = False,
        deadline: timedelta | None = None,
    ) -> None:
        request = pb.SetVariablesRequest(
            elementInstanceKey=element_instance_key,
            variables=variables_text(scope, "SetVariables"),
            local=local,
        )
        await self._connection.call(request, deadline)

    @override
    async def resolve_incident(
        self, incident_key: int, *, deadline: timedelta | None = None
    ) -> None:
        request = pb.ResolveIncidentRequest(incidentKey=incident_key)
        await self._connection.call(request, deadline)

    @override
    async def topology(self, *, deadline: timedelta | None = None) -> Topology:
        return read_topology(await self._connection.call(pb.TopologyRequest(), deadline))

    @override
    async def close(self) -> None:
        await self._intake.settle(self._connection.timeout)
        await self._connection.close()


def _is_own_deadline(error: Any, call: Any) -> bool:
    return call.time_remaining() == 0 and isinstance(error, CALL_ERRORS[0])


def _create(process_id: str, version: int, scope: Scope) -> Any:
    return pb.CreateProcessInstanceRequest(
        bpmnProcessId=process_id,
        version=version,
        variables=variables_text(scope, "CreateProcessInstance"),
    )
