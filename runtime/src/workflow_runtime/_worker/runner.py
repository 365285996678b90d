"""Running the jobs of one subscription: one asyncio task for each, strongly referenced."""

from __future__ import annotations

import asyncio
import inspect
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from loguru import logger
from pydantic import ValidationError

from workflow_runtime._worker.budget import Budget, budget_of, marker
from workflow_runtime._worker.commands import Commands
from workflow_runtime._worker.outcome import (
    Fail,
    HandBack,
    Outcome,
    invalid_scope,
    poisoned,
    raised,
    returned,
)
from workflow_runtime._worker.service import Running, Service
from workflow_runtime._worker.slots import Slots
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.suspects import Suspects
from workflow_runtime._worker.threads import Threads
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.port import ActivatedJob, Scope
from workflow_runtime.task import WorkflowTask
from workflow_runtime.telemetry.context import working_for
from workflow_runtime.telemetry.failures import kind_and_place

_NOTE = timedelta(seconds=2)
"""For telling the broker that a suspect job begins."""


class Runner:
    """Takes activated jobs, gives back outcomes."""

    def __init__(self, service: Service, subscription: Subscription) -> None:
        self.subscription = subscription
        self.slots = Slots(subscription.max_running, service.total)
        self.running: dict[int, Running] = {}
        self.stopping = False
        self.service = service
        self._observed = service.observers.watch_jobs
        self._commands = Commands(service)
        self._handler = subscription.handler
        self._timeout = subscription.job_timeout.total_seconds()
        self._gate = asyncio.Semaphore(subscription.max_running)
        # An engine in this process dies with it, and forgets the job too.
        self._suspects = None if service.gateway.in_process else Suspects(subscription.max_running)
        self._threads = (
            None
            if self._handler.is_async
            else Threads(subscription.job_type, subscription.max_running)
        )

    def start(self, job: ActivatedJob) -> None:
        """Begins with a job, or hands it back if the service is stopping."""
        now = time.monotonic()
        known = self.running.get(job.key)
        if known is not None:
            # It timed out at the broker and came back here: its handler still runs.
            known.deadline, known.due = now + self._timeout, now + self._timeout / 3
            return
        running = Running(job, now, now + self._timeout, now + self._timeout / 3)
        self.running[job.key] = running
        self.slots.take()
        if self._observed:
            self.service.observers.job_activated(job)
        running.task = asyncio.get_running_loop().create_task(self._run(running), name=None)

    async def extend(self, running: Running, timeout: timedelta | None = None) -> None:
        """Gives a running job more time."""
        span = timeout or self.subscription.job_timeout
        await self.service.gateway.update_job_timeout(running.job.key, span)
        seconds = span.total_seconds()
        now = time.monotonic()
        running.deadline, running.due = now + seconds, now + seconds / 3

    def close(self) -> int:
        """Lets go of the threads; returns how many still run."""
        return 0 if self._threads is None else self._threads.close()

    async def _run(self, running: Running) -> None:
        job, word, begun = running.job, "unsent", running.started
        budget = budget_of(job, self.subscription.config.incident_max_retries)
        try:
            if self._observed:
                begun = time.monotonic()
                self.service.observers.job_started(job)
            outcome = await self._outcome(running, budget)
            ended = time.monotonic() if self._observed else 0.0
            running.handling = False
            if outcome is None:
                word = "gone"
            else:
                word = await self._commands.send(running, outcome, budget)
            if self._observed:
                self.service.observers.job_ended(job, word, ended - begun, begun - running.started)
        except Exception as error:  # noqa: BLE001 - one job must never harm the others
            logger.error(
                "job {} ({}) ended badly: {}", job.key, job.job_type, kind_and_place(error)
            )
        finally:
            del self.running[job.key]
            self.slots.release()

    async def _outcome(self, running: Running, budget: Budget) -> Outcome | None:
        if self.stopping:
            return _handed_back(running, budget)
        async with self._gate, self.service.total.gate:
            return await self._guarded(running, budget)

    async def _guarded(self, running: Running, budget: Budget) -> Outcome | None:
        job, config = running.job, self.subscription.config
        unfinished = max(self.service.history.unfinished(job.key), budget.unfinished)
        if unfinished >= config.max_unfinished:
            return poisoned(unfinished, job, budget)
        if self._suspects is not None and self._suspects.is_suspect(job.key):
            await self._note(running, marker(job, budget.failures, unfinished + 1))
        try:
            result = await self._call(running, budget)
        except _BadScope as error:
            return invalid_scope(error.cause, job, budget)
        except asyncio.CancelledError as error:
            return self._cancelled(running, budget, error)
        except BaseException as error:  # noqa: BLE001 - SystemExit of a handler must not end us
            return self._failed(running, budget, error)
        return returned(result, job, budget)

    async def _note(self, running: Running, note: Scope) -> None:
        place = running.job.element_instance_key
        try:
            await self.service.gateway.set_variables(place, note, local=True, deadline=_NOTE)
        except GatewayError as error:
            # The guard must not keep a job from running.
            logger.debug("job {} begins unnoted: {}", running.job.key, error.status)
        else:
            running.noted = True

    async def _call(self, running: Running, budget: Budget) -> Any:
        handler = self._handler
        working_for(self.service.name, running.job, budget.attempt)
        task = WorkflowTask(
            running.job,
            attempt=budget.attempt,
            service=self.service.name,
            shutdown=self.service.shutdown,
            extend=lambda timeout: self.extend(running, timeout),
        )
        if handler.wanted:
            return await self._call_with_dependencies(task)
        args, named = _arguments(self._handler, task, {})
        return await self._invoke(args, named)

    async def _call_with_dependencies(self, task: WorkflowTask) -> Any:
        resolver = self.service.resolver
        if resolver is None:  # pragma: no cover - the builder refuses such handlers
            raise TypeError("no resolver")
        async with AsyncExitStack() as stack:
            get = await stack.enter_async_context(resolver.for_job())
            found = {}
            for name, kind in self._handler.wanted:
                value = get(kind)
                found[name] = await value if inspect.isawaitable(value) else value
            args, named = _arguments(self._handler, task, found)
            return await self._invoke(args, named)

    async def _invoke(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._threads is None:
            return await self._handler.function(*args, **named)
        result = await self._threads.run(self._handler.function, *args, **named)
        return await result if inspect.isawaitable(result) else result

    def _cancelled(
        self, running: Running, budget: Budget, error: asyncio.CancelledError
    ) -> Outcome | None:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            if not running.cut:
                raise error
            # What is sent next must not see this cancellation.
            task.uncancel()
        match running.cut:
            case "gone":
                return None
            case "shutdown":
                return _handed_back(running, budget)
        return self._failed(running, budget, error)

    def _failed(self, running: Running, budget: Budget, error: BaseException) -> Outcome:
        job = running.job
        outcome = raised(error, job, self.subscription.config, budget)
        if isinstance(outcome, Fail):
            # Only the kind: an exception's text may hold values of the scope.
            logger.bind(
                service=self.service.name, instance_key=job.instance_key, job_key=job.key
            ).warning(
                "handler {} of {}: {} on attempt {}, {} left",
                self._handler.name,
                job.job_type,
                type(error).__name__,
                budget.attempt,
                outcome.retries,
            )
        return outcome


def _handed_back(running: Running, budget: Budget) -> HandBack:
    job = running.job
    # What was noted did not kill anybody after all.
    scope = marker(job, budget.failures, budget.unfinished) if running.noted else None
    return HandBack(job.retries, "handed back: the service is stopping", scope)


class _BadScope(Exception):
    def __init__(self, cause: ValidationError) -> None:
        super().__init__()
        self.cause = cause


def _arguments(
    handler: Any, task: WorkflowTask, found: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    # Only the scope's own validation counts as a bad scope, not one inside the handler.
    try:
        arguments: tuple[tuple[Any, ...], dict[str, Any]] = handler.arguments(task, found)
    except ValidationError as error:
        raise _BadScope(error) from None
    return arguments
