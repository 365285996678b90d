"""Rejections with Zeebe's texts (semantics#grpc-statuses)."""

from __future__ import annotations

from workflow_devkit.engine.executable import Node
from workflow_runtime.bpmn.model import Kind
from workflow_runtime.gateway.errors import FailedPrecondition, NotFound

__all__ = ["no_error_from", "not_found", "wrong_state"]


def not_found(command: str, text: str) -> NotFound:
    """The rejection of a command for something that is not there."""
    return NotFound(f"Command '{command}' rejected with code 'NOT_FOUND': {text}")


def wrong_state(command: str, text: str) -> FailedPrecondition:
    """The rejection of a command for something that is in another state."""
    return FailedPrecondition(f"Command '{command}' rejected with code 'INVALID_STATE': {text}")


# The broker's Java classes: its exception names them.
_CLASSES = {
    Kind.END_EVENT: "ExecutableEndEvent",
    Kind.INTERMEDIATE_THROW_EVENT: "ExecutableIntermediateThrowEvent",
}


def no_error_from(node: Node) -> str:
    """The broker's words for an error from an event's job (semantics#error-from-event-job)."""
    return (
        "Command 'THROW_ERROR' rejected with code 'PROCESSING_ERROR': Expected to process record "
        "'JOB THROW_ERROR' without errors, but exception occurred with message 'Expected element "
        f"with id '{node.id}' to be instance of class 'ExecutableActivity', but it is an instance "
        f"of '{_CLASSES[node.kind]}''."
    )
