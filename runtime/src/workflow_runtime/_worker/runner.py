"""Running the jobs of one subscription: one asyncio task for each, strongly referenced."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._worker.attempts.attempts import Attempts
from workflow_runtime._worker.commands import Commands
from workflow_runtime._worker.handler_call import HANDED_BACK, NOT_CALLED, HandlerCall
from workflow_runtime._worker.outcome import outcome_of
from workflow_runtime._worker.running import Running, RunningJobs
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.worker_context import WorkerContext


class Runner:
    """Takes each job through its attempt: begin, call the handler, decide, send."""

    def __init__(self, context: WorkerContext, subscription: Subscription) -> None:
        self.context = context
        self.subscription = subscription
        self.stopping = False
        self.jobs = RunningJobs(context, subscription, self._begin)
        self._observed = context.observers.watch_jobs
        self._attempts = Attempts(context, subscription)
        self._call = HandlerCall(context, subscription, self.extend)
        self._commands = Commands(context, subscription, self.jobs.slots)

    @property
    def can_be_cancelled(self) -> bool:
        """Whether cancelling ends a handler: nothing ends a thread."""
        return self._call.can_be_cancelled

    async def extend(self, running: Running, timeout: timedelta | None = None) -> None:
        """Gives a running job ``timeout`` from now on; None is its type's.

        Raises:
            GatewayError: the broker has not taken it.
        """
        span = timeout or self.subscription.job_timeout
        await self.context.gateway.update_job_timeout(running.job.key, span)
        running.extended(span.total_seconds())

    def close(self) -> int:
        """Lets go of the threads; returns how many still run."""
        return self._call.close()

    def _begin(self, running: Running) -> None:
        running.task = asyncio.get_running_loop().create_task(self._run(running))

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
            self.jobs.release(running)
        # After the release: as long as it is in hand, `accept` would take it for a repetition.
        if running.redelivery is not None and self._attempts.is_after(
            running.redelivery, running.reported_failures
        ):
            self.jobs.accept(running.redelivery)

    async def _handle(self, running: Running) -> None:
        job, observers = running.job, self.context.observers
        begun = running.started
        if self._observed:
            begun = time.monotonic()
            # Before anything else of the attempt: a span that is opened here covers all of it.
            observers.job_started(job)
        if self.stopping:
            attempt, result = self._attempts.read(job), HANDED_BACK
        else:
            attempt = await self._attempts.begin(job)
            result = NOT_CALLED if attempt.poisoned else await self._call.run(running, attempt)
        outcome = outcome_of(attempt, result)
        # The hot path: clocks are read only if somebody watches jobs.
        ended = time.monotonic() if self._observed else 0.0
        running.handling = False
        word = await self._commands.send(running, attempt, outcome)
        if self._observed:
            observers.job_ended(job, word, ended - begun, begun - running.started)
