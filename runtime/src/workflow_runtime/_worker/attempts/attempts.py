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
from workflow_runtime.gateway.values import ActivatedJob, Scope

_NOTE = timedelta(seconds=2)
"""How long the broker has for taking the note that a job begins."""
_PROOF = 2
"""Deaths while it was alone that condemn a job: one may be somebody else's doing, as when a
machine is taken away."""


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
        marker = read_marker(job)
        remaining = remaining_after(job, marker.failures, self._config.incident_max_retries)
        remembered, limit = self._history.unfinished(job.key), self._config.max_unfinished
        unfinished = max(marker.unfinished, remembered)
        # What this process remembers is no death.
        poisoned = remembered >= limit or marker.alone >= _PROOF
        return Attempt(
            job, self._config, marker, remaining, unfinished, unfinished >= limit, poisoned
        )

    def is_suspect(self, job: ActivatedJob) -> bool:
        """Whether a job has to run alone, or not at all."""
        return self.read(job).suspect

    def is_after(self, job: ActivatedJob, failures: int | None) -> bool:
        """Whether a job that came back was given away by our report of so many failures.

        What came back earlier is worth nothing: the report gives the job away once more.
        """
        return failures is not None and read_marker(job).failures >= failures

    async def begin(self, job: ActivatedJob) -> Attempt:
        """An attempt whose handler is called next, unless it is poisoned, or first has to be alone.

        The beginning of a job that may have been in hand at a death is noted at the broker first:
        should it kill this process, the note stays.
        """
        attempt = self.read(job)
        guarded = self._guard is not None and self._guard.is_doubtful(job.key)
        if not guarded or attempt.poisoned or attempt.suspect:
            return attempt
        return await self.note(attempt)

    async def note(self, attempt: Attempt) -> Attempt:
        """Notes at the broker that an attempt begins."""
        return attempt._replace(noted=await self._write(attempt.job, attempt.begun_marker))

    async def note_survival(self, attempt: Attempt) -> None:
        """Notes at the broker that a suspect has killed nobody while it was alone."""
        await self._write(attempt.job, attempt.survived_marker)

    async def _write(self, job: ActivatedJob, marker: Scope) -> bool:
        try:
            await self._gateway.set_variables(
                job.element_instance_key, marker, local=True, deadline=_NOTE
            )
        except GatewayError as error:
            # The guard must not keep a job from running.
            logger.debug("job {} begins unnoted: {}", job.key, error.status)
            return False
        return True
