"""The gateway port: what the runtime asks of an engine, without saying which one.

Adapters: ``gateway.zeebe`` (gRPC) and the devkit's ``engine.gateway`` (in process). Both pass the
contract suite in ``tests/gateway``. Keys are integers, scopes are JSON objects, durations are
``timedelta``. Every method raises only subclasses of `GatewayError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Protocol

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

__all__ = ["Gateway"]


class Gateway(Protocol):
    """The commands of Zeebe that the runtime uses; one call is one command, never resent.

    Sending again is the caller's business (``gateway.retrying``). A command's ``deadline`` is how
    long the call may take; None is the adapter's default. Besides the errors that its method
    names, each command may raise a `TransientGatewayError`, `Unauthenticated` or
    `GatewayInternal`, and `InvalidArgument` or `MessageTooLarge` where it carries a scope.
    """

    @property
    def in_process(self) -> bool:
        """Whether the engine lives and dies with this process."""

    async def deploy(
        self, resources: Sequence[Resource], *, deadline: timedelta | None = None
    ) -> Sequence[DeployedProcess]:
        """Deploys all ``resources`` or none (semantics#deployment-atomic).

        Returns:
            The processes in them; an unchanged file gives its old version back.

        Raises:
            InvalidArgument: a file is refused; names file, element and reason.
        """

    async def has_process(
        self, process_id: str, version: int = -1, *, deadline: timedelta | None = None
    ) -> bool:
        """Asks whether this ``version`` of ``process_id`` is deployed, -1: any; starts nothing.

        Returns:
            What the partition says that was asked: a new version reaches the others a moment later.

        Raises:
            GatewayError: whatever else is answered; then it is not known.
        """

    async def create_instance(
        self,
        process_id: str,
        scope: Scope,
        *,
        version: int = -1,
        deadline: timedelta | None = None,
    ) -> ProcessInstance:
        """Starts an instance of ``process_id`` with ``scope``; ``version`` -1 is the latest.

        Returns:
            The instance, which runs.

        Raises:
            NotFound: this process, or this version of it, is not deployed.
            FailedPrecondition: only an event starts it (semantics#instance-created).
        """

    async def create_instance_with_result(
        self,
        process_id: str,
        scope: Scope,
        *,
        timeout: timedelta,
        version: int = -1,
        fetch: Sequence[str] = (),
    ) -> InstanceResult:
        """Starts an instance of ``process_id`` with ``scope``, and waits until it completes.

        Returns:
            The instance and its final scope, or the variables of it that ``fetch`` names.

        Raises:
            NotFound: this process, or this ``version`` of it (-1 is the latest), is not deployed.
            DeadlineExceeded: no end within ``timeout``; it goes on (semantics#instance-result).
        """

    async def cancel_instance(
        self, instance_key: int, *, deadline: timedelta | None = None
    ) -> None:
        """Ends the root instance ``instance_key`` with all that it called.

        Raises:
            NotFound: it does not exist, or has ended.
            FailedPrecondition: another instance called it (semantics#instance-cancelled).
        """

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
        """Publishes a message: ``scope`` for who waits for this ``name`` and ``correlation_key``.

        Returns:
            The message's key; the engine keeps it for ``time_to_live``.

        Raises:
            AlreadyExists: one with this ``message_id`` is still kept (semantics#message-id).
        """

    async def broadcast_signal(
        self, name: str, scope: Scope, *, deadline: timedelta | None = None
    ) -> int:
        """Gives ``scope`` to all that wait for signal ``name`` now (semantics#signal-broadcast).

        Returns:
            The signal's key.
        """

    async def activate_jobs(self, request: JobRequest) -> Sequence[ActivatedJob]:
        """Fetches jobs as ``request`` says; cancelling the call never loses a fetched job.

        Returns:
            The oldest jobs first (semantics#job-activated); none is a normal answer.
        """

    def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        """Pushes jobs of ``request`` as they appear; who does not read is not sent more.

        Yields:
            Each job once; what was there before has to be polled (semantics#job-stream).
        """

    async def complete_job(
        self, job_key: int, scope: Scope, *, deadline: timedelta | None = None
    ) -> None:
        """Completes job ``job_key`` with its result ``scope``.

        Raises:
            NotFound: it has ended (semantics#job-late-completion).
            FailedPrecondition: it has failed (semantics#job-open-states).
        """

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
        """Fails job ``job_key``: ``retries`` is what is left (semantics#job-failed).

        None left makes an incident that says ``message`` (semantics#job-no-retries); otherwise
        the job comes again after ``backoff``. ``scope`` becomes local variables of the task.

        Raises:
            NotFound: it has ended.
            FailedPrecondition: it has failed already (semantics#job-open-states).
        """

    async def throw_error(
        self,
        job_key: int,
        code: str,
        message: str,
        scope: Scope | None = None,
        *,
        deadline: timedelta | None = None,
    ) -> None:
        """Throws BPMN error ``code`` from job ``job_key`` (semantics#error-thrown).

        Its catcher gets ``scope``; without one, an incident says ``message``.

        Raises:
            NotFound: the job has ended.
            FailedPrecondition: it has failed (semantics#job-open-states).
        """

    async def update_job_retries(
        self, job_key: int, retries: int, *, deadline: timedelta | None = None
    ) -> None:
        """Sets the ``retries`` that ``job_key`` has left; resolves nothing by itself.

        Raises:
            NotFound: the job has ended (semantics#job-retries-updated).
            InvalidArgument: ``retries`` is below 1.
        """

    async def update_job_timeout(
        self, job_key: int, timeout: timedelta, *, deadline: timedelta | None = None
    ) -> None:
        """Gives running job ``job_key`` ``timeout`` from now on (semantics#job-timeout-moved).

        Raises:
            NotFound: it has ended.
            FailedPrecondition: nobody holds it.
        """

    async def set_variables(
        self,
        element_instance_key: int,
        scope: Scope,
        *,
        local: bool = False,
        deadline: timedelta | None = None,
    ) -> None:
        """Sets the variables of ``scope`` from ``element_instance_key`` upwards.

        The key is an instance's or an element's; with ``local`` all stay there
        (semantics#variables-set), otherwise each goes up (semantics#variables-merge-upwards).

        Raises:
            NotFound: there is no such instance or element any more.
        """

    async def resolve_incident(
        self, incident_key: int, *, deadline: timedelta | None = None
    ) -> None:
        """Lets what made ``incident_key`` try again (semantics#incident-resolved).

        Raises:
            NotFound: it is gone, or its job has no retries left (semantics#incident-of-job).
        """

    async def topology(self, *, deadline: timedelta | None = None) -> Topology:
        """Asks who is there: the cheapest sign of life.

        Returns:
            The cluster as the gateway sees it.
        """

    async def close(self) -> None:
        """Lets go of the connection; calls in flight and later ones raise `Closed`."""
