"""What a gateway may answer instead of yes.

GatewayError
├── TransientGatewayError      worth sending again
│   ├── Unavailable            UNAVAILABLE: nobody there, a leader changed, the line is down
│   │   └── Closed             the gateway was closed on this side: not worth sending again
│   ├── ResourceExhausted      RESOURCE_EXHAUSTED: back-pressure
│   ├── DeadlineExceeded       DEADLINE_EXCEEDED: no answer; the outcome is unknown
│   └── Aborted                ABORTED, CANCELLED
├── Unauthenticated            UNAUTHENTICATED, PERMISSION_DENIED: credentials are refused
├── NotFound                   NOT_FOUND: no such process, job, instance, incident
├── AlreadyExists              ALREADY_EXISTS: the message's id is still buffered
├── InvalidArgument            INVALID_ARGUMENT: bad diagram, bad JSON, bad number
├── FailedPrecondition         FAILED_PRECONDITION: right thing, wrong state
├── MessageTooLarge            too large, by our own count or by the words of whoever refused it
└── GatewayInternal            everything else (INTERNAL, UNKNOWN, UNIMPLEMENTED)
    └── BrokenOff              CANCELLED: a large command that was broken off, for whatever reason

Some statuses mean two things; then the sentence beside them decides (`words.py`).
"""

from __future__ import annotations

from typing import ClassVar

from workflow_runtime.gateway.words import is_of_a_proxy, is_reset, is_too_large


class GatewayError(Exception):
    """A command that the engine refused or that did not reach it.

    Args:
        message: the engine's sentence, or why the command did not reach it.
        code: the gRPC status name as it was answered, where one class stands for several.
    """

    code: ClassVar[str] = "UNKNOWN"
    """The gRPC status name that this class stands for."""
    refused: ClassVar[bool] = False
    """Whether it is an answer of who has looked at the command and turned it away."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = code or self.code
        """The gRPC status name as it was answered."""
        # Who does not know a command does not execute it.
        self.never_executed = self.refused or self.status == "UNIMPLEMENTED"
        """Whether the command surely had no effect: it never left, or was turned away."""
        self.no_token = False
        """Whether it is about the token server: the gateway was not asked."""
        self.retry_after = 0.0
        """Seconds before which another try is of no use; 0 where nobody knows."""

    @property
    def reason(self) -> str:
        """The status, and what is behind it where the status alone would mislead."""
        return f"{self.status}, no token: {self.message}" if self.no_token else self.status


class TransientGatewayError(GatewayError):
    """Worth sending again."""


class Unavailable(TransientGatewayError):
    """Nobody there, a leader changed, or the line is down."""

    code = "UNAVAILABLE"


class Closed(Unavailable):
    """The gateway was closed on this side, with its service: there is no use in trying again."""


class ResourceExhausted(TransientGatewayError):
    """Back-pressure: the broker has not taken the command (semantics#grpc-back-pressure).

    Args:
        message: the broker's sentence.
        code: the gRPC status name as it was answered.
    """

    code = "RESOURCE_EXHAUSTED"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        # What was broken off (ENHANCE_YOUR_CALM, by a proxy) may have been under way.
        self.never_executed = not is_reset(message)


class DeadlineExceeded(TransientGatewayError):
    """No answer in time; whether the command was executed is unknown."""

    code = "DEADLINE_EXCEEDED"


class Aborted(TransientGatewayError):
    """Broken off by the other side."""

    code = "ABORTED"


class Unauthenticated(GatewayError):
    """The credentials are missing, wrong, or not enough."""

    code = "UNAUTHENTICATED"
    refused = True


class NotFound(GatewayError):
    """No such process, job, instance or incident (any more)."""

    code = "NOT_FOUND"
    refused = True


class AlreadyExists(GatewayError):
    """A message with this name, key and id is still buffered (semantics#message-id)."""

    code = "ALREADY_EXISTS"
    refused = True


class InvalidArgument(GatewayError):
    """The command's content is wrong; sending it again cannot help."""

    code = "INVALID_ARGUMENT"
    refused = True


class FailedPrecondition(GatewayError):
    """The command does not fit the state of its target."""

    code = "FAILED_PRECONDITION"
    refused = True


class MessageTooLarge(GatewayError):
    """The command, or its answer, is larger than somebody takes (semantics#grpc-message-size).

    Sending it again cannot help.
    """

    code = "RESOURCE_EXHAUSTED"


class GatewayInternal(GatewayError):
    """The engine failed, or does not implement the command."""

    code = "INTERNAL"


class BrokenOff(GatewayInternal):
    """A large command was broken off: by the line, or because the gateway takes no such size."""

    code = "CANCELLED"


BY_STATUS: dict[str, type[GatewayError]] = {
    "UNAVAILABLE": Unavailable,
    "RESOURCE_EXHAUSTED": ResourceExhausted,
    "DEADLINE_EXCEEDED": DeadlineExceeded,
    "ABORTED": Aborted,
    # From the other side only: our own cancellation is `asyncio.CancelledError`.
    "CANCELLED": Aborted,
    "UNAUTHENTICATED": Unauthenticated,
    "PERMISSION_DENIED": Unauthenticated,
    "NOT_FOUND": NotFound,
    "ALREADY_EXISTS": AlreadyExists,
    "INVALID_ARGUMENT": InvalidArgument,
    "FAILED_PRECONDITION": FailedPrecondition,
}
"""Which class a gRPC status becomes; what is not listed becomes `GatewayInternal`."""


_OWN_MEANING = frozenset({
    "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "UNAUTHENTICATED", "PERMISSION_DENIED",
    "DEADLINE_EXCEEDED",
})  # fmt: skip
"""Statuses that are never about a size, whatever names their sentences quote."""


def error_for(status: str, message: str) -> GatewayError:
    """Makes an error of what a gateway answered (semantics#grpc-statuses).

    Args:
        status: the gRPC status name, such as ``NOT_FOUND``; the error keeps it.
        message: the sentence that came with it.

    Returns:
        An error of the class that stands for this status, `GatewayInternal` for all others;
        where the sentence says that something is too large, `MessageTooLarge`.
    """
    if status not in _OWN_MEANING and is_too_large(message):
        return MessageTooLarge(message, code=status)
    # A wrong route, a restart: the gateway itself has not said anything.
    if status not in BY_STATUS and is_of_a_proxy(message):
        return Unavailable(message, code=status)
    return BY_STATUS.get(status, GatewayInternal)(message, code=status)
