"""Resolving many incidents, and looking at what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_runtime.cli._incidents import (
    Choice,
    act_on_all,
    find,
    looking,
    plain,
    resolve_one,
    whose,
)
from workflow_runtime.cli._look_again import Look, look_again
from workflow_runtime.cli.connection import open_gateway
from workflow_runtime.cli.exits import ExitCode
from workflow_runtime.cli.output import progress

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateIncident

__all__ = ["RESOLVED", "Bulk", "Done"]

RESOLVED = "resolved"
"""The outcome of an incident that was resolved."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done.

    Attributes:
        outcomes: each incident and its outcome.
        missing: keys that are of no open incident, and what is known of them.
        look: what came of what was resolved; None where nobody looked.
    """

    outcomes: list[tuple[OperateIncident, str]]
    missing: dict[int, str]
    look: Look | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many had each outcome."""
        # Behind the colon of a failure stands its reason, which is another each time.
        return Counter(outcome.partition(":")[0] for _, outcome in self.outcomes)

    @property
    def code(self) -> ExitCode:
        """The exit code."""
        if self.missing or self.counts["failed"]:
            return ExitCode.FAILED
        return self.look.code if self.look else ExitCode.OK

    def words(self) -> str:
        """The summary in a line; empty where nothing was done."""
        parts = [f"{count} {outcome}" for outcome, count in self.counts.items()]
        return ", ".join([*parts, self.look.words()] if self.look else parts)

    def plain(self) -> dict[str, Any]:
        """For programs."""
        found = {
            "summary": dict(self.counts),
            "incidents": [{**plain(i), "outcome": outcome} for i, outcome in self.outcomes],
        }
        return {**found, **(self.look.plain() if self.look else {})}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Which incidents to resolve, and how."""

    choice: Choice
    retries: int
    patience: float
    """Seconds to look at what came of it; 0 does not look."""
    address: str | None

    async def preview(self, client: OperateClient) -> Done:
        """What would be resolved."""
        found = await find(client, self.choice)
        outcomes = [(incident, "would be resolved") for incident in found]
        return Done(outcomes, self._missing(found, await client.open_incidents()))

    async def resolve(self, client: OperateClient) -> Done:
        """Resolves, and looks again."""
        found = await find(client, self.choice)
        before = await client.open_incidents()
        outcomes = await self._each(found)
        missing = self._missing(found, before)
        resolved = [incident for incident, outcome in outcomes if outcome == RESOLVED]
        if not (resolved and self.patience):
            return Done(outcomes, missing)
        looking(self.patience)
        known = {int(item["key"]) for item in before}
        look = await look_again(client, resolved, known, self.patience)
        return Done(outcomes, missing, look)

    async def _each(self, found: list[OperateIncident]) -> list[tuple[OperateIncident, str]]:
        outcomes: list[tuple[OperateIncident, str]] = []
        gateway = open_gateway(self.address)
        with progress("resolving", len(found)) as advance:

            def each(incident: OperateIncident, outcome: str) -> None:
                outcomes.append((incident, outcome))
                advance()

            async def act(incident: OperateIncident) -> None:
                await resolve_one(gateway, incident.key, incident.job_key, self.retries)

            try:
                await act_on_all(found, act, RESOLVED, each)
            finally:
                await gateway.close()
        return outcomes

    def _missing(self, found: list[OperateIncident], items: list[dict[str, Any]]) -> dict[int, str]:
        # Keys that were asked for and are not among the open incidents: resolved, or mistyped.
        missing = sorted(set(self.choice.keys) - {incident.key for incident in found})
        return {key: whose(key, items) for key in missing}
