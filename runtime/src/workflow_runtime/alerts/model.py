"""What an incident looks like to the people who are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class IncidentAlert:
    """An incident that this service has just caused by giving up on a job.

    ``attempts`` are the failures that this process saw, oldest first, ``message`` the last one
    as the broker was told. No scope values are in it unless a handler put them in its messages.
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
