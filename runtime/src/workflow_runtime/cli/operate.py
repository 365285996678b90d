"""Asking Operate from a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from workflow_runtime.cli.connection import DEFAULT_ADDRESS, read_settings
from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError
from workflow_runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient

Result = TypeVar("Result")

Operate = Annotated[
    str,
    typer.Option(
        "--operate",
        envvar=["WORKFLOW_OPERATE_API_URL", "WORKFLOW_OPERATE_URL", "CAMUNDA_OPERATE_BASE_URL"],
        help="The address of Operate. WORKFLOW_OPERATE_USER and WORKFLOW_OPERATE_PASSWORD, or "
        "WORKFLOW_OPERATE_TOKEN, come from the environment.",
        rich_help_panel="Connection",
    ),
]


def with_operate(url: str, use: Callable[[OperateClient], Awaitable[Result]]) -> Result:
    """The result of a function that is given a client of Operate.

    Args:
        url: the address of Operate.
        use: asks Operate.

    Raises:
        UsageError: no address, or settings that cannot be read.
        CommandError: it cannot be reached, or refuses.
    """
    return asyncio.run(_used(url, use))


async def _used(url: str, use: Callable[[OperateClient], Awaitable[Result]]) -> Result:
    from workflow_runtime.alerts import operate  # noqa: PLC0415 - aiohttp: 220 ms of --help

    # Of the settings only those of Operate are used: no gateway is asked, so any address will do.
    settings = read_settings(DEFAULT_ADDRESS)
    try:
        client = operate.operate_client(settings.model_copy(update={"operate_api_url": url}))
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    try:
        return await use(client)
    except operate.OperateError as error:
        codes = {
            operate.OperateAway: ExitCode.UNREACHABLE,
            operate.OperateRefused: ExitCode.REFUSED,
        }
        code = codes.get(type(error), ExitCode.FAILED)
        raise CommandError(str(error), code) from error
    finally:
        await client.close()
