"""Finding incidents in Operate and resolving them at the gateway, without a terminal."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from workflow_runtime.cli.output import note
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

Item = TypeVar("Item")

_KINDS = 10
"""Kinds of incidents that are named where none was found."""
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
    chosen = [each for each in await completed(client, wanted) if _matches(each, choice)]
    return sorted(chosen, key=lambda incident: (incident.created_at, incident.key))


async def others(client: OperateClient) -> str:
    """What is open, where nothing was found: a name may have been mistyped.

    Raises:
        OperateError: Operate cannot be reached, or refuses.
    """
    counts: Counter[str] = Counter()
    for item in await client.open_incidents():
        counts[f"{item.get('type')} in {await client.process_id(item)}"] += 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common(_KINDS))


async def completed(
    client: OperateClient, items: Sequence[dict[str, Any]]
) -> list[OperateIncident]:
    """Incidents with the names that Operate keeps elsewhere, in the same order.

    Raises:
        OperateError: Operate cannot be reached, or refuses.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def complete(item: dict[str, Any]) -> OperateIncident:
        async with gate:
            return await client.complete(item)

    return await asyncio.gather(*map(complete, items))


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


async def act_on_all(
    items: Iterable[Item],
    act: Callable[[Item], Awaitable[None]],
    done: str,
    each: Callable[[Item, str], None],
) -> None:
    """Acts on one after the other; a failure does not stop the others, a gateway away does.

    Args:
        items: what to act on.
        act: sends the commands for one of them.
        done: the outcome where it did.
        each: called with every item and its outcome: ``done``, ``gone``, or ``failed`` with the
            gateway's reason.
    """
    away = ""
    for item in items:
        try:
            outcome = away or await _outcome(act(item), done)
        except (Unavailable, Unauthenticated) as error:
            # The others would wait as long, one after the other.
            outcome = away = _failed(error)
        each(item, outcome)


async def _outcome(acting: Awaitable[None], done: str) -> str:
    try:
        await acting
    # Somebody else did it, or its element has ended (semantics#incident-closed).
    except NotFound:
        return "gone"
    except (Unavailable, Unauthenticated):
        raise
    except GatewayError as error:
        return _failed(error)
    return done


async def resolve_one(gateway: Gateway, key: int, job: int, retries: int) -> None:
    """Gives a job new attempts, and resolves its incident.

    Args:
        gateway: where to.
        key: the incident's.
        job: the job's key; 0 where there is none.
        retries: how many attempts.

    Raises:
        GatewayError: it is refused, or cannot be sent.
    """
    # Retries first: without them the incident cannot be resolved (semantics#incident-of-job).
    if job:
        await patiently(lambda: gateway.update_job_retries(job, retries))
    await patiently(lambda: gateway.resolve_incident(key))


async def patiently(send: Callable[[], Awaitable[None]]) -> None:
    """Sends a command, and again while a broker is under pressure.

    Args:
        send: makes the call.

    Raises:
        GatewayError: it is refused, or there was no answer in time.
    """
    until = time.monotonic() + _PATIENCE
    await resend(send, until=lambda: until)


def _failed(error: GatewayError) -> str:
    return f"failed: {error.status} {error.message}"


def plain(incident: OperateIncident) -> dict[str, Any]:
    """An incident for programs."""
    return {**asdict(incident), "created_at": incident.created_at.isoformat()}


def headline(message: str) -> str:
    """What went wrong, in a line: without the traceback of a handler's exception.

    Args:
        message: of an incident.
    """
    return " ".join(message.partition("\n\n")[0].splitlines())


def whose(key: int, items: Iterable[dict[str, Any]]) -> str:
    """What a key that is of no open incident is the key of; keys look alike.

    Args:
        key: as it was typed.
        items: the open incidents as Operate has them.

    Returns:
        The end of a sentence; empty where nothing is known.
    """
    names = {"jobKey": "job", "processInstanceKey": "instance"}
    for item in items:
        for name, noun in names.items():
            if int(item.get(name) or 0) == key:
                return f", it is the {noun} of incident {item['key']}"
    return ""


def looking(patience: float) -> None:
    """Says on stderr why nothing happens for a moment."""
    note(f"looking whether it comes back, for up to {patience:.0f} s")
