"""Run BPMN processes on Zeebe from Python."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.dependencies import DependencyResolver, DishkaResolver
    from workflow_runtime.environment import EnvironmentSettings
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
        InvalidScope,
        MissingScopeVariable,
        OutboxUnavailable,
        ProcessNotFound,
        Retry,
        ScopeVariableNotFetched,
        WaitTimedOut,
        WorkflowError,
        WorkflowIncident,
        WrongPlace,
        make_incident,
    )
    from workflow_runtime.gateway.values import ProcessInstance
    from workflow_runtime.handler_config import RetryPolicy, TaskHandlerConfig
    from workflow_runtime.health import Health
    from workflow_runtime.middleware import CallNext, Middleware
    from workflow_runtime.publishing.model import PublishedEvent, WorkflowEvent
    from workflow_runtime.serving import serve
    from workflow_runtime.sync_workflow import SyncWorkflow
    from workflow_runtime.task import WorkflowTask
    from workflow_runtime.workflow import Workflow

__all__ = [
    "AddressError",
    "BpmnError",
    "CallNext",
    "CommandFailed",
    "ConfigurationError",
    "DependencyResolver",
    "DiagramError",
    "DishkaResolver",
    "EnvironmentSettings",
    "EventNotPublished",
    "HandlerError",
    "Health",
    "IncidentNotFound",
    "InstanceNotFound",
    "InvalidScope",
    "Middleware",
    "MissingScopeVariable",
    "OutboxUnavailable",
    "ProcessInstance",
    "ProcessNotFound",
    "PublishedEvent",
    "Retry",
    "RetryPolicy",
    "ScopeVariableNotFetched",
    "SyncWorkflow",
    "TaskHandlerConfig",
    "WaitTimedOut",
    "Workflow",
    "WorkflowBuilder",
    "WorkflowError",
    "WorkflowEvent",
    "WorkflowIncident",
    "WorkflowSettings",
    "WorkflowTask",
    "WrongPlace",
    "make_incident",
    "serve",
]

# Names are loaded when they are used: pytest and the command line import this package each time.
_NAMES = {
    "workflow_runtime.handler_config": ("RetryPolicy", "TaskHandlerConfig"),
    "workflow_runtime.health": ("Health",),
    "workflow_runtime.builder": ("WorkflowBuilder",),
    "workflow_runtime.config": ("WorkflowSettings",),
    "workflow_runtime.dependencies": ("DependencyResolver", "DishkaResolver"),
    "workflow_runtime.environment": ("EnvironmentSettings",),
    "workflow_runtime.errors": (
        "AddressError",
        "BpmnError",
        "CommandFailed",
        "ConfigurationError",
        "DiagramError",
        "EventNotPublished",
        "HandlerError",
        "IncidentNotFound",
        "InstanceNotFound",
        "InvalidScope",
        "MissingScopeVariable",
        "OutboxUnavailable",
        "ProcessNotFound",
        "Retry",
        "ScopeVariableNotFetched",
        "WaitTimedOut",
        "WorkflowError",
        "WorkflowIncident",
        "WrongPlace",
        "make_incident",
    ),
    "workflow_runtime.middleware": ("CallNext", "Middleware"),
    "workflow_runtime.publishing.model": ("PublishedEvent", "WorkflowEvent"),
    "workflow_runtime.gateway.values": ("ProcessInstance",),
    "workflow_runtime.serving": ("serve",),
    "workflow_runtime.sync_workflow": ("SyncWorkflow",),
    "workflow_runtime.task": ("WorkflowTask",),
    "workflow_runtime.workflow": ("Workflow",),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}


if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return _import_module("importlib.metadata").version("zeebe-workflow-runtime")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
