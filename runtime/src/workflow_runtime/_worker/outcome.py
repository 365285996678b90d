"""How a handler's end becomes a command: one pure function, a case for each row of the table."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.handler_call import HandlerResult, InvalidScope
from workflow_runtime.errors import BpmnError, Retry, WorkflowIncident
from workflow_runtime.gateway.encoding import EncodedScope
from workflow_runtime.gateway.values import Scope

MESSAGE_LIMIT = 9_000
"""Characters; Zeebe cuts at 10,000, in the middle of whatever stands there."""

_HEADLINE = 2_000
"""Characters of an exception's own text, so that its traceback has room behind it."""
_FRAMES = 6
"""Calls of the traceback that are shown, the innermost ones."""
# Calls within this package are left out of tracebacks.
_RUNTIME = str(Path(__file__).parents[1])
_NOTHING = EncodedScope({})
_ZERO = timedelta(0)
_UNREADABLE = "its text cannot be had"


class HandBackReason(StrEnum):
    """Why a job goes back without having failed."""

    STOPPING = "the service is stopping"
    STUCK = "its handler does not end"


@dataclass(frozen=True, slots=True)
class Complete:
    """The task is done: CompleteJob with its result as ``scope``."""

    scope: EncodedScope


@dataclass(frozen=True, slots=True)
class Fail:
    """The attempt has failed: FailJob; with ``retries`` 0 it makes an incident."""

    retries: int
    message: str
    backoff: timedelta = _ZERO
    scope: Scope | None = None
    raised: str = ""
    """The type of the handler's exception; empty where none is the cause."""

    @property
    def is_incident(self) -> bool:
        """Whether the process stops here and waits for a person."""
        return self.retries <= 0


@dataclass(frozen=True, slots=True)
class Throw:
    """The diagram decides: ThrowError with the ``code`` that an event may catch."""

    code: str
    message: str
    scope: EncodedScope


@dataclass(frozen=True, slots=True)
class HandBack:
    """Somebody else shall do it: FailJob with the retries unchanged."""

    retries: int
    reason: HandBackReason
    scope: Scope | None = None

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
    """What becomes of an attempt whose handler has ended like this, or was not called."""
    if result.cancelled == "shutdown":
        return HandBack(attempt.job.retries, HandBackReason.STOPPING, attempt.unbegun_marker)
    if result.cancelled == "gone":
        return _GONE
    if attempt.poisoned:
        message = f"given up after {attempt.unfinished} activations that never came to an end"
        return incident(attempt, message)
    if result.error is not None:
        return _raised(attempt, result.error)
    return _returned(attempt, result.value)


def incident(attempt: Attempt, message: str, raised: str = "") -> Fail:
    """The end of all attempts: a person has to look."""
    return Fail(0, _cut(message), scope=attempt.failed_marker, raised=raised)


def _returned(attempt: Attempt, value: Any) -> Complete | Fail:
    if value is None:
        return _DONE
    try:
        return Complete(_scope(value))
    except (ValueError, TypeError, RecursionError) as error:
        return incident(attempt, f"the handler's result is no JSON object: {error}")


def _raised(attempt: Attempt, error: BaseException) -> Fail | Throw:
    kind, policy = type(error).__name__, attempt.config.retry_policy
    # What a handler says by its exception goes before what its configuration says of types.
    match error:
        case InvalidScope(cause=cause):
            return incident(attempt, f"the scope does not fit {cause.title}:\n{_fields(cause)}")
        case BpmnError():
            return _thrown(attempt, error)
        case Retry():
            return _failed(attempt, error, error.delay)
        case WorkflowIncident():
            return incident(attempt, _text(error) or kind, kind)
        case _ if isinstance(error, policy.non_retryable):
            return incident(attempt, _describe(error), kind)
    return _failed(attempt, error, attempt.config.backoff(attempt.number))


def _thrown(attempt: Attempt, error: BpmnError) -> Fail | Throw:
    try:
        return Throw(_cut(error.code), _cut(error.message), _scope(error.scope))
    except (ValueError, TypeError, RecursionError) as reason:
        message = f"the scope of BpmnError({error.code!r}) is no JSON object: {reason}"
        return incident(attempt, message, type(error).__name__)


def _failed(attempt: Attempt, error: BaseException, backoff: timedelta) -> Fail:
    return Fail(
        attempt.remaining,
        _cut(_describe(error)),
        # Nothing waits for an incident (semantics#job-no-retries).
        max(backoff, _ZERO) if attempt.remaining > 0 else _ZERO,
        attempt.failed_marker,
        type(error).__name__,
    )


def _scope(result: Any) -> EncodedScope:
    if isinstance(result, BaseModel):
        # By alias: so the variables are called in the diagram.
        result = result.model_dump(mode="json", by_alias=True)
    elif not isinstance(result, dict):
        result = dict(result) if isinstance(result, Mapping) else to_jsonable_python(result)
    if not isinstance(result, dict):
        kind = type(result).__name__
        raise TypeError(f"expected a mapping, a pydantic model or None, not {kind}")
    if not all(isinstance(name, str) for name in result):
        raise TypeError("names of variables must be text")
    return EncodedScope(result)


def _fields(error: ValidationError) -> str:
    """Each field that does not fit, never its value."""
    lines = [
        f"{'.'.join(map(str, each['loc'])) or error.title}: {each['msg']} ({each['type']})"
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return "\n".join(lines)


def _describe(error: BaseException) -> str:
    """One line for people, then the end of the traceback."""
    if isinstance(error, Retry):
        return error.message
    # pydantic's own text holds the values that did not fit.
    text = _fields(error) if isinstance(error, ValidationError) else _text(error)
    headline = f"{type(error).__name__}: {text}".rstrip(": ")
    trace = _trace(error)
    return f"{_cut(headline, _HEADLINE)}\n\n{trace}" if trace else headline


def _trace(error: BaseException) -> str:
    """The user's part of the traceback: what calls a handler is the same every time."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_RUNTIME)]
    return "".join(traceback.format_list(theirs[-_FRAMES:]))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the handler's own class
        return _UNREADABLE


def _cut(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Text that fits and can be sent, and says so if it was longer."""
    # Lone surrogates, as in names of files that are no UTF-8.
    text = text.encode("utf-8", "backslashreplace").decode()
    # 14 characters are what stands behind a text that was cut.
    return text if len(text) <= limit else text[: limit - 14] + " … (cut short)"
