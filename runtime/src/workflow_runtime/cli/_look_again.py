"""What came of resolved incidents: an element that cannot go on has a new one at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflow_runtime.alerts.operate import OperateError
from workflow_runtime.cli._incidents import completed, headline, plain
from workflow_runtime.cli.exits import ExitCode

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateIncident

__all__ = ["Look", "look_again"]

_PAUSE = 1.0
"""Seconds between two looks at Operate."""
_JOBS, _OTHERS = 5.0, 1.0
"""Seconds that a new incident is waited for: a job's comes when a worker has tried it again, any
other with the resolving itself (semantics#incident-resolved)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What Operate shows of incidents that were resolved a moment ago.

    Attributes:
        came_back: new incidents at the same elements of the same instances.
        elsewhere: new incidents at other elements of the same instances.
        unseen: how many of the resolved ones Operate still shows.
        trouble: why Operate could not be asked; empty if it could.
        seconds: how long it was looked at.
    """

    came_back: list[OperateIncident] = field(default_factory=list)
    elsewhere: list[OperateIncident] = field(default_factory=list)
    unseen: int = 0
    trouble: str = ""
    seconds: float = 0.0

    @property
    def code(self) -> ExitCode:
        """The exit code."""
        if self.came_back or self.elsewhere:
            return ExitCode.FAILED
        return ExitCode.UNKNOWN if self.unseen or self.trouble else ExitCode.OK

    def words(self) -> str:
        """The end of a summary: ``299 came back: CONDITION_ERROR in order: choose``."""
        if self.trouble:
            return "not known what came of it"
        parts = [
            f"{len(found)} {what}: {', '.join(_groups(found))}"
            for what, found in (
                ("came back", self.came_back),
                ("stopped at another element", self.elsewhere),
            )
            if found
        ]
        if self.unseen:
            parts.append(f"{self.unseen} not known: Operate still shows them as open")
        return ", ".join(parts) or f"none came back within {self.seconds:.0f} s"

    def plain(self) -> dict[str, Any]:
        """For programs."""
        return {
            "came_back": list(map(plain, self.came_back)),
            "elsewhere": list(map(plain, self.elsewhere)),
            "not_known": self.unseen,
            "trouble": self.trouble,
        }

    def lines(self) -> Iterator[str]:
        """Each kind of what came back once, with the first message, and what to do next."""
        stopped = [*self.came_back, *self.elsewhere]
        for each in {_kind(incident): incident for incident in reversed(stopped)}.values():
            yield f"  {_kind(each)}: {headline(each.message)}"
            yield f"  Next: workflow incidents show {each.key}"
        if self.trouble:
            yield f"  {self.trouble}"
        if self.code is ExitCode.UNKNOWN:
            yield "  Next: workflow incidents list"


async def look_again(
    client: OperateClient,
    resolved: Sequence[OperateIncident],
    known: Collection[int],
    patience: float,
) -> Look:
    """Asks Operate until it shows what came of incidents, or for as long as one has patience.

    Args:
        client: Operate.
        resolved: what was resolved.
        known: keys of all incidents that were open before.
        patience: seconds.

    Returns:
        What was seen; Operate being away is a part of it, because the resolving is done.
    """
    began = time.monotonic()
    try:
        items = await _settled(client, resolved, known, until=began + patience)
        new = await completed(client, list(filter(_newer(resolved, known), items)))
    except OperateError as error:
        return Look(trouble=str(error), seconds=time.monotonic() - began)
    places = {(each.instance_key, each.element_id) for each in resolved}
    back = [each for each in new if (each.instance_key, each.element_id) in places]
    return Look(
        came_back=back,
        elsewhere=[each for each in new if each not in back],
        unseen=_unseen(items, resolved),
        seconds=time.monotonic() - began,
    )


async def _settled(
    client: OperateClient,
    resolved: Sequence[OperateIncident],
    known: Collection[int],
    *,
    until: float,
) -> list[dict[str, Any]]:
    is_new = _newer(resolved, known)
    wait = _JOBS if any(each.job_key for each in resolved) else _OTHERS
    gone_at: float | None = None
    while True:
        items = await client.open_incidents()
        now = time.monotonic()
        if gone_at is None and not _unseen(items, resolved):
            gone_at = now
        seen = gone_at is not None and (
            now >= gone_at + wait or sum(map(is_new, items)) >= len(resolved)
        )
        if seen or now >= until:
            return items
        await asyncio.sleep(min(_PAUSE, max(until - now, 0)))


def _newer(
    resolved: Sequence[OperateIncident], known: Collection[int]
) -> Callable[[dict[str, Any]], bool]:
    instances = {each.instance_key for each in resolved}

    def is_new(item: dict[str, Any]) -> bool:
        return int(item["key"]) not in known and int(item["processInstanceKey"]) in instances

    return is_new


def _unseen(items: Sequence[dict[str, Any]], resolved: Sequence[OperateIncident]) -> int:
    return len({int(item["key"]) for item in items} & {each.key for each in resolved})


def _groups(incidents: Sequence[OperateIncident]) -> Iterator[str]:
    counts = Counter(map(_kind, incidents))
    for kind, count in counts.most_common():
        yield kind if len(counts) == 1 else f"{count} {kind}"


def _kind(incident: OperateIncident) -> str:
    return f"{incident.error_type} in {incident.process_id}: {incident.element_id}"
