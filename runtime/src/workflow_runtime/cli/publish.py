"""``workflow publish``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli._connection import with_gateway
from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._options import Address, AsJson, ScopeText, Variables
from workflow_runtime.cli._output import emit
from workflow_runtime.cli._scope import read_scope

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway


def publish(
    name: Annotated[str, typer.Argument(help="The event's (message's) name.")],
    correlation_key: Annotated[str, typer.Option("--key", "-k", help="The correlation key.")] = "",
    scope: ScopeText = None,
    var: Variables = None,
    time_to_live: Annotated[
        str, typer.Option("--ttl", help="How long the engine keeps it while nobody waits.")
    ] = "1h",
    event_id: Annotated[
        str, typer.Option("--id", help="The same id is refused while the first is kept.")
    ] = "",
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Publish an event to the process instances that wait for it."""
    variables = read_scope(scope, var)
    keep = read_duration("--ttl", time_to_live)

    async def send(gateway: Gateway) -> int:
        return await gateway.publish_message(
            name, correlation_key, variables, time_to_live=keep, message_id=event_id
        )

    key = with_gateway(address, send)
    emit(as_json, {"key": key, "name": name}, f"{name}: published, key {key}")
