"""Incidents: an element that cannot go on, and how it goes on after all.

See semantics#incident-resolved and semantics#incident-of-job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.jobs import Jobs
from workflow_devkit.engine.record_values import incident_value
from workflow_devkit.engine.state import Incident, Job, JobState, Token
from workflow_devkit.engine.store import Store
from workflow_runtime.gateway.errors import NotFound

__all__ = ["Incidents"]


class Incidents:
    """All open incidents, by key."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs
        self._open: dict[int, Incident] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Incident]:
        return iter(tuple(self._open.values()))

    def create(
        self, token: Token, failure: Failure, retry: Callable[[], None], job: Job | None = None
    ) -> None:
        """Makes the incident of an element, which stops until somebody resolves it."""
        incident = Incident(self._store.next_key(), token, failure, retry, job)
        token.incident = incident
        self._open[incident.key] = incident
        self._store.write("INCIDENT", "CREATED", incident.key, incident_value(incident))

    def create_for_job(self, job: Job, failure: Failure) -> None:
        """Makes the incident of a job without retries, or whose error nobody catches.

        See semantics#job-no-retries and semantics#error-uncaught.
        """
        self.create(job.token, failure, lambda: self._revive(job), job)

    def resolve(self, key: int) -> None:
        """Lets the element try again; the first thing it does may be a new incident.

        Raises:
            NotFound: no such incident, or its job still has no retries
                (``IncidentResolveProcessor.rejectResolveCommand``).
        """
        incident = self._open.get(key)
        if incident is None:
            text = f"Expected to resolve incident with key '{key}', but no such incident was found"
            raise NotFound(f"Command 'RESOLVE' rejected with code 'NOT_FOUND': {text}")
        job = incident.job
        if job is not None and job.state is JobState.FAILED and job.retries <= 0:
            text = (
                f"Expected to resolve incident with key '{key}', but job with key '{job.key}' has "
                "no retries left. Please update the job retries and retry resolving the incident"
            )
            raise NotFound(f"Command 'RESOLVE' rejected with code 'NOT_FOUND': {text}")
        # Closed first: an attempt that fails makes an incident of its own.
        self.close(incident)
        incident.retry()

    def close(self, incident: Incident) -> None:
        """Ends an incident: resolved, or with its element (semantics#incident-closed)."""
        if self._open.pop(incident.key, None) is not None:
            incident.token.incident = None
            self._store.write("INCIDENT", "RESOLVED", incident.key, incident_value(incident))

    def _revive(self, job: Job) -> None:
        # With the retries that it has, which an uncaught error leaves (semantics#incident-of-job).
        job.lost = False
        self._jobs.make_available(job)
