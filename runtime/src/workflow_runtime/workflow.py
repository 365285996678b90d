"""The control interface: what a service does with processes while it runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._worker.health_check import check_health
from workflow_runtime._worker.worker import Worker
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.deployment import Deployment
from workflow_runtime.errors import (
    CommandFailed,
    IncidentNotFound,
    InstanceNotFound,
    ProcessNotFound,
    WaitTimedOut,
)
from workflow_runtime.gateway.errors import DeadlineExceeded, GatewayError, NotFound
from workflow_runtime.gateway.port import Gateway, ProcessInstance, Scope
from workflow_runtime.gateway.retrying import again_if_idempotent, again_if_not_executed, resend
from workflow_runtime.health import Health
from workflow_runtime.lifespan import LifespanHook
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.buffer import EventBuffer
from workflow_runtime.publishing.model import Event, PublishedEvent, WorkflowEvent, make_event
from workflow_runtime.publishing.publisher import Publisher
from workflow_runtime.trace_context import TraceContext

__all__ = ["Workflow"]

Result = TypeVar("Result")

_LEAST = 1.0
"""Seconds that waiting events have for leaving, whatever the handlers left of the grace period."""
_HOOK_SECONDS = 10.0
"""Seconds that each lifespan hook has for its end."""


class Workflow:
    """A running service; made by `WorkflowBuilder.run`."""

    def __init__(
        self,
        context: WorkerContext,
        settings: WorkflowSettings,
        worker: Worker,
        deployment: Deployment,
        *,
        owns_gateway: bool = True,
        lifespan_hooks: Sequence[LifespanHook] = (),
        tracing: TraceContext,
    ) -> None:
        self._context = context
        self._settings = settings
        self._worker = worker
        self._deployment = deployment
        self._owns_gateway = owns_gateway
        self._lifespan_hooks = lifespan_hooks
        self._tracing = tracing
        self._publisher = Publisher(
            context.gateway,
            context.observers,
            patience=settings.command_timeout,
            sending=tracing.sending,
        )
        self._buffer = EventBuffer(self._publisher, context.observers, limit=settings.event_buffer)
        self._deploying = asyncio.get_running_loop().create_task(deployment.run())
        self._stopping: asyncio.Task[int] | None = None
        worker.start()

    async def start_lifespan_hooks(self) -> None:
        """Begins with what accompanies the service; called by `WorkflowBuilder.run`."""
        for hook in self._lifespan_hooks:
            await hook.start(self)

    @property
    def gateway(self) -> Gateway:
        """The port itself, for what this interface does not offer."""
        return self._context.gateway

    @property
    def publisher(self) -> Publisher:
        """Sends events at this service's gateway, for lifespan hooks such as the outbox's relay."""
        return self._publisher

    @property
    def observers(self) -> Observer:
        """Who watches this service."""
        return self._context.observers

    def carry(self, scope: Scope) -> Scope:
        """The scope with the current trace's context, if traces are on."""
        return self._tracing.carry(scope)

    async def start_process(
        self, process_id: str, scope: Scope | None = None, *, version: int = -1
    ) -> ProcessInstance:
        """Starts an instance; version -1 is the latest.

        An older broker (docs/how-to/on-call.md says up to which) that is killed in the milliseconds
        after its answer makes the instance again under another key (camunda/camunda#59177): find
        instances by a variable of your own where that matters.

        Raises:
            ProcessNotFound: no such process is deployed.
            CommandFailed: the engine refused, or could not be reached within
                ``command_timeout``. It is sent again only while it surely was not executed.
        """
        await self.deployed()
        with self._tracing.sending("start", process_id, scope or {}) as sent:
            return await self._start(
                process_id, lambda: self.gateway.create_instance(process_id, sent, version=version)
            )

    async def start_process_and_wait(
        self,
        process_id: str,
        scope: Scope | None = None,
        *,
        timeout: float | timedelta = 30.0,
        version: int = -1,
    ) -> Scope:
        """Starts an instance, waits until it completes and returns its final scope.

        Raises:
            WaitTimedOut: it did not complete within ``timeout`` (seconds); it goes on.
            ProcessNotFound: no such process is deployed.
        """
        patience = timeout if isinstance(timeout, timedelta) else timedelta(seconds=timeout)
        await self.deployed()

        async def send(sent: Scope) -> Scope:
            result = await self.gateway.create_instance_with_result(
                process_id, sent, timeout=patience, version=version
            )
            return self._tracing.without_context(result.scope)

        try:
            with self._tracing.sending("start", process_id, scope or {}) as sent:
                return await self._start(process_id, lambda: send(sent))
        except CommandFailed as error:
            if error.status != DeadlineExceeded.code:
                raise
            raise WaitTimedOut(
                f"{process_id} did not complete within {patience}; it goes on running"
            ) from error

    async def publish_event(
        self,
        event: str | WorkflowEvent,
        *,
        correlation_key: str = "",
        scope: Scope | None = None,
        time_to_live: float | timedelta | None = None,
        event_id: str | None = None,
    ) -> PublishedEvent:
        """Tells the processes that wait for it, now or within ``time_to_live`` (seconds).

        ``event`` is a typed event, or a name with its key and scope beside it. The same
        ``event_id`` again is no second event while the engine keeps the first one; without an
        id, one is made from name, key and scope.

        Raises:
            EventNotPublished: the engine could not be reached within ``command_timeout``;
                holds the event.
            CommandFailed: the engine refused it.
        """
        ready = self._event(event, correlation_key, scope, time_to_live, event_id)
        return await self._publisher.publish(ready)

    def publish_later(
        self,
        event: str | WorkflowEvent,
        *,
        correlation_key: str = "",
        scope: Scope | None = None,
        time_to_live: float | timedelta | None = None,
        event_id: str | None = None,
    ) -> bool:
        """The same without waiting: false if ``event_buffer`` events wait already.

        Events in the buffer are sent in order, however long the engine is away; a crash of
        this process loses them. Dropped ones are logged and counted. For events that must not
        be lost take the outbox.
        """
        ready = self._event(event, correlation_key, scope, time_to_live, event_id)
        return self._buffer.offer(replace(ready, scope=self._tracing.carry(ready.scope)))

    async def broadcast_signal(self, name: str, scope: Scope | None = None) -> None:
        """Tells every process that waits for this signal right now."""
        with self._tracing.sending("broadcast", name, scope or {}) as sent:
            await self._send(
                lambda: self.gateway.broadcast_signal(name, sent), CommandFailed, twice=False
            )

    async def cancel_process(self, instance_key: int) -> None:
        """Ends an instance with everything in it.

        Raises:
            InstanceNotFound: it does not exist, or has ended.
        """
        await self._send(
            lambda: self.gateway.cancel_instance(instance_key), InstanceNotFound, twice=True
        )

    async def set_scope(self, key: int, scope: Scope, *, local: bool = False) -> None:
        """Sets variables of an instance, or of one element instance.

        Raises:
            InstanceNotFound: it does not exist, or has ended.
        """
        await self._send(
            lambda: self.gateway.set_variables(key, scope, local=local),
            InstanceNotFound,
            twice=True,
        )

    async def update_retries(self, job_key: int, retries: int) -> None:
        """Gives a job attempts; resolves nothing by itself."""
        await self._send(
            lambda: self.gateway.update_job_retries(job_key, retries), CommandFailed, twice=True
        )

    async def resolve_incident(
        self, incident_key: int, retries: int = 1, *, job_key: int | None = None
    ) -> None:
        """Lets the element of an incident try again, after its cause is gone.

        The gateway cannot tell the job of an incident: with ``job_key`` (the alert carries it)
        the job first gets ``retries`` new attempts; without, it keeps what it has.

        Raises:
            IncidentNotFound: it does not exist, is resolved, or its job has no retries left.
        """
        if job_key is not None:
            await self.update_retries(job_key, retries)
        await self._send(
            lambda: self.gateway.resolve_incident(incident_key), IncidentNotFound, twice=True
        )

    def health(self) -> Health:
        """A snapshot for probes and people; may be called from any thread."""
        return check_health(
            self._settings,
            self._worker,
            self._deployment,
            stopping=self._stopping is not None,
            events_waiting=len(self._buffer),
        )

    async def stop(self, grace: float | timedelta | None = None) -> int:
        """Drains and closes; returns how many handlers could not be ended.

        Fetches nothing more, tells handlers, waits ``grace`` seconds (default: the settings'),
        hands back what is left. Called again, it waits for the same end.
        """
        if self._stopping is None:
            grace = self._settings.grace if grace is None else grace
            seconds = grace.total_seconds() if isinstance(grace, timedelta) else grace
            self._stopping = asyncio.get_running_loop().create_task(self._stop(seconds))
        return await asyncio.shield(self._stopping)

    async def _stop(self, grace: float) -> int:
        self._deploying.cancel()
        until = time.monotonic() + grace
        stuck = await self._worker.stop(grace)
        await self._buffer.close(max(until - time.monotonic(), _LEAST))
        for hook in reversed(self._lifespan_hooks):
            await self._end(hook)
        if self._owns_gateway:
            await self.gateway.close()
        return stuck

    async def _end(self, hook: LifespanHook) -> None:
        try:
            await asyncio.wait_for(hook.stop(), _HOOK_SECONDS)
        except Exception as error:  # noqa: BLE001 - the others have to be stopped too
            logger.warning("{} did not stop: {}", type(hook).__name__, kind_and_place(error))

    async def deployed(self) -> None:
        """Waits until the engine has the processes, or has refused them for good.

        Raises:
            CommandFailed: nobody was there within ``command_timeout``.
        """
        seconds = self._settings.command_timeout.total_seconds()
        try:
            await asyncio.wait_for(self._deployment.wait(), seconds)
        except TimeoutError:
            raise CommandFailed(
                f"the processes could not be deployed within {seconds:g} s: "
                f"{self._deployment.status}",
                status="UNAVAILABLE",
            ) from None

    def _event(
        self,
        event: str | WorkflowEvent,
        correlation_key: str,
        scope: Scope | None,
        time_to_live: float | timedelta | None,
        event_id: str | None,
    ) -> Event:
        return make_event(
            event,
            correlation_key=correlation_key,
            scope=scope,
            time_to_live=time_to_live,
            event_id=event_id,
            default_ttl=self._settings.event_ttl,
        )

    async def _start(self, process_id: str, call: Callable[[], Awaitable[Result]]) -> Result:
        try:
            return await self._send(call, ProcessNotFound, twice=False)
        except ProcessNotFound:
            # The engine came back without its data before anybody noticed.
            if not self._deployment.renew(process_id):
                raise
        await self.deployed()
        return await self._send(call, ProcessNotFound, twice=False)

    async def _send(
        self,
        call: Callable[[], Awaitable[Result]],
        not_found: type[CommandFailed],
        *,
        twice: bool,
    ) -> Result:
        try:
            return await self._resend(call, twice=twice)
        except GatewayError as error:
            raise _failure(error, not_found) from error

    async def _resend(self, call: Callable[[], Awaitable[Result]], *, twice: bool) -> Result:
        until = time.monotonic() + self._settings.command_timeout.total_seconds()
        return await resend(
            call,
            until=lambda: until,
            judge=again_if_idempotent if twice else again_if_not_executed,
            notice=lambda e: self._context.observers.command_resent("control", e.status),
        )


def _failure(error: GatewayError, not_found: type[CommandFailed]) -> CommandFailed:
    kind = not_found if isinstance(error, NotFound) else CommandFailed
    return kind(error.message or error.status, status=error.status)
