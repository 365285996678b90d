"""What a handler is given: its job, seen from the process's side."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from loguru import logger

from workflow_runtime.errors import MissingScopeVariable, WorkflowIncident, make_incident
from workflow_runtime.gateway.port import ActivatedJob

if TYPE_CHECKING:
    from loguru import Logger

__all__ = ["Shutdown", "WorkflowTask"]

_REQUIRED: Any = object()

Extend = Callable[[timedelta | None], Awaitable[None]]


class Shutdown:
    """Says that the service is about to stop: for coroutines and for threads alike."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._thread_event = threading.Event()

    def is_set(self) -> bool:
        """Whether the service is stopping."""
        return self._thread_event.is_set()

    def set(self) -> None:
        """Tells every waiting handler; called on the event loop."""
        self._thread_event.set()
        self._event.set()

    async def wait(self) -> None:
        """Waits until the service is stopping."""
        await self._event.wait()

    def wait_in_thread(self, seconds: float | None = None) -> bool:
        """The same for ``def`` handlers: true if it is stopping, false after ``seconds``."""
        return self._thread_event.wait(seconds)


class WorkflowTask:
    """One task of one process instance, on one attempt."""

    __slots__ = ("_extend", "_service", "_shutdown", "attempt", "job")

    def __init__(
        self,
        job: ActivatedJob,
        *,
        attempt: int = 1,
        service: str = "",
        shutdown: Shutdown | None = None,
        extend: Extend | None = None,
    ) -> None:
        self.job = job
        self.attempt = attempt
        """1 on the first execution, counted by failures of this job."""
        self._service = service
        self._shutdown = shutdown
        self._extend = extend

    def get_scope_variable(self, name: str, default: Any = _REQUIRED) -> Any:
        """A variable of the process scope.

        Raises:
            MissingScopeVariable: the scope does not hold it and no default is given; as it
                leaves the handler, the job becomes an incident.
        """
        if name in self.job.variables:
            return self.job.variables[name]
        if default is _REQUIRED:
            raise MissingScopeVariable(name)
        return default

    @property
    def scope(self) -> Mapping[str, Any]:
        """The fetched variables, read-only."""
        return MappingProxyType(dict(self.job.variables))

    @property
    def headers(self) -> Mapping[str, str]:
        """The task headers of the diagram."""
        return self.job.headers

    @property
    def process_id(self) -> str:
        """The BPMN process id."""
        return self.job.process_id

    @property
    def element_id(self) -> str:
        """The service task's id in the diagram."""
        return self.job.element_id

    @property
    def instance_key(self) -> int:
        """The process instance."""
        return self.job.instance_key

    @property
    def retries_left(self) -> int:
        """Retries as the broker counts them, this attempt included."""
        return self.job.retries

    @property
    def deadline(self) -> datetime:
        """When the broker would give the job away, as of its activation."""
        return datetime.fromtimestamp(self.job.deadline / 1000, UTC)

    @property
    def idempotency_key(self) -> str:
        """The same on every attempt of this task, different for every other task."""
        return f"{self.job.process_id}-{self.job.instance_key}-{self.job.key}"

    @property
    def logger(self) -> Logger:
        """A logger that carries service, process, instance and job."""
        return logger.bind(
            service=self._service,
            process_id=self.job.process_id,
            instance_key=self.job.instance_key,
            element_id=self.job.element_id,
            job_key=self.job.key,
            job_type=self.job.job_type,
            attempt=self.attempt,
        )

    @property
    def shutdown(self) -> Shutdown:
        """Set when the service begins to stop: long handlers should come to an end."""
        if self._shutdown is None:
            self._shutdown = Shutdown()
        return self._shutdown

    async def extend_timeout(self, timeout: timedelta | None = None) -> None:
        """Gives this job ``timeout`` (default: its type's) from now on.

        Not needed while the heartbeat is on, which it is unless configured otherwise.
        """
        if self._extend is not None:
            await self._extend(timeout)

    def make_incident(self, message: str) -> WorkflowIncident:
        """Makes the incident to raise when no further attempt can help."""
        return make_incident(message)

    def __repr__(self) -> str:
        return f"WorkflowTask({self.job.job_type}, job {self.job.key}, attempt {self.attempt})"
