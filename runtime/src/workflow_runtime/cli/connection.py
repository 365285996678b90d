"""From ``--address`` and the environment to a gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError
from workflow_runtime.cli.output import note
from workflow_runtime.errors import AddressError, ConfigurationError
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.cluster import with_cluster
from workflow_runtime.gateway.connect import check_connection, connect
from workflow_runtime.gateway.errors import GatewayError

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.gateway.address import Address
    from workflow_runtime.gateway.port import Gateway

Result = TypeVar("Result")

DEFAULT_ADDRESS = "http://127.0.0.1:26500"
"""Where `workflow dev` and a broker on this machine listen: the port is Zeebe's default."""


def with_gateway(
    address: str | None, use: Callable[[Gateway], Awaitable[Result]], *, doubt: str = ""
) -> Result:
    """Connects to a gateway, calls a function with it, and closes the connection.

    Args:
        address: where the gateway listens; None is the cluster of the environment, else the
            default.
        use: sends the commands.
        doubt: of a command that must not be sent twice, what to do if it may have been executed.

    Returns:
        What the function returned.

    Raises:
        UsageError: the address or the credentials cannot be used.
        CommandError: the command may have been executed.
    """
    try:
        return asyncio.run(_with_gateway(address, use))
    except GatewayError as error:
        if not doubt or error.never_executed:
            raise
        text = f"{error.status}: {error.message}\n{doubt}"
        raise CommandError(text, ExitCode.UNKNOWN) from error


async def _with_gateway(address: str | None, use: Callable[[Gateway], Awaitable[Result]]) -> Result:
    gateway = open_gateway(address)
    try:
        return await use(gateway)
    finally:
        await gateway.close()


def open_gateway(address: str | None) -> Gateway:
    """The gateway at an address, with the credentials of the environment.

    Raises:
        UsageError: the address or the credentials cannot be used, or it is an embedded engine.
    """
    try:
        settings = with_cluster(read_settings(address))
        text = settings.address
        target = parse_address(text, plaintext=settings.plaintext) if text else None
        if target is not None and target.embedded:
            raise UsageError(
                "--address: an embedded engine lives inside one program; "
                f"start `workflow dev` and use {DEFAULT_ADDRESS}."
            )
        return connect(_usable(settings, target))
    except ConfigurationError as error:
        raise UsageError(str(error)) from error


def _usable(settings: WorkflowSettings, target: Address | None) -> WorkflowSettings:
    """What can be used of the environment: for a gateway of this machine half of it is not meant.

    `workflow dev` asks nobody who they are, and one that does refuses; anywhere else what is
    missing is said before anything is sent.
    """
    try:
        check_connection(settings)
    except AddressError as error:
        if target is None or target.tls or not target.loopback:
            raise
        note(f"without credentials: {error}")
        return type(settings).model_construct(address=settings.address)
    return settings


def read_settings(address: str | None) -> WorkflowSettings:
    """The settings of the environment, with this address, or that of its cluster, or the default.

    Raises:
        UsageError: variables of the environment cannot be read; it names them.
    """
    from workflow_runtime.config import WorkflowSettings  # noqa: PLC0415 - 75 ms of --help

    try:
        settings = WorkflowSettings(**({"address": address} if address else {}))
    except ConfigurationError as error:
        raise UsageError(str(error)) from None
    elsewhere = address or settings.cluster_id or settings.cluster_region
    return settings if elsewhere else settings.model_copy(update={"address": DEFAULT_ADDRESS})
