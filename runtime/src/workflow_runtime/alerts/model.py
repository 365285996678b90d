"""What an incident looks like to the people who are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["IncidentAlert", "Kind", "Notice"]


@dataclass(frozen=True, slots=True)
class IncidentAlert:
    """An incident: one that this service has just caused, or one found by the watcher.

    ``attempts`` are the failures that this process saw, oldest first, ``message`` the last one
    as the broker was told. No scope values are in it unless a handler put them in its messages.
    ``job_key`` is 0 where no job is involved; ``incident_key`` is 0 where only the broker
    knows it yet.
    """

    service: str
    process_id: str
    instance_key: int
    element_id: str
    job_key: int
    job_type: str
    message: str
    attempts: tuple[str, ...]
    retries: int
    at: datetime
    error_type: str = "JOB_NO_RETRIES"
    incident_key: int = 0


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
