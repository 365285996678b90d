"""The control interface: what may be done with processes, wherever a service runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from workflow_runtime._worker.attempts.retry_budget import without_marker
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.control_commands import ControlCommands, left, timing_out
from workflow_runtime.deployment import Deployment
from workflow_runtime.diagrams import start_event
from workflow_runtime.errors import IncidentNotFound, InstanceNotFound
from workflow_runtime.foreign_words import with_foreign_words
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import ProcessInstance, Scope
from workflow_runtime.observers import Observer
from workflow_runtime.own_loop import OwnLoop
from workflow_runtime.publishing.buffer import EventBuffer
from workflow_runtime.publishing.model import PublishedEvent, WorkflowEvent, make_event
from workflow_runtime.publishing.publisher import Publisher, remembered
from workflow_runtime.trace_context import TraceContext

__all__ = ["Control"]


@with_foreign_words
class Control:
    """Starts processes, tells them of events, and mends them; made on the event loop that it uses.

    Every command waits at most ``command_timeout``, an argument or of the settings, for the
    deployment and resends too, and raises `CommandFailed` when the engine refuses it or cannot be
    reached, or the service has stopped; its ``executed`` says whether the command surely had no
    effect. One that must not be executed twice is sent again only while it was not
    (semantics#grpc-back-pressure).

    Args:
        gateway: the port to the engine, for commands that this class does not offer, too.
        observers: all observers of the service, as one that tells each of them.
        settings: the service's settings.
        deployment: brings the processes to the engine.
        tracing: adds a trace's context to what is sent, if traces are on.
    """

    def __init__(
        self,
        gateway: Gateway,
        observers: Observer,
        settings: WorkflowSettings,
        deployment: Deployment,
        tracing: TraceContext,
    ) -> None:
        self.gateway = gateway
        self.observers = observers
        self.own_loop = OwnLoop()
        self._deployment = deployment
        self._tracing = tracing
        patience = settings.command_timeout
        commands = ControlCommands(deployment, observers, self.own_loop, patience=patience)
        self._send, self._start, self._deployed = commands.send, commands.start, commands.deployed
        self._end = commands.end
        self._make_event = partial(make_event, default_ttl=settings.event_ttl)
        self.publisher = Publisher(
            gateway, observers, patience=patience, sending=tracing.sending, ready=deployment.settled
        )
        self._buffer = EventBuffer(self.publisher, observers, limit=settings.event_buffer)

    def carry(self, scope: Scope) -> Scope:
        """Adds the current trace's context to a scope that is sent later.

        Args:
            scope: the variables.

        Returns:
            The scope to send; without traces it is the one that was given.
        """
        return self._tracing.carry(scope)

    async def start_process(
        self,
        process_id: str,
        scope: Scope | None = None,
        *,
        version: int = -1,
        command_timeout: float | timedelta | None = None,
    ) -> ProcessInstance:
        """Starts an instance, after the service's own processes were deployed.

        An older broker (docs/how-to/on-call.md says up to which) that is killed in the milliseconds
        after its answer makes the instance again under another key (camunda/camunda#59177): find
        instances by a variable of your own where that matters.

        Args:
            process_id: the BPMN id of the process.
            scope: the instance's variables.
            version: of the process; -1 is the latest.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Returns:
            The instance, which runs.

        Raises:
            ProcessNotFound: no such process, or no such version of it, is deployed.
            CommandFailed: the engine refused, or could not be reached in time.
        """
        end = await self._deployed(command_timeout)
        with self._tracing.sending("start", process_id, scope or {}) as sent:
            call = partial(self.gateway.create_instance, process_id, sent, version=version)
            return await self._start(process_id, call, end)

    async def start_process_and_wait(
        self,
        process_id: str,
        scope: Scope | None = None,
        *,
        timeout: float | timedelta = 30.0,
        version: int = -1,
        command_timeout: float | timedelta | None = None,
    ) -> Scope:
        """Starts an instance and waits until it completes (semantics#instance-result).

        Args:
            process_id: the BPMN id of the process.
            scope: the instance's variables.
            timeout: how long to wait, seconds or a timedelta.
            version: of the process; -1 is the latest.
            command_timeout: how long it is tried to start it, seconds or a timedelta, instead of
                the settings'.

        Returns:
            The variables that the instance ended with.

        Raises:
            WaitTimedOut: it did not complete in time, has an incident, or was cancelled.
            ProcessNotFound: no such process, or no such version of it, is deployed.
            CommandFailed: the engine refused, or could not be reached in time.
        """
        patience = timeout if isinstance(timeout, timedelta) else timedelta(seconds=timeout)
        end = await self._deployed(command_timeout)

        async def send(sent: Scope) -> Scope:
            result = await self.gateway.create_instance_with_result(
                process_id, sent, timeout=patience, version=version
            )
            return without_marker(self._tracing.without_context(result.scope))

        with (
            timing_out(process_id, patience),
            self._tracing.sending("start", process_id, scope or {}) as sent,
        ):
            return await self._start(process_id, lambda: send(sent), end, held=True)

    async def start_process_once(
        self,
        process_id: str,
        start_id: str,
        scope: Scope | None = None,
        *,
        time_to_live: float | timedelta | None = None,
        command_timeout: float | timedelta | None = None,
    ) -> PublishedEvent:
        """Starts an instance by its message start event: once for a start id, however often called.

        Args:
            process_id: the BPMN id of a process of this service.
            start_id: which start it is: the id of a request or of an order.
            scope: the instance's variables.
            time_to_live: how long it is known, seconds or a timedelta; None is ``event_ttl``.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Returns:
            The event, a ``duplicate`` if its start id is known; the engine names no instance.

        Raises:
            ConfigurationError: not one message start event, no start id, or no time to live.
            EventNotPublished: the engine could not be reached in time.
            CommandFailed: the engine refused.
        """
        end = await self._deployed(command_timeout)
        name = start_event(self._deployment.resources, process_id)
        ready = self._make_event(name, start_id, scope, time_to_live, start_id)
        return await self.publisher.publish(remembered(ready), left(end))

    async def publish_event(
        self,
        event: str | WorkflowEvent,
        *,
        correlation_key: str = "",
        scope: Scope | None = None,
        time_to_live: float | timedelta | None = None,
        event_id: str | None = None,
        command_timeout: float | timedelta | None = None,
    ) -> PublishedEvent:
        """Tells the processes that wait for an event, now or while the engine keeps it.

        It is sent after the service's own processes were deployed.

        Args:
            event: a typed event, or an event's name.
            correlation_key: whose event it is; empty for events that start a process.
            scope: its variables; added to those of a typed event.
            time_to_live: how long the engine keeps it for a process that does not wait yet,
                seconds or a timedelta; None takes that of the typed event, or ``event_ttl``.
            event_id: a second event of this name and key with the same id is a duplicate for
                the first one's time to live (semantics#message-id); None makes an id: a new one
                for each call, and in a handler the same one each time that its job is run.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Returns:
            The event's name and id, and whether it is a duplicate, which reaches nobody.

        Raises:
            EventNotPublished: the engine could not be reached in time; holds the event.
            CommandFailed: the engine refused it.
            ConfigurationError: a typed event without a name, or whose key is None.
        """
        end = self._end(command_timeout)
        ready = self._make_event(event, correlation_key, scope, time_to_live, event_id)
        return await self.publisher.publish(ready, left(end))

    def publish_later(
        self,
        event: str | WorkflowEvent,
        *,
        correlation_key: str = "",
        scope: Scope | None = None,
        time_to_live: float | timedelta | None = None,
        event_id: str | None = None,
    ) -> bool:
        """Puts an event into a buffer in memory and returns at once; from any thread.

        Events of one key are sent in order, however long the engine is away; a crash of this
        process loses them. Dropped ones are logged by name and counted, those too that
        could not leave in time as the service stopped. For events that must not be lost take
        the outbox.

        Args:
            event: a typed event, or an event's name.
            correlation_key: whose event it is; empty for events that start a process.
            scope: its variables; added to those of a typed event.
            time_to_live: as for `publish_event`.
            event_id: as for `publish_event`.

        Returns:
            False if this one was dropped: ``event_buffer`` events wait already, its scope is no
            JSON object or too large, or the service has stopped.

        Raises:
            ConfigurationError: a typed event without a name, or whose key is None.
        """
        ready = self._make_event(event, correlation_key, scope, time_to_live, event_id)
        return self._buffer.offer(replace(ready, scope=self._tracing.carry(ready.scope)))

    async def broadcast_signal(
        self,
        name: str,
        scope: Scope | None = None,
        *,
        command_timeout: float | timedelta | None = None,
    ) -> None:
        """Tells every process that waits for a signal right now (semantics#signal-broadcast).

        It is sent after the service's own processes were deployed.

        Args:
            name: the signal's name.
            scope: the variables that it brings.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Raises:
            CommandFailed: the engine refused, or could not be reached in time.
        """
        end = await self._deployed(command_timeout)
        with self._tracing.sending("broadcast", name, scope or {}) as sent:
            call = partial(self.gateway.broadcast_signal, name, sent)
            await self._send(call, idempotent=False, end=end)

    async def cancel_process(
        self, instance_key: int, *, command_timeout: float | timedelta | None = None
    ) -> None:
        """Ends an instance with everything in it (semantics#instance-cancelled).

        Args:
            instance_key: the instance, as `ProcessInstance.key` has it.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Raises:
            InstanceNotFound: it does not exist, or has ended.
            CommandFailed: another instance has called it, or the engine could not be reached.
        """
        end = self._end(command_timeout)
        call = partial(self.gateway.cancel_instance, instance_key)
        await self._send(call, InstanceNotFound, end=end)

    async def set_scope(
        self,
        key: int,
        scope: Scope,
        *,
        local: bool = False,
        command_timeout: float | timedelta | None = None,
    ) -> None:
        """Sets variables of an instance, or of one element instance (semantics#variables-set).

        Args:
            key: the instance, or the element instance.
            scope: the variables and their new values.
            local: whether all are set right there; otherwise each is set where it exists.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Raises:
            InstanceNotFound: it does not exist, or has ended.
            CommandFailed: the engine refused, or could not be reached in time.
        """
        call = partial(self.gateway.set_variables, key, scope, local=local)
        await self._send(call, InstanceNotFound, end=self._end(command_timeout))

    async def update_retries(
        self, job_key: int, retries: int, *, command_timeout: float | timedelta | None = None
    ) -> None:
        """Gives a job attempts; an incident stays (semantics#job-retries-updated).

        Args:
            job_key: the job.
            retries: how many attempts it has from now on; 1 or more.
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Raises:
            CommandFailed: there is no such job, or the engine could not be reached in time.
        """
        end = self._end(command_timeout)
        await self._send(lambda: self.gateway.update_job_retries(job_key, retries), end=end)

    async def resolve_incident(
        self,
        incident_key: int,
        retries: int = 1,
        *,
        job_key: int | None = None,
        command_timeout: float | timedelta | None = None,
    ) -> None:
        """Lets the element of an incident try again, after its cause is gone.

        Args:
            incident_key: the incident.
            retries: how many attempts the job gets before.
            job_key: the incident's job, which the gateway cannot tell (the alert carries it);
                without it the job keeps the attempts that it has (semantics#incident-of-job).
            command_timeout: how long it may take, seconds or a timedelta, instead of the settings';
                a request that somebody waits for gives a short one.

        Raises:
            IncidentNotFound: it does not exist, is resolved, or its job has no retries left.
            CommandFailed: there is no such job, or the engine could not be reached in time.
        """
        end = self._end(command_timeout)
        if job_key is not None:
            await self._send(lambda: self.gateway.update_job_retries(job_key, retries), end=end)
        call = partial(self.gateway.resolve_incident, incident_key)
        await self._send(call, IncidentNotFound, end=end)

    async def deployed(self) -> None:
        """Waits until the engine has the service's processes, or has refused them for good.

        Raises:
            CommandFailed: the engine could not be reached in time.
        """
        await self._deployed()
