"""``workflow signal``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_runtime.cli._scope import read_scope
from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.options import Address, AsJson, ScopeText, SignalName, Variables
from workflow_runtime.cli.output import emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway

_DOUBT = "The signal may have been broadcast: look at who waits for it before you send it again."


def signal(
    name: SignalName,
    scope: ScopeText = None,
    var: Variables = None,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Broadcast a signal to every process that listens.

    Exit codes: 0 broadcast, 1 refused, 2 usage error, 3 no answer, 4 credentials refused,
    5 perhaps broadcast.
    """
    variables = read_scope(scope, var)

    async def send(gateway: Gateway) -> int:
        return await gateway.broadcast_signal(name, variables)

    key = with_gateway(address, send, doubt=_DOUBT)
    emit(as_json, {"key": key, "name": name}, f"{name}: broadcast, key {key}")
