"""What follows a job's end: the log, what is remembered, incidents, the word to count it by."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Literal

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.job_fields import fields_of
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.outcome import Complete, Fail, Gone, HandBack, Outcome, Throw
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.observers import IncidentAlert

Word = Literal["completed", "failed", "incident", "bpmn_error", "handed_back", "gone", "unsent"]
"""Under which observers count a job's end."""

_KEPT_INCIDENTS = 10_000


class JobReport:
    """Follows up on the ends of one job type; ``handler`` is its handler's name."""

    def __init__(self, context: WorkerContext, handler: str) -> None:
        self._context = context
        self._history = context.history
        self._handler = handler

    def decided(self, attempt: Attempt, outcome: Outcome) -> None:
        """Logs the exception of a handler whose outcome is about to be sent."""
        if isinstance(outcome, Fail) and outcome.raised:
            # Only the type: an exception's text may hold values of the scope.
            self._log(
                attempt.job,
                "WARNING",
                "handler {} of {}: {} on attempt {}, {} left",
                self._handler,
                attempt.job.job_type,
                outcome.raised,
                attempt.number,
                outcome.retries,
            )

    def disturbed(self, job: ActivatedJob, command: str) -> None:
        """Logs that something else than this service cancels what sends the end of a job."""
        self._log(
            job,
            "WARNING",
            "{} of job {} ({}): its task was cancelled by something that is not this service, "
            "such as its handler or a library; sent all the same",
            command,
            job.key,
            job.job_type,
        )

    def taken(self, job: ActivatedJob, outcome: Outcome) -> Word:
        """Follows up on a command that the gateway has taken; what fails here is only logged."""
        try:
            match outcome:
                case Complete():
                    self._ended_well(job)
                case Fail():
                    self._failed(job, outcome)
                case Throw():
                    self._thrown(job, outcome)
        except Exception as error:  # noqa: BLE001 - the job has ended, whatever is told of it
            self._log(
                job, "ERROR", "the end of job {} is not told: {}", job.key, kind_and_place(error)
            )
        return _word(outcome)

    def gone(self, job: ActivatedJob, command: str, error: GatewayError) -> Word:
        """Follows up on a job that has ended elsewhere, before the command came."""
        self._history.done(job.key)
        self._log(
            job,
            "INFO",
            "{}: job {} ({}) was finished by somebody else, or its instance has ended ({})",
            command,
            job.key,
            job.job_type,
            error.status,
        )
        return "gone"

    def late(self, job: ActivatedJob, command: str, error: GatewayError) -> None:
        """Logs that a job's deadline has passed while its command is still being sent."""
        self._log(
            job,
            "WARNING",
            "{}: job {} ({}) has passed its deadline: {}; sent until it is taken",
            command,
            job.key,
            job.job_type,
            error.status,
        )

    def unsent(self, job: ActivatedJob, command: str, error: GatewayError) -> Word:
        """Follows up on a command that the gateway has not taken, and will not take."""
        self._history.abandoned(job.key)
        self._log(
            job,
            "ERROR",
            "{}: the gateway did not say in time that it takes the end of job {} ({}): {}; "
            "the job will run again",
            command,
            job.key,
            job.job_type,
            error.status,
        )
        return "unsent"

    def _failed(self, job: ActivatedJob, fail: Fail) -> None:
        attempts = self._history.failed(job.key, fail.message)
        if fail.is_incident:
            self._alert(job, fail.message, attempts, fail.retries)

    def _thrown(self, job: ActivatedJob, throw: Throw) -> None:
        # The engine takes the command, and makes an incident of it (semantics#error-uncaught).
        if self._context.uncaught(job, throw.code):
            text = f"no event catches the error {throw.code}: {throw.message}"
            attempts = self._history.failed(job.key, text)
            self._alert(job, text, attempts, job.retries, "UNHANDLED_ERROR_EVENT")
        else:
            self._ended_well(job)

    def _ended_well(self, job: ActivatedJob) -> None:
        self._history.done(job.key)
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
        self._history.done(job.key)
        # Bounded: an outage elsewhere may make incidents by the thousand.
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

    def _log(self, job: ActivatedJob, level: str, message: str, *arguments: object) -> None:
        # A sink of the service's own may raise (loguru's ``catch=False``).
        with contextlib.suppress(Exception):
            bound = logger.bind(**fields_of(self._context.name, job))
            bound.opt(depth=1).log(level, message, *arguments)


def _word(outcome: Outcome) -> Word:
    match outcome:
        case Complete():
            return "completed"
        case Fail():
            return "incident" if outcome.is_incident else "failed"
        case Throw():
            return "bpmn_error"
        case HandBack():
            return "handed_back"
        case Gone():
            return "gone"
