"""Sending what became of a job, until the gateway has taken it or the job is lost anyway.

A result is sent beyond the job's deadline: the broker takes it as long as nobody else was faster
(semantics#job-late-completion), and what was worked for is not thrown away because of a long
outage. A failure is not: it would fail the attempt of whoever holds the job by then. What the
engine cannot explain (INTERNAL, UNKNOWN) is tried for one job timeout.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loguru import logger

from workflow_runtime._worker.attempts.retry_budget import Budget
from workflow_runtime._worker.job_slots import JobSlots
from workflow_runtime._worker.outcome import Complete, Fail, HandBack, Outcome, Throw, impossible
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import (
    FailedPrecondition,
    GatewayError,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
)
from workflow_runtime.gateway.port import ActivatedJob, Gateway
from workflow_runtime.gateway.retrying import again_if_idempotent, resend
from workflow_runtime.observers import IncidentAlert

if TYPE_CHECKING:
    from loguru import Logger

_KEPT_INCIDENTS = 10_000

_NAMES: dict[type, str] = {
    Complete: "CompleteJob",
    Fail: "FailJob",
    Throw: "ThrowError",
    HandBack: "FailJob",
}


class Commands:
    """Sends outcomes; returns the word under which observers count them."""

    def __init__(self, context: WorkerContext, slots: JobSlots, *, patience: float) -> None:
        self._context = context
        self._gateway = context.gateway
        self._slots = slots
        self._patience = patience

    async def send(self, running: Running, outcome: Outcome, budget: Budget) -> str:
        """Sends one outcome; what cannot be taken becomes an incident."""
        try:
            # The hot path: nothing is built for resending before it is needed.
            await _command(self._gateway, running.job, outcome)
        except GatewayError as error:
            return await self._insist(running, outcome, budget, error)
        return self._taken(running.job, outcome)

    async def _insist(
        self, running: Running, outcome: Outcome, budget: Budget, first: GatewayError
    ) -> str:
        name = _NAMES[type(outcome)]
        pending: list[GatewayError] = [first]
        explained = time.monotonic() + self._patience

        async def again() -> None:
            if pending:
                raise pending.pop()
            await _command(self._gateway, running.job, outcome)

        def judge(error: GatewayError) -> bool:
            unclear = isinstance(error, GatewayInternal) and time.monotonic() >= explained
            return again_if_idempotent(error) and not unclear

        def notice(error: GatewayError) -> None:
            self._context.observers.command_resent(name, error.status)
            if not running.slot_released and time.monotonic() > running.deadline:
                self._lend(running, name, error)

        def until() -> float:
            return self._last_moment(running, outcome)

        try:
            await resend(again, until=until, judge=judge, notice=notice, clock=time.monotonic)
        except (NotFound, FailedPrecondition) as error:
            return self._gone(running.job, name, error)
        except (InvalidArgument, MessageTooLarge) as error:
            return await self._replace(running, outcome, budget, error)
        except GatewayError as error:
            return self._unsent(running.job, name, error)
        return self._taken(running.job, outcome)

    def _last_moment(self, running: Running, outcome: Outcome) -> float:
        closing = self._context.closing
        is_result = isinstance(outcome, Complete | Throw)
        return closing if is_result else min(closing, running.deadline)

    def _lend(self, running: Running, command: str, error: GatewayError) -> None:
        # Others shall work meanwhile: not every partition need be away.
        running.slot_released = self._slots.lend()
        if running.slot_released:
            _log(running.job, self._context.name).warning(
                "{}: job {} ({}) has passed its deadline: {}; sent until it is taken",
                command,
                running.job.key,
                running.job.job_type,
                error.status,
            )

    async def _replace(
        self, running: Running, outcome: Outcome, budget: Budget, error: GatewayError
    ) -> str:
        if isinstance(outcome, Fail | HandBack):
            return self._unsent(running.job, "FailJob", error)
        command = _NAMES[type(outcome)]
        return await self.send(running, impossible(command, error, running.job, budget), budget)

    def _taken(self, job: ActivatedJob, outcome: Outcome) -> str:
        history = self._context.history
        match outcome:
            case Complete():
                history.done(job.key)
                self._ended_well(job)
                return "completed"
            case Throw(code, message):
                return self._thrown(job, code, message)
            case HandBack():
                return "handed_back"
        attempts = history.failed(job.key, outcome.message)
        if not outcome.is_incident:
            return "failed"
        self._alert(job, outcome.message, attempts, outcome.retries)
        return "incident"

    def _thrown(self, job: ActivatedJob, code: str, message: str) -> str:
        if self._context.uncaught(job, code):
            text = f"no event catches the error {code}: {message}"
            attempts = self._context.history.failed(job.key, text)
            self._alert(job, text, attempts, job.retries, "UNHANDLED_ERROR_EVENT")
        else:
            self._context.history.done(job.key)
            self._ended_well(job)
        return "bpmn_error"

    def _ended_well(self, job: ActivatedJob) -> None:
        incidents = self._context.incidents
        if incidents and job.key in incidents:
            incidents.discard(job.key)
            self._context.observers.incident_resolved(job.process_id, job.instance_key, job.key)

    def _alert(
        self,
        job: ActivatedJob,
        message: str,
        attempts: tuple[str, ...],
        retries: int,
        error_type: str = "JOB_NO_RETRIES",
    ) -> None:
        self._context.history.done(job.key)
        if len(self._context.incidents) < _KEPT_INCIDENTS:
            self._context.incidents.add(job.key)
        self._context.observers.incident_raised(
            IncidentAlert(
                service=self._context.name,
                process_id=job.process_id,
                instance_key=job.instance_key,
                element_id=job.element_id,
                job_key=job.key,
                job_type=job.job_type,
                message=message,
                attempts=attempts,
                retries=retries,
                at=datetime.now(UTC),
                error_type=error_type,
            )
        )

    def _gone(self, job: ActivatedJob, command: str, error: GatewayError) -> str:
        self._context.history.done(job.key)
        _log(job, self._context.name).info(
            "{}: job {} ({}) was finished by somebody else, or its instance has ended ({})",
            command,
            job.key,
            job.job_type,
            error.status,
        )
        return "gone"

    def _unsent(self, job: ActivatedJob, command: str, error: GatewayError) -> str:
        self._context.history.abandoned(job.key)
        _log(job, self._context.name).error(
            "{}: the gateway did not take the end of job {} ({}) in time: {}; "
            "the job will run again",
            command,
            job.key,
            job.job_type,
            error.status,
        )
        return "unsent"


async def _command(gateway: Gateway, job: ActivatedJob, outcome: Outcome) -> None:
    match outcome:
        case Complete(scope):
            await gateway.complete_job(job.key, scope)
        case Fail(retries, message, backoff, scope):
            await gateway.fail_job(
                job.key, retries=retries, message=message, backoff=backoff, scope=scope
            )
        case Throw(code, message, scope):
            await gateway.throw_error(job.key, code, message, scope)
        case HandBack(retries, message, scope):
            await gateway.fail_job(job.key, retries=retries, message=message, scope=scope)


def _log(job: ActivatedJob, service: str) -> Logger:
    return logger.bind(
        service=service,
        process_id=job.process_id,
        instance_key=job.instance_key,
        element_id=job.element_id,
        job_key=job.key,
        job_type=job.job_type,
    )
