"""The port's values as the fields of Zeebe's protobuf messages, without importing protobuf.

What comes over the line is read by `json_text`; clients read these fields as `gateway.wire` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from workflow_devkit.engine.engine import Engine
from workflow_devkit.engine.linked_files import LinkedFile
from workflow_runtime.gateway.errors import InvalidArgument, error_for
from workflow_runtime.gateway.values import (
    ActivatedJob,
    DeployedProcess,
    InstanceResult,
    ProcessInstance,
)

__all__ = [
    "BEYOND",
    "DEFAULT_TENANT",
    "check_tenants",
    "duration",
    "instance_fields",
    "job_fields",
    "linked_fields",
    "process_fields",
    "result_fields",
    "wanted_process",
]

BEYOND = "The embedded engine does not {}; use a Zeebe broker for that"

# The name that a broker without multi-tenancy has for it.
DEFAULT_TENANT = "<default>"
_LONGEST = timedelta.max // timedelta(milliseconds=1)


def duration(milliseconds: int) -> timedelta:
    """A duration of the protocol, whose 64 bits hold more than Python's longest one."""
    return timedelta(milliseconds=max(-_LONGEST, min(milliseconds, _LONGEST)))


def check_tenants(command: str, *tenants: str) -> None:
    """Refuses a request for any but the one tenant that there is (semantics#grpc-tenants).

    Raises:
        InvalidArgument: a request names another one.
    """
    for tenant in tenants:
        # Clients that know of no tenants leave the field empty.
        if tenant and tenant != DEFAULT_TENANT:
            raise InvalidArgument(
                f"Expected to handle gRPC request {command} with tenant identifier '{tenant}', "
                "but multi-tenancy is disabled"
            )


def wanted_process(engine: Engine, request: Any) -> tuple[str, int]:
    """The process id and version that a request starts, named by themselves or by their key.

    Raises:
        NotFound: what the key, or what start instructions are for, is not deployed.
        InvalidArgument: a start instruction names no element of it (semantics#instance-elements).
        GatewayInternal: UNIMPLEMENTED, there are start instructions.
    """
    if request.bpmnProcessId:
        process_id, version = request.bpmnProcessId, request.version
    else:
        process = engine.definition(request.processDefinitionKey)
        process_id, version = process.process_id, process.version
    if not request.startInstructions:
        return process_id, version
    elements = engine.version(process_id, version).nodes
    for each in request.startInstructions:
        if each.elementId not in elements:
            raise InvalidArgument(
                "Expected to create instance of process with start instructions but no element "
                f"found with id '{each.elementId}'."
            )
    raise error_for("UNIMPLEMENTED", BEYOND.format("start instances at given elements"))


def process_fields(process: DeployedProcess) -> dict[str, Any]:
    """The fields of a ``ProcessMetadata``: one deployed version of a process."""
    return {
        "bpmnProcessId": process.process_id,
        "version": process.version,
        "processDefinitionKey": process.definition_key,
        "resourceName": process.resource_name,
        "tenantId": DEFAULT_TENANT,
    }


_LINKED = ("decision", "decisionRequirements", "form")
"""In which order a broker answers what it has deployed, behind the processes: recorded from one in
Zeebe's own `zbctl/testdata/deploy_resources.golden`."""


def linked_fields(files: Iterable[LinkedFile]) -> list[dict[str, Any]]:
    """The ``Deployment`` messages of files with decisions, and of forms."""
    found = (fields for file in files for fields in _linked_fields(file))
    return sorted(found, key=lambda fields: _LINKED.index(next(iter(fields))))


def _linked_fields(file: LinkedFile) -> Iterator[dict[str, Any]]:
    first = file.parts[0]
    for each in file.parts:
        both = {"version": each.version, "tenantId": DEFAULT_TENANT}
        if each.kind == "form":
            yield {"form": {**both, "formId": each.id, "formKey": each.key,
                            "resourceName": file.resource}}  # fmt: skip
        elif each.kind == "decision":
            yield {"decision": {
                **both, "dmnDecisionId": each.id, "dmnDecisionName": each.name,
                "decisionKey": each.key, "dmnDecisionRequirementsId": first.id,
                "decisionRequirementsKey": first.key,
            }}  # fmt: skip
        else:
            yield {"decisionRequirements": {
                **both, "dmnDecisionRequirementsId": each.id,
                "dmnDecisionRequirementsName": each.name, "decisionRequirementsKey": each.key,
                "resourceName": file.resource,
            }}  # fmt: skip


def instance_fields(instance: ProcessInstance) -> dict[str, Any]:
    """The fields of a ``CreateProcessInstanceResponse``, but for its tenant."""
    return {
        "processDefinitionKey": instance.definition_key,
        "bpmnProcessId": instance.process_id,
        "version": instance.version,
        "processInstanceKey": instance.key,
    }


def result_fields(result: InstanceResult) -> dict[str, Any]:
    """The fields of a ``CreateProcessInstanceWithResultResponse``, but for its tenant."""
    return {**instance_fields(result.instance), "variables": json.dumps(dict(result.scope))}


def job_fields(job: ActivatedJob) -> dict[str, Any]:
    """The fields of an ``ActivatedJob``, as polls and streams hand it out."""
    return {
        "key": job.key,
        "type": job.job_type,
        "processInstanceKey": job.instance_key,
        "bpmnProcessId": job.process_id,
        "processDefinitionVersion": job.definition_version,
        "processDefinitionKey": job.definition_key,
        "elementId": job.element_id,
        "elementInstanceKey": job.element_instance_key,
        # The protocol has headers and variables as texts of JSON.
        "customHeaders": json.dumps(dict(job.headers)),
        "worker": job.worker,
        "retries": job.retries,
        "deadline": job.deadline,
        "variables": json.dumps(dict(job.variables)),
        "tenantId": DEFAULT_TENANT,
    }
