"""Finding incidents in Operate and resolving them at the gateway, without a terminal."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workflow_runtime.gateway.errors import (
    GatewayError,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from workflow_runtime.gateway.retrying import resend

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateIncident
    from workflow_runtime.gateway.port import Gateway

_AT_ONCE = 16
"""Questions that Operate is asked side by side."""
_PATIENCE = 10.0
"""Seconds that a broker under pressure (semantics#grpc-back-pressure) is asked again about one
incident."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which incidents are meant; an empty field means all."""

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
        OperateError: Operate cannot be reached, or refuses.
    """
    # The names of elements cost a question for each incident, so what they need not decide comes
    # first. A process costs one for all of its incidents: the client remembers its name.
    wanted = [item for item in await client.open_incidents() if _may_match(item, choice)]
    if choice.process:
        wanted = [item for item in wanted if await client.process_id(item) == choice.process]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def complete(item: dict[str, Any]) -> OperateIncident:
        async with gate:
            return await client.complete(item)

    found = await asyncio.gather(*map(complete, wanted))
    chosen = (incident for incident in found if _matches(incident, choice))
    return sorted(chosen, key=lambda incident: (incident.created_at, incident.key))


def _may_match(item: dict[str, Any], choice: Choice) -> bool:
    key, instance = int(item["key"]), int(item["processInstanceKey"])
    return all(
        (
            not choice.keys or key in choice.keys,
            not choice.error or item.get("type") == choice.error,
            not choice.instance or instance == choice.instance,
        )
    )


def _matches(incident: OperateIncident, choice: Choice) -> bool:
    age = datetime.now(UTC) - incident.created_at
    return all(
        (
            not choice.element or incident.element_id == choice.element,
            choice.older_than is None or age >= choice.older_than,
        )
    )


async def resolve_all(
    gateway: Gateway,
    incidents: Sequence[OperateIncident],
    retries: int,
    each: Callable[[OperateIncident, str], None],
) -> Counter[str]:
    """Gives each job new attempts and resolves its incident; a failure does not stop the others.

    Args:
        gateway: where the incidents are resolved.
        incidents: what to resolve.
        retries: the number of attempts that each job gets.
        each: called with every incident and its outcome: ``resolved``, ``gone``, or ``failed``
            with the gateway's reason.

    Returns:
        How many incidents had each outcome.
    """
    summary: Counter[str] = Counter()
    away = ""
    for incident in incidents:
        try:
            outcome = away or await _resolve(gateway, incident, retries)
        except (Unavailable, Unauthenticated) as error:
            # The others would wait as long, one after the other.
            outcome = away = _failed(error)
        summary[outcome.partition(":")[0]] += 1
        each(incident, outcome)
    return summary


async def _resolve(gateway: Gateway, incident: OperateIncident, retries: int) -> str:
    job, until = incident.job_key, time.monotonic() + _PATIENCE
    try:
        # Retries first: without them the incident cannot be resolved (semantics#incident-of-job).
        if job:
            await resend(lambda: gateway.update_job_retries(job, retries), until=lambda: until)
        await resend(lambda: gateway.resolve_incident(incident.key), until=lambda: until)
    # Somebody else resolved it, or its element has ended (semantics#incident-closed).
    except NotFound:
        return "gone"
    except (Unavailable, Unauthenticated):
        raise
    except GatewayError as error:
        return _failed(error)
    return "resolved"


def _failed(error: GatewayError) -> str:
    return f"failed: {error.status} {error.message}"
