"""``workflow publish``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._scope import read_scope
from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.options import Address, AsJson, EventName, ScopeText, Variables
from workflow_runtime.cli.output import emit
from workflow_runtime.gateway.errors import AlreadyExists
from workflow_runtime.publishing.model import Event, make_event

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway

_DUPLICATE = "duplicate, the engine keeps an event with this id already and nobody gets this one"

Key = Annotated[str, typer.Option("--key", "-k", help="The correlation key.")]
TimeToLive = Annotated[
    str,
    typer.Option(
        "--ttl",
        help="How long the engine keeps the event while no instance waits for it: 90s, 1h30m.",
    ),
]
EventId = Annotated[
    str,
    typer.Option(
        "--id",
        help="The id of the event: a second one of this name and key is a duplicate for --ttl.",
        show_default="a new one for each call",
    ),
]


def publish(
    name: EventName,
    correlation_key: Key = "",
    scope: ScopeText = None,
    var: Variables = None,
    time_to_live: TimeToLive = "1h",
    event_id: EventId = "",
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Publish an event to the process instances that wait for it.

    For example: workflow publish order_paid --key 42 --var amount=5

    Exit codes: 0 published or a duplicate, 1 refused, 2 usage error, 3 no answer,
    4 credentials refused, 5 perhaps published.
    """
    event = make_event(
        name,
        correlation_key=correlation_key,
        scope=read_scope(scope, var),
        event_id=event_id or None,
        default_ttl=read_duration("--ttl", time_to_live),
    )
    doubt = "It may have been published: " + (
        f"the same command with --id {shlex.quote(event.event_id)} cannot make it two."
        if event.time_to_live
        else "without a time to live, a second one would be another event."
    )
    key = with_gateway(address, lambda gateway: _send(gateway, event), doubt=doubt)
    outcome = "published" if key is not None else "duplicate"
    data = {"key": key, "name": name, "id": event.event_id, "outcome": outcome}
    told = f"published, key {key}" if key is not None else _DUPLICATE
    emit(as_json, data, f"{name}: {told}, id {event.event_id}")


async def _send(gateway: Gateway, event: Event) -> int | None:
    """Publishes it; None where the engine has an event of this id already."""
    try:
        return await gateway.publish_message(
            event.name,
            event.correlation_key,
            event.scope,
            time_to_live=event.time_to_live,
            message_id=event.event_id,
        )
    # No failure: the id says that it is the same event (semantics#message-id).
    except AlreadyExists:
        return None
