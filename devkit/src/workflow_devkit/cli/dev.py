"""``workflow dev``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.options import AsJson

# Addresses that no other machine can reach.
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def dev(
    port: Annotated[
        int,
        typer.Option(
            "--port", "-p", min=0, max=65535, help="The port to listen on; 0 takes any free port."
        ),
    ] = 26500,  # that of Zeebe's gateway, which clients take without being told
    host: Annotated[
        str, typer.Option(help="The address to listen on; the engine has no authentication.")
    ] = "127.0.0.1",
    expose: Annotated[
        bool, typer.Option("--expose", help="Required with a --host that other machines can reach.")
    ] = False,
    records: Annotated[
        Path | None, typer.Option(help="Also write every record to this file, as JSON lines.")
    ] = None,
    operate: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Also answer as Operate does about incidents on this port, user demo, "
            "password demo: for `workflow incidents` and for services that watch.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start an engine on this machine: a gateway for any Zeebe client, nothing to install.

    It keeps everything in memory and prints each step that a process instance takes.

    Exit codes: 0 stopped as told, 1 cannot listen, 2 usage error.
    """
    if host not in _LOOPBACK and not expose:
        raise UsageError(
            f"--host {host}: everybody who can reach it can control the engine. "
            "Add --expose if that is meant."
        )
    from workflow_devkit.cli._dev_server import listen  # noqa: PLC0415 - 340 ms of --help

    asyncio.run(listen(host, port, records, operate, as_json=as_json))
