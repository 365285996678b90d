"""Sending what became of a job, until the gateway has taken it or the job is lost anyway.

A result is sent beyond the job's deadline: the broker takes it as long as nobody else was faster
(semantics#job-late-completion), and what was worked for is not thrown away because of a long
outage. A failure is not: it would fail the attempt of whoever holds the job by then. That may be
soon: one that was taken, and whose answer was lost, gives the job away when its backoff is over. So
once that may have happened it is sent again within the backoff only, where it is refused if it had
been taken (semantics#job-backoff); the job's timeout does the rest. An incident gives nothing away.
What the engine cannot explain (INTERNAL, UNKNOWN) is tried for one job timeout. So is a large
result that is broken off again and again; then it becomes an incident.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from functools import partial

from workflow_runtime._log.headlines import headline
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.cancellation import beyond_cancellation
from workflow_runtime._worker.job_report import JobReport, Word
from workflow_runtime._worker.job_slots import JobSlots
from workflow_runtime._worker.outcome import (
    Complete,
    Fail,
    Gone,
    HandBack,
    Outcome,
    Throw,
    incident,
)
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import (
    FailedPrecondition,
    GatewayError,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
)
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.retrying import again_if_idempotent, resend
from workflow_runtime.gateway.values import ActivatedJob

_NAMES: dict[type, str] = {
    Complete: "CompleteJob",
    Fail: "FailJob",
    Throw: "ThrowError",
    HandBack: "FailJob",
}


class Commands:
    """Sends the outcomes of one job type."""

    def __init__(self, context: WorkerContext, subscription: Subscription, slots: JobSlots) -> None:
        self._context = context
        self._gateway = context.gateway
        self._report = JobReport(context, subscription.handler.name)
        self._slots = slots
        self._patience = subscription.job_timeout.total_seconds()

    async def send(self, running: Running, attempt: Attempt, outcome: Outcome) -> Word:
        """Sends one outcome; what cannot be taken becomes an incident."""
        if not isinstance(outcome, Complete):
            running.reported_failures = _reported(attempt, outcome)
            self._report.decided(attempt, outcome)
        try:
            refused = await self._transfer(running, outcome)
        except asyncio.CancelledError:
            if _is_given_up(running):
                raise
            # Somebody holds the task that a handler ran in; nobody knows the next one.
            self._context.notice_loop_end()
            self._report.disturbed(running.job, _NAMES[type(outcome)])
            refused = await beyond_cancellation(
                self._transfer(running, outcome), partial(_is_given_up, running)
            )
        if refused is not None:
            return await self._not_taken(running, attempt, outcome, refused)
        running.ended = True
        return self._report.taken(running.job, outcome)

    async def _transfer(self, running: Running, outcome: Outcome) -> GatewayError | None:
        """Sends until it is taken; returns why that was in vain."""
        try:
            # The hot path: nothing is built for resending before it is needed.
            begun = 0.0 if isinstance(outcome, Complete) else time.monotonic()
            await command(self._gateway, running.job, outcome)
        except GatewayError as error:
            return await self._insist(running, outcome, error, begun)
        return None

    async def _insist(
        self, running: Running, outcome: Outcome, first: GatewayError, begun: float
    ) -> GatewayError | None:
        """Sends again what was sent first at ``begun``; returns why that was in vain."""
        name = _NAMES[type(outcome)]
        # The first answer is judged like those that follow.
        pending: list[GatewayError] = [first]
        explained = time.monotonic() + self._patience
        given_away = math.inf

        async def again() -> None:
            nonlocal begun
            if pending:
                raise pending.pop()
            begun = time.monotonic()
            await command(self._gateway, running.job, outcome)

        def judge(error: GatewayError) -> bool:
            nonlocal given_away
            if not error.never_executed:
                given_away = min(given_away, begun + _hidden(outcome))
            if isinstance(error, GatewayInternal) and time.monotonic() >= explained:
                return False
            # Every gateway knows these commands: something before it has answered.
            return again_if_idempotent(error) or error.status == "UNIMPLEMENTED"

        def notice(error: GatewayError) -> None:
            self._context.observers.command_resent(name, error.status)
            if not running.slot_released and time.monotonic() > running.deadline:
                self._release_slot(running, name, error)

        def until() -> float:
            return min(self._last_moment(running, outcome), given_away)

        try:
            await resend(again, until=until, judge=judge, notice=notice, clock=time.monotonic)
        except GatewayError as error:
            return error
        return None

    async def _not_taken(
        self, running: Running, attempt: Attempt, outcome: Outcome, error: GatewayError
    ) -> Word:
        name = _NAMES[type(outcome)]
        # FAILED_PRECONDITION: the job is in another state, failed or with an incident.
        if isinstance(error, NotFound | FailedPrecondition):
            running.ended = True
            return self._report.gone(running.job, name, error)
        # What the engine cannot explain it had a whole job timeout for.
        refused = isinstance(error, InvalidArgument | MessageTooLarge | GatewayInternal)
        if refused and not isinstance(outcome, HandBack) and not _is_bare(outcome):
            replacement = incident(attempt, f"{name} was refused: {error}")
            if isinstance(outcome, Fail):
                # What is left of it then cannot be refused for what it carries.
                replacement = replace(replacement, scope=None)
            return await self.send(running, attempt, replacement)
        return self._report.unsent(running.job, name, error)

    def _last_moment(self, running: Running, outcome: Outcome) -> float:
        closing = self._context.closing
        is_result = isinstance(outcome, Complete | Throw)
        return closing if is_result else min(closing, running.deadline)

    def _release_slot(self, running: Running, name: str, error: GatewayError) -> None:
        # Others shall work meanwhile: not every partition need be away.
        running.slot_released = self._slots.release_early()
        if running.slot_released:
            self._report.late(running.job, name, error)


async def command(gateway: Gateway, job: ActivatedJob, outcome: Outcome) -> None:
    """Sends the one command of an outcome, once.

    Raises:
        GatewayError: it was not taken.
    """
    try:
        match outcome:
            case Complete(scope):
                await gateway.complete_job(job.key, scope)
            case Fail(retries, message, backoff, scope):
                await gateway.fail_job(
                    job.key, retries=retries, message=message, backoff=backoff, scope=scope
                )
            case Throw(code, message, scope):
                await gateway.throw_error(job.key, code, message, scope)
            case HandBack():
                await gateway.fail_job(
                    job.key, retries=outcome.retries, message=outcome.message, scope=outcome.scope
                )
            case Gone():
                pass
    except GatewayError:
        raise
    except (TypeError, ValueError) as error:
        # The adapter cannot write it, and never will.
        raise InvalidArgument(headline(error)) from error
    except Exception as error:
        raise GatewayInternal(headline(error)) from error


def _is_given_up(running: Running) -> bool:
    """Whether the worker itself has cancelled the sending: it had its time."""
    return running.cancel_reason == "unsent"


def _hidden(outcome: Outcome) -> float:
    """Seconds after which the job may be somebody else's, if this was taken."""
    if isinstance(outcome, HandBack):
        return 0.0
    if isinstance(outcome, Fail) and not outcome.is_incident:
        return outcome.backoff.total_seconds()
    return math.inf


def _is_bare(outcome: Outcome) -> bool:
    return isinstance(outcome, Fail) and outcome.is_incident and outcome.scope is None


def _reported(attempt: Attempt, outcome: Outcome) -> int | None:
    """The failures that the broker will know of; None where it keeps no count."""
    if isinstance(outcome, Fail | HandBack):
        return attempt.failures + isinstance(outcome, Fail)
    return None
