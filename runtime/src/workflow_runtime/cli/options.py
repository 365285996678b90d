"""Options that several commands share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        "-a",
        # In the order in which a service reads them (`WorkflowSettings.address`).
        envvar=[
            "WORKFLOW_ADDRESS",
            "ZEEBE_GRPC_ADDRESS",
            "CAMUNDA_GRPC_ADDRESS",
            "ZEEBE_ADDRESS",
            "CAMUNDA_CLIENT_GRPCADDRESS",
            "CAMUNDA_CLIENT_ZEEBE_GRPCADDRESS",
        ],
        show_default="http://127.0.0.1:26500",
        help="Where the gateway listens: http://host:26500 or https://host; without it, the "
        "cluster of CAMUNDA_CLUSTER_ID and CAMUNDA_CLUSTER_REGION if they are set. "
        "User and password come from the environment, not from the command line.",
        rich_help_panel="Connection",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Wait = Annotated[
    str,
    typer.Option(
        "--wait",
        help="How long to look at Operate for what came of it, at most; it ends as soon as that "
        "is known. 0s does not look.",
    ),
]
ScopeText = Annotated[
    str | None,
    typer.Option(
        "--scope",
        "-s",
        metavar="JSON",
        help="Variables as a JSON object; @FILE reads it from a file, - from standard input.",
    ),
]
Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--var",
        metavar="NAME=VALUE",
        help="One variable; VALUE is JSON, or text where it is not JSON. May be repeated.",
    ),
]
Files = Annotated[list[Path], typer.Argument(help="BPMN files, folders or globs.")]
Target = Annotated[
    str,
    typer.Argument(
        metavar="MODULE:BUILDER",
        help="The WorkflowBuilder, or a function that returns one: my_service.main:build.",
    ),
]


# An empty name is what a shell makes of "$NAME" where the variable is not set.
def _given(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("it is empty.")
    return text


EventName = Annotated[str, typer.Argument(help="The name of the event (message).", callback=_given)]
SignalName = Annotated[str, typer.Argument(help="The name of the signal.", callback=_given)]
ProcessId = Annotated[str, typer.Argument(help="The id of a deployed process.", callback=_given)]
