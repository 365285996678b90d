"""The gateway port: what the runtime asks of an engine, without saying which one.

Adapters: ``gateway.zeebe`` (gRPC) and ``engine.gateway`` (in process). Both pass the
contract suite in ``tests/gateway``. Keys are integers, scopes are JSON objects, durations
are ``timedelta``. Every method raises only `GatewayError` subclasses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from workflow_runtime.gateway.errors import GatewayError

__all__ = [
    "ActivatedJob",
    "BrokerInfo",
    "DeployedProcess",
    "Gateway",
    "GatewayError",
    "InstanceResult",
    "JobRequest",
    "ProcessInstance",
    "Resource",
    "Scope",
    "StreamRequest",
    "Topology",
]

Scope = Mapping[str, Any]
"""Variables of a process instance: a JSON object."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file to deploy.

    Zeebe compares name and bytes with the latest version (semantics#deployment-versions).
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DeployedProcess:
    """A process definition that the engine knows after a deployment."""

    process_id: str
    version: int
    definition_key: int
    resource_name: str


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    """A process instance that has been started."""

    key: int
    process_id: str
    version: int
    definition_key: int


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """A process instance that has completed, with its final scope."""

    instance: ProcessInstance
    scope: Scope


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One ActivateJobs call.

    ``fetch`` names the variables to bring along; empty brings all. ``long_poll`` is how long
    the engine may hold the call while there is no job; zero or less answers at once.
    """

    job_type: str
    worker: str
    job_timeout: timedelta
    max_jobs: int
    fetch: Sequence[str] = ()
    long_poll: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One StreamActivatedJobs call: only jobs that become activatable from now on."""

    job_type: str
    worker: str
    job_timeout: timedelta
    fetch: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ActivatedJob:
    """A job that this worker holds until ``deadline`` (Unix time in milliseconds)."""

    key: int
    job_type: str
    instance_key: int
    process_id: str
    definition_key: int
    definition_version: int
    element_id: str
    element_instance_key: int
    headers: Mapping[str, str]
    worker: str
    retries: int
    deadline: int
    variables: Scope


@dataclass(frozen=True, slots=True)
class BrokerInfo:
    """One node of the cluster: ``partitions`` maps a partition's id to its role and health."""

    address: str
    version: str
    partitions: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Topology:
    """What the gateway says of its cluster."""

    gateway_version: str
    cluster_size: int
    partitions: int
    replication_factor: int
    brokers: Sequence[BrokerInfo] = ()


class Gateway(Protocol):
    """The commands of Zeebe that the runtime uses; one call is one command, never resent.

    Resending by error code is ``gateway.retrying``'s business. ``deadline`` bounds one call;
    None takes the adapter's default.
    """

    @property
    def in_process(self) -> bool:
        """Whether the engine lives and dies with this process."""
        ...

    async def deploy(
        self, resources: Sequence[Resource], *, deadline: timedelta | None = None
    ) -> Sequence[DeployedProcess]:
        """Deploys all resources or none; unchanged ones give their old version back."""
        ...

    async def create_instance(
        self,
        process_id: str,
        scope: Scope,
        *,
        version: int = -1,
        deadline: timedelta | None = None,
    ) -> ProcessInstance:
        """Starts an instance; version -1 is the latest."""
        ...

    async def create_instance_with_result(
        self,
        process_id: str,
        scope: Scope,
        *,
        timeout: timedelta,
        version: int = -1,
        fetch: Sequence[str] = (),
    ) -> InstanceResult:
        """Starts an instance and waits until it completes, `DeadlineExceeded` after timeout."""
        ...

    async def cancel_instance(
        self, instance_key: int, *, deadline: timedelta | None = None
    ) -> None:
        """Ends a root instance with all its children."""
        ...

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
        """Publishes a message, returns its key. `AlreadyExists` while the id is buffered."""
        ...

    async def broadcast_signal(
        self, name: str, scope: Scope, *, deadline: timedelta | None = None
    ) -> int:
        """Broadcasts a signal, returns its key."""
        ...

    async def activate_jobs(self, request: JobRequest) -> Sequence[ActivatedJob]:
        """Fetches jobs; an empty answer is normal. Cancelling never loses a fetched job."""
        ...

    def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        """Pushes jobs as they appear; who does not read is not sent more."""
        ...

    async def complete_job(
        self, job_key: int, scope: Scope, *, deadline: timedelta | None = None
    ) -> None:
        """Completes a job with its result variables."""
        ...

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
        """Fails a job: ``retries`` is what is left (semantics#job-failed).

        None left makes an incident (semantics#job-no-retries).
        """
        ...

    async def throw_error(
        self,
        job_key: int,
        code: str,
        message: str,
        scope: Scope | None = None,
        *,
        deadline: timedelta | None = None,
    ) -> None:
        """Throws a BPMN error from a job (semantics#error-thrown)."""
        ...

    async def update_job_retries(
        self, job_key: int, retries: int, *, deadline: timedelta | None = None
    ) -> None:
        """Sets the retries left; resolves nothing by itself (semantics#job-retries-updated)."""
        ...

    async def update_job_timeout(
        self, job_key: int, timeout: timedelta, *, deadline: timedelta | None = None
    ) -> None:
        """Gives a running job ``timeout`` from now on (semantics#job-timeout-moved)."""
        ...

    async def set_variables(
        self,
        element_instance_key: int,
        scope: Scope,
        *,
        local: bool = False,
        deadline: timedelta | None = None,
    ) -> None:
        """Sets variables of a scope (semantics#variables-set).

        Not local ones go up to where they exist (semantics#variables-merge-upwards).
        """
        ...

    async def resolve_incident(
        self, incident_key: int, *, deadline: timedelta | None = None
    ) -> None:
        """Lets the element of an incident try again (semantics#incident-resolved)."""
        ...

    async def topology(self, *, deadline: timedelta | None = None) -> Topology:
        """Asks who is there: the cheapest sign of life."""
        ...

    async def close(self) -> None:
        """Lets go of the connection; calls in flight end with `Unavailable`."""
        ...
