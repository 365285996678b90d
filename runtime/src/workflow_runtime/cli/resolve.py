"""``workflow resolve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway


def resolve(
    incident_key: Annotated[int, typer.Argument(help="The key of the incident.")],
    job: Annotated[
        int | None, typer.Option(help="The key of its job, which first gets --retries.")
    ] = None,
    retries: Annotated[int, typer.Option(min=1, help="New attempts for --job.")] = 1,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Resolve an incident once its cause is removed: the element tries again.

    Exit codes: 0 resolved, 1 refused, 2 usage error, 3 no answer, 4 credentials refused.
    """
    # Keys look alike, and an incident shows both.
    if job == incident_key:
        raise UsageError("resolve: --job is the key of the job, not of the incident.")

    async def send(gateway: Gateway) -> None:
        # Before: without retries it cannot be resolved (semantics#incident-of-job).
        if job is not None:
            await gateway.update_job_retries(job, retries)
        await gateway.resolve_incident(incident_key)

    with_gateway(address, send)
    emit(as_json, {"resolved": incident_key}, f"{incident_key}: resolved")
