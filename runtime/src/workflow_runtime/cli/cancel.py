"""``workflow cancel``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway


def cancel(
    keys: Annotated[list[int], typer.Argument(metavar="KEY...", help="Keys of process instances.")],
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Cancel process instances.

    Exit codes: 0 all cancelled, 1 refused at one of them, 2 usage error, 3 no answer,
    4 credentials refused.
    """

    async def send(gateway: Gateway) -> None:
        for key in keys:
            await gateway.cancel_instance(key)

    with_gateway(address, send)
    emit(as_json, {"cancelled": keys}, [f"{key}: cancelled" for key in keys])
