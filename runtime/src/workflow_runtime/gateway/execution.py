"""Whether a command that failed may have been executed all the same."""

from __future__ import annotations

from typing import Any, TypeVar

from workflow_runtime.gateway.errors import GatewayError

__all__ = [
    "DETAILS",
    "has_left",
    "is_turned_away",
    "is_unresolved",
    "mark_unsent",
    "never_left",
    "never_taken",
]

_Refusal = TypeVar("_Refusal", bound=GatewayError)

_UNRESOLVED = ("errors resolving", "DNS resolution failed")
"""gRPC's own words for a name that has no address."""
_TURNED_AWAY = "RST_STREAM with error code 7"
"""REFUSED_STREAM: one call too many at once, which was not looked at (RFC 9113)."""
_NEVER_LEFT = ("failed to connect", *_UNRESOLVED, _TURNED_AWAY)
"""Its words for a call that never left, or may as well not have."""
_UNSENT = "the command was not sent yet"
DETAILS = "grpc-status-details-bin"
"""The metadata in which a gateway says more of a status."""


def is_unresolved(error: Any) -> bool:
    """Judges whether a call failed because the gateway's name has no address.

    Args:
        error: gRPC's exception.
    """
    text = _details(error)
    return any(words in text for words in _UNRESOLVED)


def is_turned_away(error: Any) -> bool:
    """Judges whether a call was one too many for its connection, and was not looked at.

    Args:
        error: gRPC's exception.
    """
    return _TURNED_AWAY in _details(error)


def never_left(error: _Refusal) -> _Refusal:
    """Marks the failure of a command that was never sent.

    Args:
        error: says why it was not.

    Returns:
        The error, to be raised.
    """
    error.never_executed = True
    return error


def mark_unsent(given_up: BaseException) -> None:
    """Notes that a command was given up before it was sent.

    Args:
        given_up: the cancellation, which goes on.
    """
    given_up.add_note(_UNSENT)


def has_left(over: TimeoutError) -> bool:
    """Judges whether a command that was given up had been sent.

    Args:
        over: what `asyncio.timeout` has made of its cancellation.
    """
    return _UNSENT not in getattr(over.__cause__, "__notes__", ())


def never_taken(error: Any) -> bool:
    """Judges an answer UNAVAILABLE, which may come from anywhere on the line.

    Args:
        error: gRPC's exception; others than UNAVAILABLE too.

    Returns:
        Whether the command surely had no effect, as far as this status says.
    """
    if error.code().name != "UNAVAILABLE":
        return False
    if any(words in (error.details() or "") for words in _NEVER_LEFT):
        return True
    # Only the gateway adds details to a status. It says UNAVAILABLE as long as it has given the
    # command to no broker (no leader, no partition, no connection to one), else ABORTED or
    # DEADLINE_EXCEEDED: GrpcErrorMapper. A line that breaks, or a proxy, adds none.
    return any(name == DETAILS for name, _ in error.trailing_metadata() or ())


def _details(error: Any) -> str:
    # A channel that was closed has none.
    return getattr(error, "details", str)() or ""
