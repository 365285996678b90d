"""Running the jobs of one subscription: one asyncio task for each, strongly referenced."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial

from workflow_runtime._log.failures import failure_of
from workflow_runtime._log.headlines import headline
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.attempts.attempts import Attempts
from workflow_runtime._worker.cancellation import forget_cancellations
from workflow_runtime._worker.commands import Commands
from workflow_runtime._worker.failure_text import cut
from workflow_runtime._worker.frames import forget_frames
from workflow_runtime._worker.handler_call import (
    GONE,
    HANDED_BACK,
    NOT_CALLED,
    HandlerCall,
    HandlerResult,
)
from workflow_runtime._worker.outcome import Fail, Outcome, outcome_of
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
        self._solo = context.solo
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
        try:
            await self._handle(running)
        except BaseException as error:  # noqa: BLE001 - one job must never harm the others
            await self._rescue(running, error)
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
        attempt, outcome = await self._decide(running)
        # The hot path: clocks are read only if somebody watches jobs.
        ended = time.monotonic() if self._observed else 0.0
        running.handling = False
        word = await self._commands.send(running, attempt, outcome)
        if self._observed:
            observers.job_ended(job, word, ended - begun, begun - running.started)

    async def _decide(self, running: Running) -> tuple[Attempt, Outcome]:
        attempt, result = await self._attempt(running)
        outcome = outcome_of(attempt, result)
        if result.error is not None:
            # Sending may take long, and nobody looks at the exception any more.
            forget_frames(result.error)
        return attempt, outcome

    async def _attempt(self, running: Running) -> tuple[Attempt, HandlerResult]:
        try:
            if self._solo.held and not self._attempts.is_suspect(running.job):
                await self._solo.passed()
            if self.stopping:
                return self._attempts.read(running.job), HANDED_BACK
            attempt = await self._attempts.begin(running.job)
        except asyncio.CancelledError as error:
            attempt, result = await self._not_begun(running, error)
        else:
            if attempt.poisoned:
                result = NOT_CALLED
            elif attempt.suspect:
                attempt, result = await self._alone(running, attempt)
            else:
                result = await self._call.run(running, attempt)
        # By its type: an exception of the handler's may break at being asked for its class.
        cancelled = issubclass(type(result.error), asyncio.CancelledError)
        if cancelled and self.context.notice_loop_end():
            return attempt, HANDED_BACK
        return attempt, result

    async def _alone(self, running: Running, attempt: Attempt) -> tuple[Attempt, HandlerResult]:
        # Others need the slot while it waits, and while it runs there are none.
        running.slot_released = running.slot_released or self.jobs.slots.release_early()
        survived = partial(self._attempts.note_survival, attempt)
        result: HandlerResult | None = None
        try:
            async with self._solo.turn(attempt.marker.alone, attempt.window, survived):
                if self.stopping:
                    return attempt, HANDED_BACK
                if time.monotonic() > running.deadline:
                    # Nobody has extended it: it is somebody else's by now.
                    return attempt, GONE
                attempt = await self._attempts.note(attempt)
                result = await self._call.run(running, attempt)
        except asyncio.CancelledError as error:
            if result is None:
                return await self._not_begun(running, error)
            # Of a handler that has ended: what it left behind strikes in the note of its survival.
            await forget_cancellations(running.task)
        return attempt, result

    async def _not_begun(
        self, running: Running, error: asyncio.CancelledError
    ) -> tuple[Attempt, HandlerResult]:
        # The note may have arrived all the same: it is taken back with the job.
        attempt = self._attempts.read(running.job)._replace(noted=True)
        await forget_cancellations(running.task)
        return attempt, HandlerResult(error=error, cancelled=running.cancel_reason)

    async def _rescue(self, running: Running, error: BaseException) -> None:
        """Ends a job over which the worker itself, or what watches it, has broken."""
        job = running.job
        why = failure_of(error)
        self.context.repeats.say(
            ("ended badly", job.job_type, *why.identity),
            "ERROR",
            "job {} ({}) ended badly: {}",
            job.key,
            job.job_type,
            why.words(),
        )
        # The gateway knows of the end; or the worker has given up to send it, and left no time.
        if running.ended or running.cancel_reason == "unsent":
            return
        attempt, text = self._attempts.read(job), f"the worker itself failed: {headline(error)}"
        # A handler that has come to its end is not run again for what happened behind it.
        retries = attempt.remaining if running.handling else 0
        running.handling = False
        try:
            wait = attempt.config.backoff(attempt.number) if retries else timedelta(0)
            marker = attempt.failed_marker if retries else attempt.incident_marker
            fail = Fail(retries, cut(text), wait, marker)
            await self._commands.send(running, attempt, fail)
        except BaseException:  # noqa: BLE001 - then the job's timeout is all that is left
            self.context.history.abandoned(job.key)
