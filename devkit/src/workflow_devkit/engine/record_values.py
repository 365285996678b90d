"""What a record says: the fields of Zeebe's exported records, one function for a value type.

Most are called when somebody reads a record, not when it is written (`RecordLog`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from workflow_devkit.engine.executable import Node, Process
from workflow_devkit.engine.state import (
    Incident,
    Job,
    Message,
    MessageSubscription,
    SignalSubscription,
    TimerSubscription,
    Token,
)
from workflow_runtime.bpmn.model import Kind

__all__ = [
    "JobSnapshot",
    "element_value",
    "flow_value",
    "incident_value",
    "job_snapshot",
    "job_value",
    "message_subscription_value",
    "message_value",
    "process_value",
    "signal_subscription_value",
    "timer_value",
    "variable_value",
]

# As Zeebe's exporters write the value of a variable: JSON without spaces, letters as they are.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def process_value(process: Process) -> dict[str, Any]:
    """The fields of a PROCESS record: one version of a definition."""
    return {
        "bpmnProcessId": process.process_id,
        "version": process.version,
        "processDefinitionKey": process.key,
        "resourceName": process.resource,
    }


def element_value(token: Token) -> dict[str, Any]:
    """The fields of a PROCESS_INSTANCE record about an element instance."""
    instance, node = token.instance, token.node
    caller = instance.caller
    return {
        "elementId": node.id,
        "bpmnElementType": str(node.kind),
        "bpmnEventType": _event_type(token),
        "bpmnProcessId": instance.process.process_id,
        "version": instance.process.version,
        "processDefinitionKey": instance.process.key,
        "processInstanceKey": instance.key,
        # Zeebe has -1 where there is no key, here and below.
        "flowScopeKey": token.parent.key if token.parent else -1,
        "parentProcessInstanceKey": caller.instance.key if caller else -1,
        "parentElementInstanceKey": caller.key if caller else -1,
    }


def _event_type(token: Token) -> str:
    """Zeebe names an event type for events, and for receive tasks, only."""
    if token.node.kind is Kind.RECEIVE_TASK:
        return "MESSAGE"
    return str(token.node.event_kind) if str(token.node.kind).endswith("EVENT") else "UNSPECIFIED"


def flow_value(taken: tuple[Token, str]) -> dict[str, Any]:
    """The fields of a PROCESS_INSTANCE record about a flow, which its scope and its id name."""
    # A flow has no instance: all else is said of the scope in which it was taken.
    scope, flow_id = taken
    value = element_value(scope)
    value |= {
        "elementId": flow_id,
        "bpmnElementType": "SEQUENCE_FLOW",
        "bpmnEventType": "UNSPECIFIED",
        "flowScopeKey": scope.key,
    }
    return value


def variable_value(written: tuple[Token, str, Any]) -> dict[str, Any]:
    """The fields of a VARIABLE record, for a scope, a name and the value that was written."""
    # The value itself, no copy: values are replaced and never changed in place.
    token, name, value = written
    instance = token.instance
    return {
        "name": name,
        "value": _encode(value),
        "scopeKey": token.key,
        "processInstanceKey": instance.key,
        "processDefinitionKey": instance.process.key,
        "bpmnProcessId": instance.process.process_id,
    }


class JobSnapshot(NamedTuple):
    """A job as it was when a record of it was written: these fields change after that."""

    job: Job
    element_id: str
    retries: int
    backoff: int
    recurring: int
    worker: str
    deadline: int
    message: str
    error_code: str
    variables: Mapping[str, Any]


def job_snapshot(job: Job) -> JobSnapshot:
    """Keeps what a job is now for a record of it."""
    return JobSnapshot(
        job, job.element_id, job.retries, job.backoff, job.recurring, job.worker, job.deadline,
        job.message, job.error_code, job.variables,
    )  # fmt: skip


def job_value(then: JobSnapshot) -> dict[str, Any]:
    """The fields of a JOB record."""
    # Of the job itself only what stays as it is (docs/decisions/records-as-rows.md).
    job, instance = then.job, then.job.token.instance
    return {
        "type": job.type,
        "retries": then.retries,
        "retryBackoff": then.backoff,
        "recurringTime": then.recurring,
        "worker": then.worker,
        "deadline": then.deadline,
        "errorMessage": then.message,
        "errorCode": then.error_code,
        "customHeaders": job.headers,
        "variables": then.variables,
        "elementId": then.element_id,
        "elementInstanceKey": job.token.key,
        "bpmnProcessId": instance.process.process_id,
        "processInstanceKey": instance.key,
        "processDefinitionKey": instance.process.key,
        "processDefinitionVersion": instance.process.version,
    }


def incident_value(incident: Incident) -> dict[str, Any]:
    """The fields of an INCIDENT record."""
    instance, job = incident.token.instance, incident.job
    return {
        "errorType": incident.error_type,
        "errorMessage": incident.message,
        "elementId": job.element_id if job else incident.token.node.id,
        "elementInstanceKey": incident.token.key,
        "bpmnProcessId": instance.process.process_id,
        "processInstanceKey": instance.key,
        "processDefinitionKey": instance.process.key,
        "jobKey": job.key if job else -1,
        "variableScopeKey": incident.scope_key,
    }


def message_value(message: Message) -> dict[str, Any]:
    """The fields of a MESSAGE record."""
    return {
        "name": message.name,
        "correlationKey": message.correlation_key,
        "messageId": message.id,
        "variables": dict(message.variables),
        "deadline": message.deadline,
    }


def message_start_value(node: Node, message: Message, instance_key: int) -> dict[str, Any]:
    """The fields of a MESSAGE_START_EVENT_SUBSCRIPTION record."""
    return {
        "processDefinitionKey": node.process.key,
        "bpmnProcessId": node.process.process_id,
        "startEventId": node.id,
        "messageName": message.name,
        "messageKey": message.key,
        "correlationKey": message.correlation_key,
        "processInstanceKey": instance_key,
    }


def message_subscription_value(
    subscription: MessageSubscription, message_key: int = -1
) -> dict[str, Any]:
    """The fields of a PROCESS_MESSAGE_SUBSCRIPTION record.

    ``message_key`` is that of the message that it correlates, -1 for none.
    """
    return {
        "elementId": subscription.node.id,
        "messageName": subscription.name,
        "messageKey": message_key,
        "correlationKey": subscription.correlation_key,
        "interrupting": subscription.interrupting,
        **_owner(subscription.token),
    }


def signal_subscription_value(subscription: SignalSubscription) -> dict[str, Any]:
    """The fields of a SIGNAL_SUBSCRIPTION record."""
    return {
        "catchEventId": subscription.node.id,
        "signalName": subscription.name,
        **_owner(subscription.token),
    }


def timer_value(timer: TimerSubscription) -> dict[str, Any]:
    """The fields of a TIMER record."""
    return {
        "targetElementId": timer.node.id,
        "dueDate": timer.due,
        "repetitions": timer.repetitions,
        "processDefinitionKey": timer.node.process.key,
        **_owner(timer.token),
        # A timer start event has no owner, but its record names the instance that it begins.
        "processInstanceKey": timer.instance_key,
    }


def _owner(token: Token | None) -> Mapping[str, Any]:
    if token is None:
        return {"processInstanceKey": -1, "elementInstanceKey": -1}
    return {
        "processInstanceKey": token.instance.key,
        "elementInstanceKey": token.key,
        "bpmnProcessId": token.instance.process.process_id,
    }
