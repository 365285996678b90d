"""What deployment and lint say of a diagram."""

from __future__ import annotations

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.lint import refusals
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource

_NAME = "diagram.bpmn"


def refused_by_deployment(content: bytes) -> str:
    """Why the embedded engine refuses a file; empty if it takes it."""
    try:
        Engine(ControlledClock()).deploy([Resource(_NAME, content)])
    except InvalidArgument as error:
        return error.message
    return ""


def refused_by_lint(content: bytes) -> str:
    """What lint says would be refused; empty if nothing."""
    try:
        return "\n".join(map(str, refusals(content, _NAME)))
    except UnreadableDiagram as error:
        return str(error)
