"""``workflow set-scope``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli._scope import read_scope
from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.options import Address, AsJson, ScopeText, Variables
from workflow_runtime.cli.output import emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway


def set_scope(
    key: Annotated[
        int, typer.Argument(help="The key of a process instance or of an element instance.")
    ],
    scope: ScopeText = None,
    var: Variables = None,
    local: Annotated[
        bool,
        typer.Option(
            "--local", help="Set the variables in this scope, even where an outer one has them."
        ),
    ] = False,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Change variables of a running process instance.

    For example: workflow set-scope 2251799813685249 --var amount=5

    Exit codes: 0 set, 1 refused, 2 usage error, 3 no answer, 4 credentials refused.
    """
    variables = read_scope(scope, var)
    if not variables:
        raise UsageError("set-scope: nothing to set; give --scope JSON or --var NAME=VALUE.")

    async def send(gateway: Gateway) -> None:
        await gateway.set_variables(key, variables, local=local)

    with_gateway(address, send)
    names = sorted(variables)
    emit(as_json, {"key": key, "set": names}, f"{key}: set {', '.join(names)}")
