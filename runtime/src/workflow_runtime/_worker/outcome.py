"""How a handler's end becomes a command: one pure function, a case for each row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from workflow_runtime._log.failures import Failure, failure_of
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.failure_text import cut, describe
from workflow_runtime._worker.handler_call import HandlerResult
from workflow_runtime._worker.meaning import Meaning, meaning_of
from workflow_runtime._worker.result_scope import NoScope, scope_of
from workflow_runtime.errors import error_code, retry_delay, text_of
from workflow_runtime.gateway.encoding import EncodedScope
from workflow_runtime.gateway.values import Scope
from workflow_runtime.trace_context import adopted

_NOTHING = EncodedScope({})
_ZERO = timedelta(0)


class HandBackReason(StrEnum):
    """Why a job goes back without having failed."""

    STOPPING = "the service is stopping"
    STUCK = "its handler does not end"


@dataclass(frozen=True, slots=True)
class Complete:
    """The task is done: CompleteJob with its result as ``scope``."""

    scope: EncodedScope = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fail:
    """The attempt has failed: FailJob; with ``retries`` 0 it makes an incident."""

    retries: int
    message: str
    backoff: timedelta = _ZERO
    scope: Scope | None = field(default=None, repr=False)
    failure: Failure | None = field(default=None, repr=False, compare=False)
    """The handler's exception; None where none is the cause."""

    @property
    def is_incident(self) -> bool:
        """Whether the process stops here and waits for a person."""
        return self.retries <= 0


@dataclass(frozen=True, slots=True)
class Throw:
    """The diagram decides: ThrowError with the ``code`` that an event may catch."""

    code: str
    message: str
    scope: EncodedScope = field(repr=False)
    failure: Failure | None = field(default=None, repr=False, compare=False)
    """The handler's exception."""


@dataclass(frozen=True, slots=True)
class HandBack:
    """Somebody else shall do it: FailJob with the retries unchanged."""

    retries: int
    reason: HandBackReason
    scope: Scope | None = field(default=None, repr=False)

    @property
    def message(self) -> str:
        """The text that the engine keeps as the message of this failure."""
        return f"handed back: {self.reason}"


@dataclass(frozen=True, slots=True)
class Gone:
    """No command: the job has ended elsewhere."""


Outcome = Complete | Fail | Throw | HandBack | Gone

# One for all jobs: both are frozen, and most handlers return nothing.
_DONE = Complete(_NOTHING)
_GONE = Gone()


def outcome_of(attempt: Attempt, result: HandlerResult) -> Outcome:
    """What becomes of an attempt whose handler has ended like this, or was not called.

    Never fails: a result, an exception or a configuration that breaks this is an incident.
    """
    try:
        return _outcome_of(attempt, result)
    except BaseException as fault:  # noqa: BLE001 - what the handler made may do anything
        return incident(attempt, f"the handler's end cannot be told: {describe(fault)}")


def _outcome_of(attempt: Attempt, result: HandlerResult) -> Outcome:
    if result.cancelled == "shutdown":
        return HandBack(attempt.job.retries, HandBackReason.STOPPING, attempt.unbegun_marker)
    if result.cancelled == "gone":
        return _GONE
    if attempt.poisoned:
        alone = f", {attempt.marker.alone} of them alone" if attempt.marker.alone else ""
        text = f"given up after {attempt.unfinished} activations that never came to an end{alone}"
        return incident(attempt, text)
    if result.error is not None:
        return replace(_raised(attempt, result.error), failure=failure_of(result.error))
    return _returned(attempt, result.value)


def incident(attempt: Attempt, message: str) -> Fail:
    """The end of all attempts: a person has to look."""
    return Fail(0, cut(message), scope=attempt.incident_marker)


def _returned(attempt: Attempt, value: Any) -> Complete | Fail:
    own = adopted(attempt.job.carried)
    if value is None:
        return Complete(EncodedScope(own)) if own else _DONE
    try:
        scope = scope_of(value)
        return Complete(EncodedScope({**own, **scope}) if own else scope)
    except NoScope as reason:
        return incident(attempt, f"the handler's result is no JSON object: {reason}")


def _raised(attempt: Attempt, error: BaseException) -> Fail | Throw:
    meaning = meaning_of(error, attempt.config.retry_policy.non_retryable)
    first = meaning.errors[0]
    match meaning.kind:
        case "thrown":
            return _thrown(attempt, first)
        case "incident":
            return incident(attempt, meaning.text)
        case "failed":
            return _failed(attempt, meaning)


def _thrown(attempt: Attempt, error: BaseException) -> Fail | Throw:
    # Subclasses may have these as attributes of the class, or never call our constructor.
    code = error_code(getattr(error, "code", None))
    kind = type(error).__name__
    if not isinstance(code, str) or not code.strip():
        found = "an empty text" if isinstance(code, str) else type(code).__name__
        text = f"{kind} has no code that a diagram could catch: give it a text, not {found}"
        return incident(attempt, text)
    message = text_of(getattr(error, "message", None))
    scope = getattr(error, "scope", None)
    try:
        return Throw(cut(code), cut(message), _NOTHING if scope is None else scope_of(scope))
    except NoScope as reason:
        text = f"the scope of {kind}({cut(code)!r}) is no JSON object: {reason}"
        return incident(attempt, text)


def _failed(attempt: Attempt, meaning: Meaning) -> Fail:
    kind = type(meaning.errors[0]).__name__
    delays = [retry_delay(getattr(each, "delay", None)) for each in meaning.retries]
    wrong = [type(each).__name__ for each in delays if not isinstance(each, timedelta | None)]
    if wrong:
        text = f"{kind}: its delay is no time: give it seconds or a timedelta, not this {wrong[0]}"
        return incident(attempt, text)
    said = [each for each in delays if each is not None]
    backoff = max(said) if said else attempt.config.backoff(attempt.number)
    return Fail(
        attempt.remaining,
        cut(meaning.text),
        # Nothing waits for an incident (semantics#job-no-retries).
        max(backoff, _ZERO) if attempt.remaining > 0 else _ZERO,
        attempt.failed_marker if attempt.remaining > 0 else attempt.incident_marker,
    )
