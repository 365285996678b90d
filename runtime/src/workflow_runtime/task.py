"""What a handler is given: its job, seen from the process's side."""

from __future__ import annotations

import asyncio
import copy
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from loguru import logger
from typing_extensions import override

from workflow_runtime.errors import (
    MissingScopeVariable,
    ScopeVariableNotFetched,
    WorkflowIncident,
    WrongPlace,
    make_incident,
)
from workflow_runtime.foreign_words import with_foreign_words
from workflow_runtime.gateway.encoding import encode
from workflow_runtime.gateway.values import ActivatedJob

if TYPE_CHECKING:
    from loguru import Logger

    from workflow_runtime._log.job_fields import CurrentJob
    from workflow_runtime.sync_workflow import SyncWorkflow
    from workflow_runtime.workflow import Workflow

__all__ = ["Shutdown", "WorkflowTask"]

# Not None, which a caller may want as the default.
_REQUIRED: Any = object()

Extend = Callable[[timedelta | None], Awaitable[None]]


class Shutdown:
    """Says that the service is about to stop: for coroutines and for threads alike."""

    def __init__(self) -> None:
        # asyncio's event does not wake threads, and threading's would block the event loop.
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
        """Waits in the thread of a ``def`` handler until the service is stopping.

        Args:
            seconds: how long to wait; None waits without end.

        Returns:
            True if the service is stopping, false if the time is over.
        """
        return self._thread_event.wait(seconds)


class _Fetched(dict[str, Any]):
    """Variables of a scope of which more may exist: what was not fetched is not taken for missing.

    A dictionary, so that the view of it can what `MappingProxyType` can.
    """

    __slots__ = ("_names",)

    def __init__(self, variables: Mapping[str, Any], names: frozenset[str]) -> None:
        super().__init__(variables)
        self._names = names

    @override
    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        if name not in self._names:
            raise ScopeVariableNotFetched(str(name))
        return False

    @override
    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, default) if name in self else default

    def __missing__(self, name: str) -> Any:
        raise KeyError(name) if name in self._names else ScopeVariableNotFetched(str(name))


@with_foreign_words
class WorkflowTask:
    """One task of one process instance, on one attempt.

    Args:
        job: the job as it was fetched.
        attempt: 1 on the first execution, counted by failures of this job.
        service: the service's name, for log lines.
        shutdown: says that the service is about to stop; None is a service that does not.
        extend: extends the job's timeout; None, in tests of a handler, does nothing.
        fetched: the variables that were asked for with the job; None is all.
        workflow: what ``workflow`` gives; None, in tests of a handler, is none.
        current: whose events are published by ``sync_workflow``; None is nobody's.
    """

    __slots__ = (
        "_current",
        "_extend",
        "_fetched",
        "_service",
        "_shutdown",
        "_workflow",
        "attempt",
        "job",
    )

    def __init__(
        self,
        job: ActivatedJob,
        *,
        attempt: int = 1,
        service: str = "",
        shutdown: Shutdown | None = None,
        extend: Extend | None = None,
        fetched: frozenset[str] | None = None,
        workflow: Workflow | None = None,
        current: CurrentJob | None = None,
    ) -> None:
        self.job = job
        self.attempt = attempt
        self._service = service
        self._shutdown = shutdown
        self._extend = extend
        self._fetched = fetched
        self._workflow = workflow
        self._current = current

    def get_scope_variable(self, name: str, default: Any = _REQUIRED) -> Any:
        """Reads a variable of the process scope.

        Args:
            name: the variable.
            default: what is returned where the scope does not hold it.

        Returns:
            Its value: what JSON has.

        Raises:
            MissingScopeVariable: the scope does not hold it and no default is given; as it
                leaves the handler, the job becomes an incident.
            ScopeVariableNotFetched: nobody knows whether the scope holds it, since the handler's
                other parameters or its configuration say what is fetched; also with a default.
        """
        if name in self.job.variables:
            return self.job.variables[name]
        if self._fetched is not None and name not in self._fetched:
            raise ScopeVariableNotFetched(name)
        if default is _REQUIRED:
            raise MissingScopeVariable(name)
        return default

    @property
    def scope(self) -> Mapping[str, Any]:
        """The variables that were fetched, read-only.

        Reading another one raises `ScopeVariableNotFetched`, as `get_scope_variable` does.
        """
        if self._fetched is None:
            return MappingProxyType(dict(self.job.variables))
        return MappingProxyType(_Fetched(self.job.variables, self._fetched))

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
        """The engine's number of the process instance."""
        return self.job.instance_key

    @property
    def retries_left(self) -> int:
        """Retries as the broker counts them, this attempt included."""
        return self.job.retries

    @property
    def deadline(self) -> datetime:
        """When the broker would give the job to others, as of its fetch (semantics#job-timeout)."""
        return datetime.fromtimestamp(self.job.deadline / 1000, UTC)

    @property
    def idempotency_key(self) -> str:
        """A text that stays the same on every attempt of this task, and is no other task's."""
        return self.job.idempotency_key

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

    @property
    def workflow(self) -> Workflow:
        """The running service, for handlers that are ``async def``: start, publish, cancel.

        Raises:
            WrongPlace: this is a thread without an event loop, as that of a ``def`` handler, where
                nobody would await its coroutines; or the task is one that a test has made.
        """
        workflow = self._running_workflow()
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise WrongPlace(
                "task.workflow gives coroutines, and in this thread nobody awaits them: use "
                "task.sync_workflow in a `def` handler and in threads"
            ) from None
        return workflow

    @property
    def sync_workflow(self) -> SyncWorkflow:
        """The running service, for handlers that are ``def``, and for threads: its calls block.

        What is published without an id has one of this job's, in each thread of the handler.

        Raises:
            WrongPlace: the task is one that a test has made.
        """
        workflow = self._running_workflow()
        return workflow.sync if self._current is None else workflow.sync_in(self._current)

    def _running_workflow(self) -> Workflow:
        if self._workflow is None:
            raise WrongPlace(
                "this task belongs to no running service, so it has no workflow: a test gives it "
                "one by `WorkflowTask(job, workflow=...)`, or runs the handler in a process"
            )
        return self._workflow

    def counted_by(self, current: CurrentJob) -> WorkflowTask:
        """Makes a task whose ``sync_workflow`` counts events by themselves; the worker calls it.

        Args:
            current: the job as one call of the handler, or of a middleware, sees it.
        """
        task = self._copy()
        task._current = current  # noqa: SLF001 - it is of this class
        return task

    def _copy(self) -> WorkflowTask:
        # Made before the copy, which shares it.
        _ = self.shutdown
        return copy.copy(self)

    async def extend_timeout(self, timeout: timedelta | None = None) -> None:
        """Gives this job more time from now on (semantics#job-timeout-moved).

        Not needed while the heartbeat is on, which it is unless configured otherwise.

        Args:
            timeout: how long the job stays this handler's; None takes its type's ``job_timeout``.
        """
        if self._extend is not None:
            await self._extend(timeout)

    def with_scope(self, scope: Mapping[str, Any]) -> WorkflowTask:
        """Makes a task of the same job with other variables, for a middleware to pass on.

        Args:
            scope: all variables that the handler is given, instead of those that were fetched:
                ``{**task.scope, "name": value}`` adds one. They become JSON, as in every scope.

        Returns:
            The other task; job, attempt, shutdown and the job's timeout are one with this one's.

        Raises:
            WorkflowIncident: they are no JSON object; names the first variable that is not.
        """
        if not isinstance(scope, Mapping):
            kind = type(scope).__name__
            raise make_incident(f"task.with_scope: the scope must be a mapping, not {kind}")
        try:
            variables = json.loads(encode(scope))
        except ValueError as error:
            raise make_incident(f"task.with_scope: the scope is no JSON object: {error}") from error
        task = self._copy()
        task.job = replace(self.job, variables=variables)
        return task

    def make_incident(self, message: str) -> WorkflowIncident:
        """Makes the incident to raise when no further attempt can help.

        Args:
            message: what a person has to know to mend it; the engine keeps it with the incident.

        Returns:
            The exception to raise.
        """
        return make_incident(message)

    def __repr__(self) -> str:
        return f"WorkflowTask({self.job.job_type}, job {self.job.key}, attempt {self.attempt})"
