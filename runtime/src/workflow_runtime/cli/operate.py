"""Asking Operate from a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from workflow_runtime.cli.connection import read_settings
from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateError

Result = TypeVar("Result")

Operate = Annotated[
    str,
    typer.Option(
        "--operate",
        envvar=["WORKFLOW_OPERATE_API_URL", "WORKFLOW_OPERATE_URL", "CAMUNDA_OPERATE_BASE_URL"],
        help="Where Operate is. WORKFLOW_OPERATE_USER and WORKFLOW_OPERATE_PASSWORD, or "
        "WORKFLOW_OPERATE_TOKEN, come from the environment.",
        rich_help_panel="Connection",
    ),
]


def with_operate(url: str, use: Callable[[OperateClient], Awaitable[Result]]) -> Result:
    """What a function makes of Operate, reached as the settings say.

    Raises:
        UsageError: nobody says where it is.
        CommandError: it cannot be reached, or refuses.
    """
    import asyncio  # noqa: PLC0415 - costs start-up time

    return asyncio.run(_used(url, use))


async def _used(url: str, use: Callable[[OperateClient], Awaitable[Result]]) -> Result:
    from workflow_runtime.alerts.operate import OperateError, operate_client  # noqa: PLC0415
    from workflow_runtime.errors import ConfigurationError  # noqa: PLC0415

    settings = read_settings("http://127.0.0.1:26500")
    try:
        client = operate_client(settings.model_copy(update={"operate_api_url": url}))
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    try:
        return await use(client)
    except OperateError as error:
        raise CommandError(str(error), _exit_code(error)) from error
    finally:
        await client.close()


def _exit_code(error: OperateError) -> ExitCode:
    from workflow_runtime.alerts.operate import OperateAway, OperateRefused  # noqa: PLC0415

    codes = {OperateAway: ExitCode.UNREACHABLE, OperateRefused: ExitCode.REFUSED}
    return codes.get(type(error), ExitCode.FAILED)
