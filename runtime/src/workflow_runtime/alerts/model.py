"""What people are told: a notice, ready to be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workflow_runtime.observers import IncidentAlert

__all__ = ["Kind", "Notice"]


class Kind(StrEnum):
    """What a notice is about; channels may treat them differently."""

    INCIDENT = "incident"
    """Wakes somebody up."""
    REPEATED = "repeated"
    """The same again, with a count."""
    HELD_BACK = "held_back"
    """More alerts than the rate limit lets through."""
    RESOLVED = "resolved"
    """Quiet: all incidents of a group are gone."""
    SERVICE = "service"
    """Something else that needs a person, such as an event that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a channel is asked to tell: ``title`` and ``body`` are ready to be read."""

    kind: Kind
    title: str
    body: str
    count: int = 1
    alert: IncidentAlert | None = None
    operate_link: str = ""
    runbook_link: str = ""
