"""``workflow retries``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway


def retries(
    job_key: Annotated[int, typer.Argument(help="The key of the job, as the incident shows it.")],
    count: Annotated[int, typer.Argument(min=1, help="How many attempts the job gets.")] = 1,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Give a job new attempts; its incident stays until `workflow resolve`.

    Exit codes: 0 given, 1 refused, 2 usage error, 3 no answer, 4 credentials refused.
    """

    # The incident stays (semantics#job-retries-updated).
    async def send(gateway: Gateway) -> None:
        await gateway.update_job_retries(job_key, count)

    with_gateway(address, send)
    emit(as_json, {"job": job_key, "retries": count}, f"{job_key}: {count} retries")
