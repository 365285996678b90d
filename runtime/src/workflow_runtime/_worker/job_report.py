"""What follows a job's end: the log, what is remembered, incidents, the word to count it by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from workflow_runtime._log.failures import failure_of
from workflow_runtime._log.job_fields import fields_of
from workflow_runtime._log.repeats import Again
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.attempts.retry_budget import read_marker
from workflow_runtime._worker.failure_text import causes
from workflow_runtime._worker.outcome import Complete, Fail, Gone, HandBack, Outcome, Throw
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.observers import IncidentAlert

Word = Literal["completed", "failed", "incident", "bpmn_error", "handed_back", "gone", "unsent"]
"""Under which observers count a job's end."""

_KEPT_INCIDENTS = 10_000
_ALIKE = Again()


class JobReport:
    """Follows up on the ends of one job type; ``handler`` is its handler's name."""

    def __init__(self, context: WorkerContext, handler: str) -> None:
        self._context = context
        self._history = context.history
        self._handler = handler

    def decided(self, attempt: Attempt, outcome: Outcome) -> None:
        """Tells of the exception of a handler whose outcome is about to be sent."""
        if not isinstance(outcome, Fail | Throw) or outcome.failure is None:
            return
        job, failure = attempt.job, outcome.failure
        if left := self._left(job, outcome):
            # Its text may hold values of the scope.
            words = failure.words(texts=self._context.exception_texts)
            text = "handler {} of {}: attempt {} failed, {}: {}"
            again = Again(f"{{count}} of {job.job_type} failed {{span}}: {words}", "attempt")
            arguments = (self._handler, job.job_type, attempt.number, left, words)
            kind = ("failed", *failure.identity)
            self._log(kind, job, "WARNING", text, *arguments, again=again)
        self._context.observers.job_failed(job, failure)

    def _left(self, job: ActivatedJob, outcome: Fail | Throw) -> str:
        """What is left of a job after a failed attempt; empty where the diagram decides."""
        if isinstance(outcome, Fail):
            return "an incident" if outcome.is_incident else f"{outcome.retries} left"
        uncaught = self._context.uncaught(job, outcome.code)
        return "an incident, since no event catches its error" if uncaught else ""

    def disturbed(self, job: ActivatedJob, command: str) -> None:
        """Logs that something else than this service cancels what sends the end of a job."""
        self._log(
            ("disturbed", command),
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
                case HandBack():
                    self._context.handed_back.append((job.job_type, job.key))
        except Exception as error:  # noqa: BLE001 - the job has ended, whatever is told of it
            text, why = "the end of job {} is not told: {}", failure_of(error)
            self._log(why.identity, job, "ERROR", text, job.key, why.words())
        return _word(outcome)

    def gone(self, job: ActivatedJob, command: str, error: GatewayError) -> Word:
        """Follows up on a job that has ended elsewhere, before the command came."""
        self._history.done(job.key)
        self._log(
            ("gone", command, error.status),
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
            ("late", command, error.status),
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
            ("unsent", command, error.status),
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
            if throw.failure is not None:
                text = "\n".join([text, *causes(throw.failure)])
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
                element_instance_key=job.element_instance_key,
                times=read_marker(job).incidents + 1,
            )
        )

    def _log(
        self,
        kind: tuple[object, ...],
        job: ActivatedJob,
        level: str,
        message: str,
        *arguments: object,
        again: Again = _ALIKE,
    ) -> None:
        shared = {"service": self._context.name, "job_type": job.job_type}
        self._context.repeats.say(
            (job.job_type, *kind),
            level,
            message,
            *arguments,
            again=replace(again, fields=shared),
            fields=fields_of(self._context.name, job),
            depth=1,
        )


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
