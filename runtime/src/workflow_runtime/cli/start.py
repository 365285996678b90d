"""``workflow start``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._scope import read_scope
from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.options import Address, AsJson, ProcessId, ScopeText, Variables
from workflow_runtime.cli.output import emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway
    from workflow_runtime.gateway.values import InstanceResult, ProcessInstance

_DOUBT = (
    "The instance may have been started, and then it runs: look for it (Operate shows instances by "
    "their variables) before you start it again."
)


def start(
    process_id: ProcessId,
    scope: ScopeText = None,
    var: Variables = None,
    wait: Annotated[
        bool, typer.Option(help="Wait until it is completed and print its scope.")
    ] = False,
    timeout: Annotated[str, typer.Option(help="How long --wait waits: 90s, 1h30m.")] = "60s",
    version: Annotated[
        int, typer.Option(help="The version of the process; -1 is the latest.")
    ] = -1,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Start a process instance.

    For example: workflow start order --var amount=5 --wait

    Sent twice it starts two. What must start once begins with an event (message start event):
    workflow publish NAME --key ID --id ID.

    Exit codes: 0 started, 1 refused, 2 usage error, 3 no answer, 4 credentials refused,
    5 perhaps started.
    """
    variables = read_scope(scope, var)
    limit = read_duration("--timeout", timeout)

    async def send(gateway: Gateway) -> ProcessInstance:
        return await gateway.create_instance(process_id, variables, version=version)

    async def send_and_wait(gateway: Gateway) -> InstanceResult:
        return await gateway.create_instance_with_result(
            process_id, variables, version=version, timeout=limit
        )

    if wait:
        result = with_gateway(address, send_and_wait, doubt=_DOUBT)
        emit(as_json, asdict(result), _completed(result))
    else:
        instance = with_gateway(address, send, doubt=_DOUBT)
        emit(as_json, asdict(instance), _started(instance))


def _started(instance: ProcessInstance) -> str:
    return f"{instance.process_id} version {instance.version}: started, key {instance.key}"


def _completed(result: InstanceResult) -> str:
    instance, scope = result.instance, json.dumps(dict(result.scope), indent=2, ensure_ascii=False)
    return f"{instance.process_id}: completed, key {instance.key}\n{scope}"
