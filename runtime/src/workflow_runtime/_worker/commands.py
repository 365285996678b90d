"""Sending what became of a job, until the gateway has taken it or the job is lost anyway."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loguru import logger

from workflow_runtime._worker.budget import Budget
from workflow_runtime._worker.outcome import Complete, Fail, HandBack, Outcome, Throw, impossible
from workflow_runtime._worker.service import Running, Service
from workflow_runtime.alerts.model import IncidentAlert
from workflow_runtime.gateway.errors import (
    FailedPrecondition,
    GatewayError,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
)
from workflow_runtime.gateway.port import ActivatedJob, Gateway
from workflow_runtime.gateway.retrying import resend

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

    def __init__(self, service: Service) -> None:
        self._service = service
        self._gateway = service.gateway

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

        async def again() -> None:
            if pending:
                raise pending.pop()
            await _command(self._gateway, running.job, outcome)

        try:
            await resend(
                again,
                until=lambda: running.deadline,
                notice=lambda e: self._service.observers.command_resent(name, e.status),
                clock=time.monotonic,
            )
        except (NotFound, FailedPrecondition) as error:
            return self._gone(running.job, name, error)
        except (InvalidArgument, MessageTooLarge) as error:
            return await self._replace(running, outcome, budget, error)
        except GatewayError as error:
            return self._unsent(running.job, name, error)
        return self._taken(running.job, outcome)

    async def _replace(
        self, running: Running, outcome: Outcome, budget: Budget, error: GatewayError
    ) -> str:
        if isinstance(outcome, Fail | HandBack):
            return self._unsent(running.job, "FailJob", error)
        command = _NAMES[type(outcome)]
        return await self.send(running, impossible(command, error, running.job, budget), budget)

    def _taken(self, job: ActivatedJob, outcome: Outcome) -> str:
        history = self._service.history
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
        if self._service.uncaught(job, code):
            text = f"no event catches the error {code}: {message}"
            attempts = self._service.history.failed(job.key, text)
            self._alert(job, text, attempts, job.retries, "UNHANDLED_ERROR_EVENT")
        else:
            self._service.history.done(job.key)
            self._ended_well(job)
        return "bpmn_error"

    def _ended_well(self, job: ActivatedJob) -> None:
        incidents = self._service.incidents
        if incidents and job.key in incidents:
            incidents.discard(job.key)
            self._service.observers.incident_resolved(job.process_id, job.instance_key, job.key)

    def _alert(
        self,
        job: ActivatedJob,
        message: str,
        attempts: tuple[str, ...],
        retries: int,
        error_type: str = "JOB_NO_RETRIES",
    ) -> None:
        self._service.history.done(job.key)
        if len(self._service.incidents) < _KEPT_INCIDENTS:
            self._service.incidents.add(job.key)
        self._service.observers.incident_raised(
            IncidentAlert(
                service=self._service.name,
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
        self._service.history.done(job.key)
        _log(job, self._service.name).info(
            "{}: job {} ({}) was finished by somebody else, or its instance has ended ({})",
            command,
            job.key,
            job.job_type,
            error.status,
        )
        return "gone"

    def _unsent(self, job: ActivatedJob, command: str, error: GatewayError) -> str:
        self._service.history.abandoned(job.key)
        _log(job, self._service.name).error(
            "{}: the gateway did not take the end of job {} ({}) before its deadline: {}; "
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
