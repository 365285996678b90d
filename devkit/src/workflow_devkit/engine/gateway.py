"""The gateway in process: the embedded engine behind the port, with long polls and streams.

Nothing is polled by sleeping: a long poll waits until the engine says that a job is there, and
with a real clock one timer of the event loop waits for whatever is due next.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from loguru import logger

from workflow_devkit.engine.clock import SystemClock
from workflow_devkit.engine.engine import Engine
from workflow_devkit.engine.json_text import as_received, check_texts
from workflow_runtime import versions
from workflow_runtime.gateway.errors import (
    Closed,
    DeadlineExceeded,
    GatewayError,
)
from workflow_runtime.gateway.execution import never_left
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import (
    ActivatedJob,
    BrokerInfo,
    DeployedProcess,
    InstanceResult,
    JobRequest,
    ProcessInstance,
    Resource,
    Scope,
    StreamRequest,
    Topology,
)
from workflow_runtime.gateway.wire import check_size, milliseconds

__all__ = ["EmbeddedGateway", "embedded_gateway"]

Result = TypeVar("Result")

# Later than any moment, so that the first alarm needs no case of its own.
_NEVER = math.inf


def embedded_gateway() -> Gateway:
    """A new engine behind the port, for a service whose address is ``embedded://``.

    It keeps no records: a service runs for weeks, and nobody reads them there.
    """
    return EmbeddedGateway(Engine(keep_records=0))


class EmbeddedGateway:
    """An engine in this process, for one event loop.

    A command has had all its effects when it returns, so no ``deadline`` is ever looked at.
    """

    in_process = True

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine()
        self._unsubscribe = self.engine.jobs.subscribe(self._job_available)
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_due: float = _NEVER
        self._closed = False

    async def deploy(
        self, resources: Sequence[Resource], *, deadline: timedelta | None = None
    ) -> Sequence[DeployedProcess]:
        """Deploys all resources or none.

        Raises:
            InvalidArgument: one of them cannot be run; nothing is deployed.
            MessageTooLarge: together they are more than a broker takes.
        """
        self._check_open()
        check_size(sum(len(r.content) for r in resources), "DeployResource")
        return self._done(self.engine.deploy(resources))

    async def has_process(
        self, process_id: str, version: int = -1, *, deadline: timedelta | None = None
    ) -> bool:
        """Asks whether a process, or this version of it, is deployed."""
        found = [p.version for p in self.engine.definitions() if p.process_id == process_id]
        return version in found or (version < 0 and bool(found))

    async def create_instance(
        self,
        process_id: str,
        scope: Scope,
        *,
        version: int = -1,
        deadline: timedelta | None = None,
    ) -> ProcessInstance:
        """Starts an instance of a process; version -1 is the latest.

        Raises:
            NotFound: there is no such process, or no such version.
            GatewayInternal: it goes round and round (semantics#instance-endless).
        """
        plain = self._plain(scope, "CreateProcessInstance")
        return self._done(self.engine.create_instance(process_id, plain, version=version))

    async def create_instance_with_result(
        self,
        process_id: str,
        scope: Scope,
        *,
        timeout: timedelta,
        version: int = -1,
        fetch: Sequence[str] = (),
    ) -> InstanceResult:
        """Starts an instance and waits for its end (semantics#instance-result).

        Returns:
            The instance and its final scope, of which ``fetch`` names the part; empty is all.

        Raises:
            DeadlineExceeded: it has not ended within ``timeout``; it goes on.
        """
        plain = self._plain(scope, "CreateProcessInstanceWithResult")
        ended: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()

        def on_result(final: Mapping[str, Any] | None) -> None:
            # None: an instance that is cancelled answers nobody (semantics#instance-result).
            if final is not None and not ended.done():
                ended.set_result(final)

        instance = self.engine.create_instance(
            process_id, plain, version=version, on_result=on_result
        )
        self._done(None)
        try:
            final = await asyncio.wait_for(ended, timeout.total_seconds())
        except TimeoutError:
            raise DeadlineExceeded(
                f"Time out between gateway and broker: Request timed out after {timeout}"
            ) from None
        kept = {name: final[name] for name in fetch if name in final} if fetch else final
        return InstanceResult(instance, kept)

    async def cancel_instance(
        self, instance_key: int, *, deadline: timedelta | None = None
    ) -> None:
        """Ends a root instance with everything in it.

        Raises:
            NotFound: no such instance is running.
            FailedPrecondition: another instance has called it.
        """
        self._check_open()
        self.engine.cancel_instance(instance_key)
        self._done(None)

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
        """Publishes a message and returns its key.

        Raises:
            AlreadyExists: one with this name, key and id is still buffered.
        """
        plain = self._plain(scope, "PublishMessage")
        check_texts("PublishMessage", name, correlation_key, message_id)
        key = self.engine.publish_message(
            name,
            correlation_key,
            plain,
            time_to_live=milliseconds(time_to_live),
            message_id=message_id,
        )
        return self._done(key)

    async def broadcast_signal(
        self, name: str, scope: Scope, *, deadline: timedelta | None = None
    ) -> int:
        """Tells everybody who listens now of a signal; returns its key."""
        plain = self._plain(scope, "BroadcastSignal")
        check_texts("BroadcastSignal", name)
        return self._done(self.engine.broadcast_signal(name, plain))

    async def activate_jobs(self, request: JobRequest) -> Sequence[ActivatedJob]:
        """Fetches jobs; while there is none it waits for the request's ``long_poll``."""
        jobs = self._activate(request, request.max_jobs)
        patience = request.long_poll.total_seconds()
        end = asyncio.get_running_loop().time() + patience
        while not jobs and patience > 0:
            if not await self._wait_for(request.job_type, patience):
                break
            jobs = self._activate(request, request.max_jobs)
            patience = end - asyncio.get_running_loop().time()
        return jobs

    async def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        """Pushes each job as it appears, for as long as it is read (semantics#job-stream)."""
        while True:
            # Waits first: a broker does not push what was there before (semantics#job-stream).
            await self._wait_for(request.job_type, None)
            while jobs := self._activate(request, 1):
                yield jobs[0]

    async def complete_job(
        self, job_key: int, scope: Scope, *, deadline: timedelta | None = None
    ) -> None:
        """Completes a job; its scope is merged upwards or goes through the output mappings."""
        plain = self._plain(scope, "CompleteJob")
        self.engine.complete_job(job_key, plain)
        self._done(None)

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
        """Fails a job with the retries that are left; none left is an incident."""
        plain = self._plain(scope or {}, "FailJob")
        check_texts("FailJob", message)
        wait = milliseconds(backoff)
        self.engine.fail_job(job_key, retries, message, wait, plain)
        self._done(None)

    async def throw_error(
        self,
        job_key: int,
        code: str,
        message: str,
        scope: Scope | None = None,
        *,
        deadline: timedelta | None = None,
    ) -> None:
        """Throws a BPMN error from a job; one that nobody catches is an incident."""
        plain = self._plain(scope or {}, "ThrowError")
        check_texts("ThrowError", code, message)
        self.engine.throw_error(job_key, code, message, plain)
        self._done(None)

    async def update_job_retries(
        self, job_key: int, retries: int, *, deadline: timedelta | None = None
    ) -> None:
        """Sets the retries that a job has left; its incident stays until it is resolved."""
        self._check_open()
        self.engine.update_job_retries(job_key, retries)
        self._done(None)

    async def update_job_timeout(
        self, job_key: int, timeout: timedelta, *, deadline: timedelta | None = None
    ) -> None:
        """Gives a job that somebody works on ``timeout`` from now on."""
        self._check_open()
        self.engine.update_job_timeout(job_key, milliseconds(timeout))
        self._done(None)

    async def set_variables(
        self,
        element_instance_key: int,
        scope: Scope,
        *,
        local: bool = False,
        deadline: timedelta | None = None,
    ) -> None:
        """Sets variables in a scope, or from it upwards where they exist."""
        plain = self._plain(scope, "SetVariables")
        self.engine.set_variables(element_instance_key, plain, local=local)
        self._done(None)

    async def resolve_incident(
        self, incident_key: int, *, deadline: timedelta | None = None
    ) -> None:
        """Lets the element of an incident try again."""
        self._check_open()
        self.engine.resolve_incident(incident_key)
        self._done(None)

    async def topology(self, *, deadline: timedelta | None = None) -> Topology:
        """One healthy broker with one partition, always."""
        self._check_open()
        broker = BrokerInfo("embedded", versions.EMBEDDED, {1: "leader healthy"})
        return Topology(versions.EMBEDDED, 1, 1, 1, (broker,))

    async def advance(self, duration: timedelta) -> None:
        """Moves a controlled clock and fires everything that is due, in the order of time.

        Raises:
            TypeError: the engine follows real time.
        """
        self.engine.advance(duration)
        # Whoever waits for a job gets its turn before the caller goes on.
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Ends all calls, those that wait too, with `Closed`; the engine keeps its state."""
        if not self._closed:
            self._unsubscribe()
        self._closed = True
        if self._alarm is not None:
            self._alarm.cancel()
        # Woken, they try once more and are told that it is closed.
        for job_type in tuple(self._waiting):
            self._wake(job_type)

    def _activate(self, request: JobRequest | StreamRequest, limit: int) -> list[ActivatedJob]:
        self._check_open()
        return self._done(
            self.engine.activate_jobs(
                request.job_type,
                request.worker,
                milliseconds(request.job_timeout),
                limit,
                request.fetch,
            )
        )

    async def _wait_for(self, job_type: str, seconds: float | None) -> bool:
        """Waits until a job of the type may be there; false if none came in time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(job_type, [])
        waiting.append(future)
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return False
        finally:
            # Timed out or cancelled: who is woken is out of the list already.
            if future in waiting:
                waiting.remove(future)
        return True

    def _job_available(self, job_type: str) -> None:
        if job_type in self._waiting:
            self._wake(job_type)

    def _wake(self, job_type: str) -> None:
        # All of them: who comes too late waits again.
        for future in self._waiting.pop(job_type, ()):
            if not future.done():
                future.set_result(None)

    def _done(self, result: Result) -> Result:
        """Ends each command: sets the alarm to what is due next, and passes the result on."""
        if isinstance(self.engine.clock, SystemClock):
            self._set_alarm()
        return result

    def _set_alarm(self) -> None:
        """Sets the alarm to what is due next, unless it rings earlier already.

        One that rings too early only sets the next: what is called off need not move it.
        """
        due = self.engine.next_due()
        if due is None or due >= self._alarm_due or self._closed:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_due = due
        seconds = max(0.0, (due - self.engine.clock.now_ms()) / 1000)
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._alarm, self._alarm_due = None, _NEVER
        try:
            self.engine.run_due()
        except GatewayError as error:
            # Nobody has called, so nobody else would hear of an endless loop.
            logger.error("embedded engine: {}", error)
        finally:
            self._set_alarm()

    def _plain(self, scope: Scope, command: str) -> dict[str, Any]:
        self._check_open()
        return as_received(scope, command)

    def _check_open(self) -> None:
        if self._closed:
            raise never_left(Closed("the embedded gateway is closed: the service has stopped"))
