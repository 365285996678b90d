"""Puts an instance into words, for the messages of failed assertions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_devkit.testing._observed.entries import IncidentEntry, InstanceEntry, JobEntry

_NOTHING = "none"


def description_of(entry: InstanceEntry, diagrams: Diagrams) -> str:
    """State, path, scope, open jobs and incidents of an instance, one line each or more."""
    return "\n".join(f"  {title:<10} {text}" for title, text in _lines(entry, diagrams))


def state_of(entry: InstanceEntry) -> str:
    """``active``, ``completed`` or ``cancelled``."""
    if entry.is_completed:
        return "completed"
    return "cancelled" if entry.is_terminated else "active"


def _lines(entry: InstanceEntry, diagrams: Diagrams) -> Iterator[tuple[str, str]]:
    # The process itself is an element of its records; in a path of elements it says nothing.
    def named(ids: Iterable[str]) -> list[str]:
        return [
            diagrams.describe(entry.process_id, each) for each in ids if each != entry.process_id
        ]

    yield "state", state_of(entry)
    yield "path", " -> ".join(named(entry.path)) or _NOTHING
    yield "waiting at", ", ".join(named(entry.waiting_at())) or _NOTHING
    yield "scope", json.dumps(entry.scope(), ensure_ascii=False, default=str)
    yield "open jobs", _listed(_job_line(job) for job in entry.jobs.values())
    yield "incidents", _listed(_incident_line(each) for each in entry.incidents.values())


def _listed(lines: Iterable[str]) -> str:
    return f"\n  {'':<10} ".join(lines) or _NOTHING


def _job_line(job: JobEntry) -> str:
    reason = f": {job.message}" if job.message else ""
    return f"{job.job_type} at {job.element_id}, retries {job.retries}, {job.state}{reason}"


def _incident_line(incident: IncidentEntry) -> str:
    return f"{incident.error_type} at {incident.element_id}: {incident.message}"
