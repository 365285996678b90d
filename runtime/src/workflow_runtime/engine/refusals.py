"""Rejections with Zeebe's texts (rule 43: ``GrpcErrorMapper``)."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_runtime.bpmn.model import Definitions
from workflow_runtime.gateway.errors import FailedPrecondition, NotFound

__all__ = ["deployment_problems", "not_found", "wrong_state"]


def not_found(command: str, text: str) -> NotFound:
    """What a command asks for is not there."""
    return NotFound(f"Command '{command}' rejected with code 'NOT_FOUND': {text}")


def wrong_state(command: str, text: str) -> FailedPrecondition:
    """It is there, but not in a state for this command."""
    return FailedPrecondition(f"Command '{command}' rejected with code 'INVALID_STATE': {text}")


def deployment_problems(definitions: Definitions) -> Sequence[str]:
    """Why a file cannot be deployed, in the broker's words; empty when it can."""
    if not definitions.executable():
        return [f"'{definitions.resource}': Must contain at least one executable process"]
    return ()
