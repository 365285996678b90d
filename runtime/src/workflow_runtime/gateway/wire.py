"""Between protobuf messages and the port's values, without importing protobuf."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from workflow_runtime.gateway.encoding import encode
from workflow_runtime.gateway.errors import (
    GatewayError,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
)
from workflow_runtime.gateway.execution import never_left
from workflow_runtime.gateway.values import (
    ActivatedJob,
    BrokerInfo,
    DeployedProcess,
    ProcessInstance,
    Scope,
    Topology,
)

MESSAGE_LIMIT = 4 * 1024 * 1024
"""Bytes that gateway and broker take in one message (semantics#grpc-message-size)."""

NOWHERE = "no element: this asks whether the process is deployed"
"""The id of an element that no diagram has: ids hold no blanks."""

_FRAME = 512  # keys, numbers and tags around the texts of a command


def milliseconds(duration: timedelta) -> int:
    """Converts a duration to what the protocol carries.

    Args:
        duration: any, also a negative one.

    Returns:
        Milliseconds, rounded.
    """
    return round(duration.total_seconds() * 1000)


def check_size(size: int, command: str) -> None:
    """Refuses a command before it is sent that Zeebe would not take (semantics#grpc-message-size).

    Args:
        size: bytes of what the command carries.
        command: the RPC's name, for the error.

    Raises:
        MessageTooLarge: it is above Zeebe's limit.
    """
    if size > MESSAGE_LIMIT - _FRAME:
        raise never_left(
            MessageTooLarge(
                f"{command}: {size} bytes, above the {MESSAGE_LIMIT} that Zeebe takes in one "
                "message; keep large data elsewhere and put its id into the scope"
            )
        )


def variables_text(scope: Scope, command: str) -> str:
    """Makes the JSON text that a command carries.

    Args:
        scope: the variables.
        command: the RPC's name, for errors.

    Returns:
        The text, which Zeebe takes by its form and its size.

    Raises:
        InvalidArgument: the scope is no JSON object.
        MessageTooLarge: it is above Zeebe's limit.
    """
    try:
        text = encode(scope)
    except ValueError as error:
        raise InvalidArgument(f"{command}: the scope is no JSON object: {error}") from error
    # Characters are bytes here: `encode` writes ASCII only.
    check_size(len(text), command)
    return text


def read_processes(answer: Any) -> list[DeployedProcess]:
    """Reads the answer to DeployResource.

    Args:
        answer: the protocol's message.

    Returns:
        The processes that were deployed.
    """
    # Decisions and forms are told of in the same list.
    found = (each.process for each in answer.deployments if each.HasField("process"))
    return [
        DeployedProcess(
            process.bpmnProcessId,
            process.version,
            process.processDefinitionKey,
            process.resourceName,
        )
        for process in found
    ]


def read_presence(refusal: GatewayError, process_id: str) -> bool:
    """Reads the refusal of a start at `NOWHERE` (semantics#instance-elements).

    Args:
        refusal: INVALID_ARGUMENT or NOT_FOUND, by the broker or by whatever stands before it.
        process_id: whose start was refused.

    Returns:
        Whether the process is deployed.

    Raises:
        GatewayError: the refusal itself, where it is about something else.
    """
    if isinstance(refusal, InvalidArgument) and NOWHERE in refusal.message:
        return True
    if f"find process definition with process ID '{process_id}'" in refusal.message:
        return False
    raise refusal


def read_instance(answer: Any) -> ProcessInstance:
    """Reads the answer to CreateProcessInstance, with its result or without.

    Args:
        answer: the protocol's message.

    Returns:
        The instance that was started.
    """
    return ProcessInstance(
        answer.processInstanceKey,
        answer.bpmnProcessId,
        answer.version,
        answer.processDefinitionKey,
    )


def read_result(answer: Any) -> Scope:
    """Reads the final scope in the answer to CreateProcessInstanceWithResult.

    Args:
        answer: the protocol's message.

    Returns:
        The variables.

    Raises:
        GatewayInternal: this Python cannot read them; the instance has completed.
    """
    try:
        return _object(answer.variables)
    except (ValueError, RecursionError) as error:
        key = answer.processInstanceKey
        raise GatewayInternal(
            f"instance {key} has completed; its scope cannot be read: {error}"
        ) from error


def read_job(job: Any) -> ActivatedJob:
    """Reads a job of ActivateJobs or StreamActivatedJobs.

    Args:
        job: the protocol's message.

    Returns:
        The job.

    Raises:
        ValueError: headers or variables are no JSON object.
        RecursionError: they are nested deeper than this Python reads.
    """
    return ActivatedJob(
        job.key,
        job.type,
        job.processInstanceKey,
        job.bpmnProcessId,
        job.processDefinitionKey,
        job.processDefinitionVersion,
        job.elementId,
        job.elementInstanceKey,
        _object(job.customHeaders),
        job.worker,
        job.retries,
        job.deadline,
        _object(job.variables),
    )


def _object(text: str) -> dict[str, Any]:
    # Most headers are empty; the reader of JSON is not needed for them.
    if not text or text == "{}":
        return {}
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(f"expected a JSON object, found {type(found).__name__}")  # noqa: TRY004 - the text is wrong, not the call
    return found


def read_topology(answer: Any) -> Topology:
    """Reads the answer to Topology.

    Args:
        answer: the protocol's message.

    Returns:
        What the gateway says of its cluster.
    """
    return Topology(
        gateway_version=answer.gatewayVersion,
        cluster_size=answer.clusterSize,
        partitions=answer.partitionsCount,
        replication_factor=answer.replicationFactor,
        brokers=[read_broker(broker) for broker in answer.brokers],
    )


def read_broker(broker: Any) -> BrokerInfo:
    """Reads a node in the answer to Topology.

    Args:
        broker: the protocol's message.

    Returns:
        The node; ``role`` and ``health`` of its partitions are words in lower case.
    """
    partitions = {
        each.partitionId: f"{_enum(each, 'role')} {_enum(each, 'health')}"
        for each in broker.partitions
    }
    return BrokerInfo(f"{broker.host}:{broker.port}", broker.version, partitions)


def _enum(partition: Any, name: str) -> str:
    value = partition.DESCRIPTOR.fields_by_name[name].enum_type.values_by_number
    return str(value[getattr(partition, name)].name).lower()
