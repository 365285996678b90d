"""What each kind of element does, one table."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_devkit.engine.element_context import ElementContext
from workflow_devkit.engine.elements import containers, events, gateways, tasks
from workflow_devkit.engine.elements.multi_instance import MultiInstanceBody
from workflow_devkit.engine.lifecycle import Behaviour
from workflow_runtime.bpmn.model import Kind

__all__ = ["behaviours"]


def behaviours(context: ElementContext) -> Mapping[Kind, Behaviour]:
    """The behaviour of every kind that can be deployed."""
    job = tasks.JobTask(context)
    return {
        Kind.PROCESS: containers.Process(context),
        Kind.SUB_PROCESS: containers.SubProcess(context),
        Kind.EVENT_SUB_PROCESS: containers.EventSubProcess(context),
        Kind.CALL_ACTIVITY: containers.CallActivity(context),
        Kind.MULTI_INSTANCE_BODY: MultiInstanceBody(context),
        Kind.START_EVENT: events.Start(context),
        Kind.INTERMEDIATE_CATCH_EVENT: events.Catch(context),
        Kind.INTERMEDIATE_THROW_EVENT: events.Throw(context),
        Kind.BOUNDARY_EVENT: events.Boundary(),
        Kind.END_EVENT: events.End(context),
        Kind.SERVICE_TASK: job,
        Kind.SEND_TASK: job,
        Kind.USER_TASK: tasks.UserTask(context),
        Kind.BUSINESS_RULE_TASK: job,
        Kind.SCRIPT_TASK: tasks.ScriptTask(context),
        Kind.RECEIVE_TASK: tasks.ReceiveTask(context),
        Kind.MANUAL_TASK: tasks.PlainTask(),
        Kind.TASK: tasks.PlainTask(),
        Kind.EXCLUSIVE_GATEWAY: gateways.Exclusive(),
        Kind.PARALLEL_GATEWAY: Behaviour(),
        Kind.INCLUSIVE_GATEWAY: gateways.Inclusive(),
        Kind.EVENT_BASED_GATEWAY: gateways.EventBased(context),
    }
