"""How a handler's end becomes a command: pure functions, one for each row of the table."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from workflow_runtime._worker.attempts.retry_budget import Budget, marker
from workflow_runtime.config import TaskHandlerConfig
from workflow_runtime.errors import BpmnError, Retry, WorkflowIncident
from workflow_runtime.gateway.encoding import EncodedScope
from workflow_runtime.gateway.port import ActivatedJob, Scope

MESSAGE_LIMIT = 9_000
"""Characters; Zeebe cuts at 10,000, in the middle of whatever stands there."""

_HEADLINE = 2_000
_FRAMES = 6
_RUNTIME = str(Path(__file__).parents[1])
_NOTHING = EncodedScope({})
_ZERO = timedelta(0)
_UNREADABLE = "its text cannot be had"


@dataclass(frozen=True, slots=True)
class Complete:
    """CompleteJob."""

    scope: EncodedScope


@dataclass(frozen=True, slots=True)
class Fail:
    """FailJob; with ``retries`` 0 it makes an incident."""

    retries: int
    message: str
    backoff: timedelta = _ZERO
    scope: Scope | None = None

    @property
    def is_incident(self) -> bool:
        """Whether the process stops here and waits for a person."""
        return self.retries <= 0


@dataclass(frozen=True, slots=True)
class Throw:
    """ThrowError."""

    code: str
    message: str
    scope: EncodedScope


@dataclass(frozen=True, slots=True)
class HandBack:
    """FailJob with the retries unchanged: somebody else shall do it."""

    retries: int
    message: str
    scope: Scope | None = None


Outcome = Complete | Fail | Throw | HandBack

_DONE = Complete(_NOTHING)


def returned(result: Any, job: ActivatedJob, budget: Budget) -> Complete | Fail:
    """What a handler's result becomes: None, a mapping, or a model completes the job."""
    if result is None:
        return _DONE
    try:
        return Complete(_scope(result))
    except (ValueError, TypeError, RecursionError) as error:
        message = f"the handler's result is no JSON object: {error}"
        return _incident(message, job, budget)


def raised(
    error: BaseException, job: ActivatedJob, config: TaskHandlerConfig, budget: Budget
) -> Fail | Throw:
    """What an exception becomes."""
    match error:
        case BpmnError():
            return _thrown(error, job, budget)
        case Retry():
            return _failed(describe(error), job, budget, error.delay)
        case WorkflowIncident():
            return _incident(_text(error) or type(error).__name__, job, budget)
        case _ if isinstance(error, config.retry_policy.non_retryable):
            return _incident(describe(error), job, budget)
    return _failed(describe(error), job, budget, config.backoff(budget.attempt))


def invalid_scope(error: ValidationError, job: ActivatedJob, budget: Budget) -> Fail:
    """A typed scope that does not validate: each field, never its value."""
    message = f"the scope does not fit {error.title}:\n" + _fields(error)
    return _incident(message, job, budget)


def _fields(error: ValidationError) -> str:
    lines = [
        f"{'.'.join(str(part) for part in e['loc']) or error.title}: {e['msg']} ({e['type']})"
        for e in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return "\n".join(lines)


def poisoned(activations: int, job: ActivatedJob, budget: Budget) -> Fail:
    """A job that was activated again and again and never came to an end."""
    message = f"given up after {activations} activations that never came to an end"
    return _incident(message, job, budget)


def impossible(command: str, error: Exception, job: ActivatedJob, budget: Budget) -> Fail:
    """A command that the gateway will never take."""
    return _incident(f"{command} was refused: {error}", job, budget)


def describe(error: BaseException) -> str:
    """One line for people, then the end of the traceback."""
    if isinstance(error, Retry):
        return error.message
    # pydantic's own text holds the values that did not fit.
    text = _fields(error) if isinstance(error, ValidationError) else _text(error)
    headline = f"{type(error).__name__}: {text}".rstrip(": ")
    trace = _trace(error)
    return f"{cut(headline, _HEADLINE)}\n\n{trace}" if trace else headline


def _trace(error: BaseException) -> str:
    """The user's part of the traceback: what calls a handler is the same every time."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_RUNTIME)]
    return "".join(traceback.format_list(theirs[-_FRAMES:]))


def alone(error: BaseException) -> BaseException:
    """The one exception that a task group of the handler wraps; others stay as they are."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the handler's own class
        return _UNREADABLE


def cut(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Text that fits and can be sent, and says so if it was longer."""
    # Lone surrogates, as in names of files that are no UTF-8.
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= limit else text[: limit - 14] + " … (cut short)"


def _scope(result: Any) -> EncodedScope:
    if isinstance(result, BaseModel):
        result = result.model_dump(mode="json", by_alias=True)
    elif not isinstance(result, dict):
        result = dict(result) if isinstance(result, Mapping) else to_jsonable_python(result)
    if not isinstance(result, dict):
        raise TypeError(f"expected a mapping, a pydantic model or None, not {_kind(result)}")
    if not all(isinstance(name, str) for name in result):
        raise TypeError("names of variables must be text")
    return EncodedScope(result)


def _kind(value: Any) -> str:
    return type(value).__name__


def _thrown(error: BpmnError, job: ActivatedJob, budget: Budget) -> Fail | Throw:
    try:
        return Throw(cut(error.code), cut(error.message), _scope(error.scope))
    except (ValueError, TypeError, RecursionError) as reason:
        message = f"the scope of BpmnError({error.code!r}) is no JSON object: {reason}"
        return _incident(message, job, budget)


def _failed(message: str, job: ActivatedJob, budget: Budget, backoff: timedelta) -> Fail:
    wait = backoff if budget.remaining > 0 else _ZERO
    return Fail(budget.remaining, cut(message), max(wait, _ZERO), marker(job, budget.attempt))


def _incident(message: str, job: ActivatedJob, budget: Budget) -> Fail:
    return Fail(0, cut(message), scope=marker(job, budget.attempt))
