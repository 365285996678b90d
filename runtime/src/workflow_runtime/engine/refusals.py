"""Rejections with Zeebe's texts (rule 43: ``GrpcErrorMapper``)."""

from __future__ import annotations

from workflow_runtime.gateway.errors import FailedPrecondition, NotFound

__all__ = ["not_found", "wrong_state"]


def not_found(command: str, text: str) -> NotFound:
    """What a command asks for is not there."""
    return NotFound(f"Command '{command}' rejected with code 'NOT_FOUND': {text}")


def wrong_state(command: str, text: str) -> FailedPrecondition:
    """It is there, but not in a state for this command."""
    return FailedPrecondition(f"Command '{command}' rejected with code 'INVALID_STATE': {text}")
