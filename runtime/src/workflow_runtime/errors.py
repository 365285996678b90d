"""Everything that this package raises at its users, and what they may raise in handlers.

WorkflowError
├── ConfigurationError          the builder was told something that cannot work
│   ├── DiagramError            a BPMN file: names file, line, element, remedy
│   ├── HandlerError            a handler: two for one type, a signature that cannot be filled
│   └── AddressError            an address or credentials that cannot be used
├── EventNotPublished           the broker stayed away; holds the event
├── CommandFailed               the engine refused a command of the control interface
│   ├── ProcessNotFound
│   ├── InstanceNotFound
│   └── IncidentNotFound
├── OutboxUnavailable           the outbox's database cannot be written
├── WaitTimedOut                start_process_and_wait took too long
└── WrongPlace                  a call in a thread, event loop or process where it cannot work

Raised by handlers, each becomes a command (the table in the README):

HandlerSignal
├── WorkflowIncident            no attempt can help: incident now
│   ├── MissingScopeVariable    get_scope_variable without a default
│   ├── InvalidScope            the variables do not fit a parameter: names each field
│   └── ScopeVariableNotFetched a variable that the handler's signature does not fetch
├── BpmnError                   the diagram decides
└── Retry                       again after this delay
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Literal

Executed = Literal["no", "unknown"]
"""Whether a command that failed has had an effect: surely none, or nobody can tell."""


class WorkflowError(Exception):
    """Base of everything that this package raises at its users."""


class ConfigurationError(WorkflowError):
    """The builder was told something that cannot work."""


class DiagramError(ConfigurationError):
    """A BPMN file that cannot be read, or cannot be run.

    Args:
        message: names the file, the line, the element and the remedy, a line for each problem.
        problems: the problems one by one.
    """

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class HandlerError(ConfigurationError):
    """A handler that cannot be registered."""


class AddressError(ConfigurationError):
    """An address or credentials that cannot be used."""


class CommandFailed(WorkflowError):
    """The engine refused a command, or could not be reached in time.

    Args:
        message: the engine's sentence.
        status: the gRPC status name of its answer (semantics#grpc-statuses).
        executed: ``no`` if the command surely had no effect: it was refused, or never left.
            ``unknown`` if it may have had: the line broke, or nothing was answered in time.
    """

    def __init__(
        self, message: str, *, status: str = "UNKNOWN", executed: Executed = "unknown"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed


class ProcessNotFound(CommandFailed):
    """No process with this id is deployed."""


class InstanceNotFound(CommandFailed):
    """No such process instance, or it has ended."""


class IncidentNotFound(CommandFailed):
    """No such incident, or it has been resolved."""


class WaitTimedOut(WorkflowError):
    """The instance did not complete in time.

    It goes on running, if it was started: the engine has not said so, or its answer was lost.
    """


class WrongPlace(WorkflowError):
    """A call in a thread, an event loop or a process where it would wait for ever, or do nothing.

    Its text says what to use there.
    """


class EventNotPublished(WorkflowError):
    """The broker could not be reached in time.

    Args:
        message: which event, for how long it was tried, and the last answer.
        event: the event as it would have been sent; it can be published again.
        executed: ``no`` if the engine surely has not taken it, ``unknown`` if it may have. With
            a time to live it can be published again all the same: its id tells a repetition.
    """

    def __init__(self, message: str, *, event: object, executed: Executed = "unknown") -> None:
        super().__init__(message)
        self.event = event
        self.executed = executed


class OutboxUnavailable(WorkflowError):
    """The outbox's database is away, locked, full, or does not answer in time.

    An event that was to be written may have been, if only the answer was lost: written again with
    the same ``event_id`` it is a duplicate. The cause is the database's own exception.

    Args:
        message: says what could not be done, and why.
        reason: only why, in words that hold no value of a row.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class HandlerSignal(Exception):
    """Raised by a handler to say what shall become of its job."""


class WorkflowIncident(HandlerSignal):
    """No further attempt can help: the job becomes an incident at once.

    For undefined behaviour, inconsistent data, an impossible task.
    """


class MissingScopeVariable(WorkflowIncident):
    """A handler asked for a variable that the scope does not hold.

    Args:
        name: the variable.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"missed {name} in process scope")
        self.name = name


class InvalidScope(WorkflowIncident):
    """The variables of a job do not fit a parameter of its handler, which was not called.

    Its message names each field and what is wrong with it, and shows no value. A middleware may
    translate it; as it leaves the outermost one, the job becomes an incident.
    """


class ScopeVariableNotFetched(WorkflowIncident):
    """A handler asked its task for a variable that had not been fetched with the job.

    Where a handler declares variables, by parameters, models or ``variables``, only these come.

    Args:
        name: the variable.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the variable {name!r} was not fetched with the job, so nobody knows whether the "
            "scope holds it: give the handler a parameter for it, or name it in variables=[...] "
            "of its configuration"
        )
        self.name = name


class BpmnError(HandlerSignal):
    """A business error that the diagram may catch by its code (semantics#error-thrown).

    Nobody catching it is an incident (semantics#error-uncaught). Making one never fails: an
    argument that says nothing, such as an empty code, is an incident that names it.

    Args:
        code: the error's code in the diagram; of an enumeration its value, of a number its digits.
        message: for people: what the incident says if nobody catches it; of an exception its text,
            and it is told as the cause.
        scope: variables of the event that catches it; a boundary event hands on what its output
            mappings name (semantics#error-variables).
    """

    def __init__(
        self,
        code: str | int | Enum,
        message: object = "",
        scope: Mapping[str, Any] | None = None,
    ) -> None:
        self.code: str = error_code(code)
        self.message = text_of(message)
        _keep_cause(self, message)
        self.scope: Mapping[str, Any] = {} if scope is None else scope
        super().__init__(self.message or self.code)


class Retry(HandlerSignal):
    """Raised by a handler to be tried again; one attempt is used up.

    Making one never fails: a delay that is no time is an incident that names it.

    Args:
        delay: the wait before the next attempt, seconds or a timedelta; none if it is negative.
        message: the reason, for Operate and for the incident if no attempts are left; of an
            exception its text. An exception, this one or that of ``from``, is told as the cause.
    """

    def __init__(self, delay: float | timedelta, message: object = "") -> None:
        self.delay: timedelta = retry_delay(delay)
        self.message = text_of(message) or "the handler asked to be tried again"
        _keep_cause(self, message)
        super().__init__(self.message)


def _keep_cause(signal: HandlerSignal, message: object) -> None:
    # Whoever is told of the signal is told of what it stands for; `from` still has the last word.
    if isinstance(message, BaseException):
        signal.__cause__ = message


def error_code(value: object) -> Any:
    """Makes the code of a BPMN error of what was given for it.

    Args:
        value: a text, a number, or a member of an enumeration.

    Returns:
        The text; anything else is returned as it is.
    """
    if isinstance(value, Enum):
        return error_code(value.value)
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    try:
        return int.__repr__(value)
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        return value


def retry_delay(value: Any) -> Any:
    """Makes a wait of what was given for it.

    Args:
        value: a timedelta, or seconds as any kind of number.

    Returns:
        The wait; what is no time, such as infinity, is returned as it is.
    """
    if value is None or isinstance(value, timedelta | bool):
        return value
    try:
        return timedelta(seconds=float(value))
    except Exception:  # noqa: BLE001 - it may be a class of the handler's
        return value


def text_of(value: object) -> str:
    """Makes a text of whatever was given for one; never fails.

    Args:
        value: a text, an exception, or anything else.

    Returns:
        The text; empty for None, and an exception's kind where it says nothing.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        text = str(value)
    except BaseException:  # noqa: BLE001 - it is a class of the handler's, and may do anything
        return "its text cannot be had"
    if text or not isinstance(value, BaseException):
        return text
    # One that only wraps another, such as `WorkflowIncident(error)`.
    wrapped = [each for each in value.args[:1] if isinstance(each, BaseException)]
    return type(wrapped[0] if wrapped else value).__name__


def make_incident(message: str) -> WorkflowIncident:
    """Makes the incident that a handler raises when no further attempt can help.

    Args:
        message: what a person has to know to mend it; the engine keeps it with the incident.

    Returns:
        The exception to raise.
    """
    return WorkflowIncident(message)
