"""From ``--address`` and the environment to a gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.gateway.connect import connect
from workflow_runtime.gateway.errors import GatewayError

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.gateway.port import Gateway

Result = TypeVar("Result")

DEFAULT_ADDRESS = "http://127.0.0.1:26500"
"""Where `workflow dev` and a broker on this machine listen: the port is Zeebe's default."""


def with_gateway(
    address: str | None, use: Callable[[Gateway], Awaitable[Result]], *, doubt: str = ""
) -> Result:
    """Connects to a gateway, calls a function with it, and closes the connection.

    Args:
        address: where the gateway listens; the default where it is None.
        use: sends the commands.
        doubt: of a command that must not be sent twice, what to do if it may have been executed.

    Returns:
        What the function returned.

    Raises:
        UsageError: the address or the credentials cannot be used.
        CommandError: the command may have been executed.
    """
    try:
        return asyncio.run(_with_gateway(address or DEFAULT_ADDRESS, use))
    except GatewayError as error:
        if not doubt or error.never_executed:
            raise
        text = f"{error.status}: {error.message}\n{doubt}"
        raise CommandError(text, ExitCode.UNKNOWN) from error


async def _with_gateway(address: str, use: Callable[[Gateway], Awaitable[Result]]) -> Result:
    gateway = open_gateway(address)
    try:
        return await use(gateway)
    finally:
        await gateway.close()


def open_gateway(address: str) -> Gateway:
    """The gateway at an address, with the credentials of the environment.

    Raises:
        UsageError: the address or the credentials cannot be used, or it is an embedded engine.
    """
    if address.startswith("embedded:"):
        raise UsageError(
            "--address: an embedded engine lives inside one program; "
            f"start `workflow dev` and use {DEFAULT_ADDRESS}."
        )
    try:
        return connect(read_settings(address))
    except ConfigurationError as error:
        raise UsageError(str(error)) from error


def read_settings(address: str) -> WorkflowSettings:
    """The settings of the environment, with this address.

    Raises:
        UsageError: variables of the environment cannot be read; it names them.
    """
    from workflow_runtime.config import WorkflowSettings  # noqa: PLC0415 - 75 ms of --help

    try:
        return WorkflowSettings(address=address)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None
