"""One handler alone: its real end, by the worker's own code, without an engine."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, cast

from typing_extensions import override

from workflow_devkit.engine.json_text import as_received
from workflow_runtime._worker.heartbeat import Heartbeat
from workflow_runtime._worker.job_slots import TotalSlots
from workflow_runtime._worker.runner import Runner
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.subscription import Subscription, subscribe
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import ActivatedJob, Scope
from workflow_runtime.handler_config import TaskHandlerConfig, handler_config
from workflow_runtime.handlers import bind, job_type_of
from workflow_runtime.observers import Observer, Observers
from workflow_runtime.task import Shutdown

__all__ = ["TaskEnvironment", "TaskExecution", "TaskOutcome"]

Kind = Literal["completed", "retry", "incident", "bpmn_error", "handed_back"]
_KINDS: Final[dict[str, Kind]] = {
    "completed": "completed",
    "failed": "retry",
    "incident": "incident",
    "bpmn_error": "bpmn_error",
    "handed_back": "handed_back",
}
"""What became of a job, by the worker's word for how it ended (`Observer.job_ended`)."""
_DEFAULTS = WorkflowSettings.model_construct()
"""By ``model_construct``, which reads no variables: a handler's test depends on none."""
_GRACE = 0.02
"""Seconds of real time for a handler that was told of the shutdown."""


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """What became of one execution of a handler.

    Attributes:
        kind: ``completed``, ``retry`` (there will be another attempt), ``incident``,
            ``bpmn_error``, or ``handed_back`` (the service stopped before the handler ended).
        scope: the variables that it gave back, as the engine has them: JSON.
        message: of the failure, the incident or the BPMN error.
        code: of the BPMN error.
        delay: how long the engine waits before the next attempt.
        retries: how many attempts are left.
        heartbeats: how often the job was given more time.
    """

    kind: Kind
    scope: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    code: str = ""
    delay: timedelta = timedelta(0)
    retries: int = 0
    heartbeats: int = 0


class TaskExecution:
    """A handler at work, in a test that stands in for time and for the service around it.

    `TaskEnvironment.start` makes it.

    Args:
        runner: runs the handler, and sends what becomes of its job.
        running: the job in hand.
        end: takes the command that ends the job.
        shutdown: tells the handler that the service stops.
    """

    def __init__(self, runner: Runner, running: Running, end: _JobEnd, shutdown: Shutdown) -> None:
        self._runner = runner
        self._running = running
        self._end = end
        self._shutdown = shutdown
        self._heartbeat = Heartbeat(runner.context, runner)
        self._task = cast("asyncio.Task[None]", running.task)

    @property
    def heartbeats(self) -> int:
        """How often the job was given more time so far."""
        return self._end.heartbeats

    async def advance(self, duration: timedelta | None = None, **parts: float) -> None:
        """Lets time pass for the job, and sends the heartbeats that are due.

        Args:
            duration: how long; instead of it, parts of a `timedelta` may be given.
            parts: such as ``seconds=40``.
        """
        left = timedelta(**parts) if duration is None else duration
        # Heartbeats are due at thirds of the timeout (`Running.extended`): none is stepped over.
        step = self._runner.subscription.job_timeout / 3
        await asyncio.sleep(0)  # the handler begins before time passes
        while left > timedelta(0) and not self._task.done():
            await self._pass(min(step, left))
            left -= step

    async def shut_down(self) -> TaskOutcome:
        """Stops the service: tells the handler, and cancels it where it does not end by itself.

        Returns:
            What became of the job: ``handed_back`` where the handler had to be cancelled.
        """
        self._shutdown.set()
        await asyncio.wait({self._task}, timeout=_GRACE)
        if not self._task.done():
            # By this word the worker gives the job back, and no attempt is lost.
            self._running.cancel_reason = "shutdown"
            self._task.cancel()
        return await self.outcome()

    async def outcome(self) -> TaskOutcome:
        """Waits for the handler's end.

        Returns:
            What the engine would be told.

        Raises:
            AssertionError: the end gave no command, see the log.
        """
        # Not awaited itself: it may have been cancelled by what the handler left behind.
        await asyncio.wait({self._task})
        self._runner.close()
        return self._end.outcome()

    async def _pass(self, step: timedelta) -> None:
        # The worker goes by the monotonic clock, which cannot be moved; the job's moments can.
        seconds = step.total_seconds()
        self._running.extend_at -= seconds
        self._running.deadline -= seconds
        if self._runner.subscription.config.heartbeat:
            await asyncio.gather(*self._heartbeat.beat())


class TaskEnvironment:
    """Runs handlers as the worker does: fetched variables, JSON, retry policy, incidents and all.

    Args:
        resolver: where handlers' parameters come from that are neither task nor scope; None where
            they have none.
    """

    def __init__(self, *, resolver: DependencyResolver | None = None) -> None:
        self.shutdown = Shutdown()
        """Set it to tell the handler that the service stops."""
        self._resolver = resolver
        self._keys = itertools.count(1)

    async def run(self, handler: Any, **options: Any) -> TaskOutcome:
        """Runs one attempt from beginning to end.

        Args:
            handler: as `WorkflowBuilder.with_handler` takes it.
            options: what else `start` takes: scope, headers, retries, config, job_type.

        Returns:
            What the engine would be told.

        Raises:
            HandlerError: a parameter of the handler cannot be filled.
        """
        return await self.start(handler, **options).outcome()

    def start(
        self,
        handler: Any,
        *,
        scope: Scope | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int = 3,
        config: TaskHandlerConfig | None = None,
        job_type: str = "task",
    ) -> TaskExecution:
        """Begins one attempt.

        Args:
            handler: as `WorkflowBuilder.with_handler` takes it.
            scope: the variables of its process; the handler sees those of them that it would
                fetch, as JSON has them.
            headers: those of the task in the diagram.
            retries: what the job has when it arrives; 1 is the last attempt.
            config: as `WorkflowBuilder.with_handler` takes it.
            job_type: the task type.

        Returns:
            The handler at work: let time pass for it, or wait for its end.

        Raises:
            HandlerError: a parameter of the handler cannot be filled.
            InvalidArgument: the scope is no JSON object, so no process has it.
        """
        checked = handler_config(config)
        bound = bind(job_type_of(job_type), handler, checked.variables, self._resolver)
        subscription = subscribe(job_type, bound, checked, _DEFAULTS)
        end = _JobEnd()
        runner = Runner(self._context(end), subscription)
        seen = _fetched(subscription, as_received(scope or {}, "CreateProcessInstance"))
        job = self._job(job_type, seen, dict(headers or {}), retries)
        runner.jobs.accept(job)
        return TaskExecution(runner, next(iter(runner.jobs)), end, self.shutdown)

    def _context(self, end: _JobEnd) -> WorkerContext:
        return WorkerContext(
            "test",
            # It has the commands that end or extend a job; the runner sends no others.
            cast("Gateway", end),
            TotalSlots(1),
            observers=Observers([end]),
            resolver=self._resolver,
            shutdown=self.shutdown,
        )

    def _job(
        self, job_type: str, scope: Scope, headers: Mapping[str, str], retries: int
    ) -> ActivatedJob:
        key = next(self._keys)
        # In milliseconds. The worker counts from the arrival instead (`RunningJobs.accept`).
        deadline = int(time.time() * 1000) + 30_000
        return ActivatedJob(
            key, job_type, key, "process", 1, 1, "task", key, headers, "test", retries, deadline,
            scope,
        )  # fmt: skip


def _fetched(subscription: Subscription, scope: Scope) -> Scope:
    """What comes along with a job (semantics#job-activated): unknown names are left out."""
    names = subscription.fetch
    return {name: scope[name] for name in names if name in scope} if names else scope


class _JobEnd(Observer):
    """In the place of a gateway and of an observer: takes the one command that ends a job.

    It refuses what a gateway refuses, so that an incident in production is one here.
    """

    in_process = True  # nothing outlives the test, so the worker needs no guard against poison

    def __init__(self) -> None:
        self.heartbeats = 0
        self._kind: Kind | None = None
        self._command: dict[str, Any] = {}

    async def complete_job(self, _: int, scope: Scope) -> None:
        self._command = {"scope": as_received(scope, "CompleteJob")}

    async def fail_job(
        self,
        _: int,
        *,
        retries: int,
        message: str,
        backoff: timedelta = timedelta(0),
        scope: Scope | None = None,  # noqa: ARG002 - the budget's marker, no result
    ) -> None:
        self._command = {"message": message, "delay": backoff, "retries": retries}

    async def throw_error(self, _: int, code: str, message: str, scope: Scope) -> None:
        kept = as_received(scope, "ThrowError")
        self._command = {"scope": kept, "message": message, "code": code}

    async def update_job_timeout(self, _: int, __: timedelta) -> None:
        self.heartbeats += 1

    @override
    def job_ended(
        self,
        job: ActivatedJob,
        outcome: str,
        seconds: float,
        wait_seconds: float,
    ) -> None:
        # The command does not tell: a job is handed back by the same FailJob that fails it.
        self._kind = _KINDS.get(outcome)

    def outcome(self) -> TaskOutcome:
        if self._kind is None:
            raise AssertionError("the handler's end gave no command; see the log")
        return TaskOutcome(self._kind, heartbeats=self.heartbeats, **self._command)
