"""Beginning an attempt: its number, its retries, and whether it may run at all."""

from __future__ import annotations

from datetime import timedelta

from loguru import logger

from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.attempts.poison_guard import PoisonGuard
from workflow_runtime._worker.attempts.retry_budget import read_marker, remaining_after
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.values import ActivatedJob

_NOTE = timedelta(seconds=2)
"""How long the broker has for taking the note that a suspect job begins."""


class Attempts:
    """Makes the attempts of one job type."""

    def __init__(self, context: WorkerContext, subscription: Subscription) -> None:
        self._gateway = context.gateway
        self._history = context.history
        self._config = subscription.config
        # An engine in this process dies with it, and forgets the job too.
        self._guard = None if self._gateway.in_process else PoisonGuard(subscription.max_running)

    def read(self, job: ActivatedJob) -> Attempt:
        """What the job says of itself, and what this process remembers of it."""
        failures, marked = read_marker(job)
        remaining = remaining_after(job, failures, self._config.incident_max_retries)
        unfinished = max(marked, self._history.unfinished(job.key))
        poisoned = unfinished >= self._config.max_unfinished
        return Attempt(job, self._config, failures, remaining, marked, unfinished, poisoned)

    def is_after(self, job: ActivatedJob, failures: int | None) -> bool:
        """Whether a job that came back was given away by our report of so many failures.

        What came back earlier is worth nothing: the report gives the job away once more.
        """
        return failures is not None and read_marker(job)[0] >= failures

    async def begin(self, job: ActivatedJob) -> Attempt:
        """An attempt whose handler is called next, unless it is poisoned.

        A suspect job's beginning is noted at the broker first: should it kill this process, the
        note stays.
        """
        attempt = self.read(job)
        if self._guard is None or attempt.poisoned or not self._guard.is_suspect(job.key):
            return attempt
        try:
            await self._gateway.set_variables(
                job.element_instance_key, attempt.begun_marker, local=True, deadline=_NOTE
            )
        except GatewayError as error:
            # The guard must not keep a job from running.
            logger.debug("job {} begins unnoted: {}", job.key, error.status)
            return attempt
        return attempt._replace(noted=True)
