"""Running the jobs of one subscription: one asyncio task for each, strongly referenced."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.job_fields import working_for
from workflow_runtime._worker.attempts.poison_guard import PoisonGuard
from workflow_runtime._worker.attempts.retry_budget import Budget, budget_of, marker
from workflow_runtime._worker.calls import BadScope, call_of
from workflow_runtime._worker.commands import Commands
from workflow_runtime._worker.job_slots import JobSlots
from workflow_runtime._worker.outcome import (
    Fail,
    HandBack,
    Outcome,
    alone,
    invalid_scope,
    poisoned,
    raised,
    returned,
)
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.threads import Threads
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.port import ActivatedJob, Scope
from workflow_runtime.task import WorkflowTask

_NOTE = timedelta(seconds=2)
"""For telling the broker that a suspect job begins."""


class Runner:
    """Takes activated jobs, gives back outcomes."""

    def __init__(self, context: WorkerContext, subscription: Subscription) -> None:
        self.subscription = subscription
        self.slots = JobSlots(subscription.max_running, context.total)
        self.running: dict[int, Running] = {}
        self.stopping = False
        self.context = context
        self._observed = context.observers.watch_jobs
        self._timeout = subscription.job_timeout.total_seconds()
        self._commands = Commands(context, self.slots, patience=self._timeout)
        # An engine in this process dies with it, and forgets the job too.
        self._poison_guard = (
            None if context.gateway.in_process else PoisonGuard(subscription.max_running)
        )
        handler = subscription.handler
        self._threads = (
            None if handler.is_async else Threads(subscription.job_type, subscription.max_running)
        )
        self._call = call_of(handler, context.resolver, self._threads)

    @property
    def can_be_ended(self) -> bool:
        """Whether cancelling ends a handler: nothing ends a thread."""
        return self._threads is None

    def start(self, job: ActivatedJob) -> None:
        """Begins with a job, or hands it back if the service is stopping."""
        now = time.monotonic()
        known = self.running.get(job.key)
        if known is not None:
            # It timed out at the broker and came back here while its handler still runs; or its
            # failure was taken, and it is faster than the answer.
            known.redelivery = job
            known.deadline, known.extend_at = now + self._timeout, now + self._timeout / 3
            return
        running = Running(job, now, now + self._timeout, now + self._timeout / 3)
        self.running[job.key] = running
        if self._observed:
            self.context.observers.job_activated(job)
        self.slots.take(partial(self._begin, running))

    async def extend(self, running: Running, timeout: timedelta | None = None) -> None:
        """Gives a running job more time."""
        span = timeout or self.subscription.job_timeout
        await self.context.gateway.update_job_timeout(running.job.key, span)
        seconds = span.total_seconds()
        now = time.monotonic()
        running.deadline, running.extend_at = now + seconds, now + seconds / 3

    def close(self) -> int:
        """Lets go of the threads; returns how many still run."""
        return 0 if self._threads is None else self._threads.close()

    def _begin(self, running: Running) -> None:
        running.task = asyncio.get_running_loop().create_task(self._run(running), name=None)

    async def _run(self, running: Running) -> None:
        job = running.job
        try:
            await self._handle(running)
        except Exception as error:  # noqa: BLE001 - one job must never harm the others
            self.context.history.abandoned(job.key)
            logger.error(
                "job {} ({}) ended badly: {}", job.key, job.job_type, kind_and_place(error)
            )
        finally:
            del self.running[job.key]
            if running.slot_released:
                self.slots.repay()
            else:
                self.slots.release()
        if running.redelivery is not None and self._failed_before(running.redelivery, running):
            self.start(running.redelivery)

    def _failed_before(self, again: ActivatedJob, running: Running) -> bool:
        # What came back earlier is worth nothing: the failure gave the job away once more.
        known = budget_of(again, self.subscription.config.incident_max_retries).failures
        return running.reported_failures is not None and known >= running.reported_failures

    async def _handle(self, running: Running) -> None:
        job, begun = running.job, running.started
        budget = budget_of(job, self.subscription.config.incident_max_retries)
        if self._observed:
            begun = time.monotonic()
            self.context.observers.job_started(job)
        outcome = await self._outcome(running, budget)
        ended = time.monotonic() if self._observed else 0.0
        running.handling = False
        if isinstance(outcome, Fail | HandBack):
            running.reported_failures = budget.failures + isinstance(outcome, Fail)
        word = "gone" if outcome is None else await self._commands.send(running, outcome, budget)
        if self._observed:
            self.context.observers.job_ended(job, word, ended - begun, begun - running.started)

    async def _outcome(self, running: Running, budget: Budget) -> Outcome | None:
        job = running.job
        if self.stopping:
            return _handed_back(running, budget)
        unfinished = max(self.context.history.unfinished(job.key), budget.unfinished)
        if unfinished >= self.subscription.config.max_unfinished:
            return poisoned(unfinished, job, budget)
        if self._poison_guard is not None and self._poison_guard.is_suspect(job.key):
            await self._note(running, marker(job, budget.failures, unfinished + 1))
        try:
            result = await self._call(self._task(running, budget))
        except BadScope as error:
            return invalid_scope(error.cause, job, budget)
        except asyncio.CancelledError as error:
            return self._cancelled(running, budget, error)
        except BaseException as error:  # noqa: BLE001 - SystemExit of a handler must not end us
            return self._failed(running, budget, alone(error))
        return returned(result, job, budget)

    async def _note(self, running: Running, note: Scope) -> None:
        place = running.job.element_instance_key
        try:
            await self.context.gateway.set_variables(place, note, local=True, deadline=_NOTE)
        except GatewayError as error:
            # The guard must not keep a job from running.
            logger.debug("job {} begins unnoted: {}", running.job.key, error.status)
        else:
            running.noted = True

    def _task(self, running: Running, budget: Budget) -> WorkflowTask:
        context = self.context
        working_for(context.name, running.job, budget.attempt)
        return WorkflowTask(
            running.job,
            attempt=budget.attempt,
            service=context.name,
            shutdown=context.shutdown,
            extend=partial(self.extend, running),
        )

    def _cancelled(
        self, running: Running, budget: Budget, error: asyncio.CancelledError
    ) -> Outcome | None:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            if not running.cancel_reason:
                raise error
            # What is sent next must not see this cancellation.
            task.uncancel()
        match running.cancel_reason:
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
                service=self.context.name, instance_key=job.instance_key, job_key=job.key
            ).warning(
                "handler {} of {}: {} on attempt {}, {} left",
                self.subscription.handler.name,
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
