"""Run BPMN processes on Zeebe from Python."""

from importlib.metadata import version as _version

from workflow_runtime._worker.health import Health
from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.config import RetryPolicy, TaskHandlerConfig, WorkflowSettings
from workflow_runtime.dependencies import DependencyResolver, DishkaResolver
from workflow_runtime.errors import (
    AddressError,
    BpmnError,
    CommandFailed,
    ConfigurationError,
    DiagramError,
    EventNotPublished,
    HandlerError,
    IncidentNotFound,
    InstanceNotFound,
    MissingScopeVariable,
    ProcessNotFound,
    Retry,
    WaitTimedOut,
    WorkflowError,
    WorkflowIncident,
    make_incident,
)
from workflow_runtime.gateway.port import ProcessInstance
from workflow_runtime.task import WorkflowTask
from workflow_runtime.workflow import Workflow

__all__ = [
    "AddressError",
    "BpmnError",
    "CommandFailed",
    "ConfigurationError",
    "DependencyResolver",
    "DiagramError",
    "DishkaResolver",
    "EventNotPublished",
    "HandlerError",
    "Health",
    "IncidentNotFound",
    "InstanceNotFound",
    "MissingScopeVariable",
    "ProcessInstance",
    "ProcessNotFound",
    "Retry",
    "RetryPolicy",
    "TaskHandlerConfig",
    "WaitTimedOut",
    "Workflow",
    "WorkflowBuilder",
    "WorkflowError",
    "WorkflowIncident",
    "WorkflowSettings",
    "WorkflowTask",
    "make_incident",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        return _version("zeebe-workflow-runtime")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
