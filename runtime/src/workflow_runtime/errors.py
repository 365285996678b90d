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
└── WaitTimedOut                start_process_and_wait took too long

Raised by handlers, each becomes a command (the table in the README):

HandlerSignal
├── WorkflowIncident            no attempt can help: incident now
│   └── MissingScopeVariable    get_scope_variable without a default
├── BpmnError                   the diagram decides
└── Retry                       again after this delay
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any


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
    """

    def __init__(self, message: str, *, status: str = "UNKNOWN") -> None:
        super().__init__(message)
        self.status = status


class ProcessNotFound(CommandFailed):
    """No process with this id is deployed."""


class InstanceNotFound(CommandFailed):
    """No such process instance, or it has ended."""


class IncidentNotFound(CommandFailed):
    """No such incident, or it has been resolved."""


class WaitTimedOut(WorkflowError):
    """The instance did not complete in time; it goes on running."""


class EventNotPublished(WorkflowError):
    """The broker could not be reached in time.

    Args:
        message: which event, for how long it was tried, and the last answer.
        event: the event as it would have been sent; it can be published again.
    """

    def __init__(self, message: str, *, event: object) -> None:
        super().__init__(message)
        self.event = event


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


class BpmnError(HandlerSignal):
    """A business error that the diagram may catch by its code (semantics#error-thrown).

    Nobody catching it is an incident (semantics#error-uncaught).

    Args:
        code: the error's code in the diagram.
        message: for people: what the incident says if nobody catches it.
        scope: variables of the event that catches it; a boundary event hands on what its output
            mappings name (semantics#error-variables).
    """

    def __init__(
        self, code: str, message: str = "", scope: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.scope = dict(scope or {})


class Retry(HandlerSignal):
    """Raised by a handler to be tried again; one attempt is used up.

    Args:
        delay: the wait before the next attempt, seconds or a timedelta.
        message: the reason, for logs and for the incident if no attempts are left.
    """

    def __init__(self, delay: float | timedelta, message: str = "") -> None:
        super().__init__(message or "the handler asked to be tried again")
        self.delay = delay if isinstance(delay, timedelta) else timedelta(seconds=delay)
        self.message = str(self)


def make_incident(message: str) -> WorkflowIncident:
    """Makes the incident that a handler raises when no further attempt can help.

    Args:
        message: what a person has to know to mend it; the engine keeps it with the incident.

    Returns:
        The exception to raise.
    """
    return WorkflowIncident(message)
