"""A notice: what people are told, ready to be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from workflow_runtime.observers import IncidentAlert

__all__ = ["Kind", "Notice"]


class Kind(StrEnum):
    """What a notice is about; channels may treat them differently."""

    INCIDENT = "incident"
    """An incident of a group that nobody knows yet: it may wake somebody up."""
    REPEATED = "repeated"
    """More incidents of a group that has been told, or how many of it are left, with a count."""
    CAME_BACK = "came_back"
    """Incidents that were resolved without repair: they are there again, with a count."""
    HELD_BACK = "held_back"
    """Several urgent ones in one: more than the rate limit lets through, or a channel was away."""
    RESOLVED = "resolved"
    """Quiet: none of a group is open any more."""
    FLAPPING = "flapping"
    """A group that opens and is resolved again and again, with a count."""
    SERVICE = "service"
    """Something else that needs a person, such as an event that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a channel is asked to tell.

    Attributes:
        kind: what it is about.
        title: one line.
        body: several paragraphs of plain text.
        count: how many incidents or notices it stands for.
        alert: the incident, or the last one of several; None where it is about none.
        operate_link: the instance in Operate; empty without ``operate_url``.
        runbook_link: the page of the runbook; empty without ``runbook_url``.
    """

    kind: Kind
    title: str
    body: str = field(repr=False)
    count: int = 1
    alert: IncidentAlert | None = None
    operate_link: str = ""
    runbook_link: str = ""
