"""Finding incidents in Operate and resolving them at the gateway, without a terminal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from workflow_runtime.gateway.errors import GatewayError, NotFound
from workflow_runtime.gateway.retrying import resend

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateIncident
    from workflow_runtime.gateway.port import Gateway

_PATIENCE = 10.0
"""Seconds that a broker under pressure is asked again about one incident."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which incidents; what is empty does not matter."""

    keys: tuple[int, ...] = ()
    process: str = ""
    element: str = ""
    error: str = ""
    instance: int = 0
    older_than: timedelta | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing was chosen."""
        return self == Choice()


async def find(client: OperateClient, choice: Choice) -> list[OperateIncident]:
    """Open incidents that match, oldest first.

    Raises:
        OperateError: Operate is away or refuses.
    """
    found = []
    for item in await client.open_incidents():
        # Names cost two more questions each: only for those that match so far.
        if choice.keys and int(item["key"]) not in choice.keys:
            continue
        if choice.error and item.get("type") != choice.error:
            continue
        if choice.process and await client.process_id(item) != choice.process:
            continue
        incident = await client.complete(item)
        if _matches(incident, choice):
            found.append(incident)
    return sorted(found, key=lambda incident: (incident.created_at, incident.key))


def _matches(incident: OperateIncident, choice: Choice) -> bool:
    age = datetime.now(UTC) - incident.created_at
    return all(
        (
            not choice.element or incident.element_id == choice.element,
            not choice.instance or incident.instance_key == choice.instance,
            choice.older_than is None or age >= choice.older_than,
        )
    )


async def resolve_all(
    gateway: Gateway,
    incidents: Sequence[OperateIncident],
    retries: int,
    each: Callable[[OperateIncident, str], None],
) -> Counter[str]:
    """Gives each job new attempts and resolves its incident; one that fails stops no other.

    ``each`` is told of every incident: resolved, gone, or failed with the gateway's reason.
    """
    summary: Counter[str] = Counter()
    for incident in incidents:
        outcome = await _resolve(gateway, incident, retries)
        summary[outcome.partition(":")[0]] += 1
        each(incident, outcome)
    return summary


async def _resolve(gateway: Gateway, incident: OperateIncident, retries: int) -> str:
    job, until = incident.job_key, time.monotonic() + _PATIENCE
    try:
        if job:
            await resend(lambda: gateway.update_job_retries(job, retries), until=lambda: until)
        await resend(lambda: gateway.resolve_incident(incident.key), until=lambda: until)
    except NotFound:
        return "gone"
    except GatewayError as error:
        return f"failed: {error.status} {error.message}"
    return "resolved"
