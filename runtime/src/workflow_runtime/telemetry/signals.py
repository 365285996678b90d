"""What the worker tells whoever watches: metrics, alerts, traces.

The worker knows only this file; the adapters beside it turn signals into something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loguru import logger

from workflow_runtime.alerts.model import IncidentAlert
from workflow_runtime.gateway.port import ActivatedJob
from workflow_runtime.telemetry.failures import kind_and_place

__all__ = ["Observer", "Observers"]


class Observer:
    """Base of all observers: every hook does nothing until it is overridden.

    Hooks run on the event loop and must not block. ``job_started`` and ``job_ended`` run in
    the asyncio task of the job, so that context variables set in the first are seen by the
    handler and by the second.
    """

    def job_activated(self, job: ActivatedJob) -> None:
        """A job has been fetched and waits for its handler."""

    def job_started(self, job: ActivatedJob) -> None:
        """Its handler is about to be called."""

    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        """Its handler has ended and the command was sent.

        ``outcome`` is one of completed, failed, incident, bpmn_error, handed_back, gone,
        unsent. ``seconds`` is the handler's own time, ``wait_seconds`` the time before it.
        """

    def command_resent(self, command: str, status: str) -> None:
        """A command is sent again because of this gRPC status."""

    def heartbeat(self, job_type: str) -> None:
        """A running job's timeout has been extended."""

    def poll_ok(self, job_type: str) -> None:
        """The gateway has answered a poll."""

    def poll_failed(self, job_type: str, status: str) -> None:
        """The gateway has refused a poll, or is away."""

    def incident_raised(self, alert: IncidentAlert) -> None:
        """The broker has taken the command that makes an incident."""

    def incident_found(self, alert: IncidentAlert) -> None:
        """The watcher has found an incident; it may be one that this worker has raised."""

    def incident_known(self, alert: IncidentAlert) -> None:
        """An incident is still open that was told before this process began."""

    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        """An incident is gone; ``key`` is its job's, or its own where there is no job."""

    def incidents_open(self, counts: Mapping[str, int]) -> None:
        """How many incidents are open by process, as the watcher counts them."""

    def event_published(self, name: str, outcome: str) -> None:
        """An event was published; ``outcome`` is published, duplicate, failed or dropped."""

    def event_parked(self, name: str, event_id: str, reason: str) -> None:
        """The engine refused an event of the outbox for good; it waits for a person."""

    def outbox_state(self, waiting: int, parked: int, oldest: float) -> None:
        """How full the outbox is, every few seconds; ``oldest`` waits for so many seconds."""


class Observers(Observer):
    """Tells several observers; one that raises is logged and harms nobody."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = tuple(observers)

    @property
    def watch_jobs(self) -> bool:
        """Whether anybody overrides a hook that is called for every job."""
        return any(
            getattr(type(observer), hook) is not getattr(Observer, hook)
            for observer in self._observers
            for hook in ("job_activated", "job_started", "job_ended")
        )

    def __iter__(self) -> Any:
        return iter(self._observers)

    def job_activated(self, job: ActivatedJob) -> None:
        """Passes the signal on."""
        if self._observers:
            self._tell("job_activated", job)

    def job_started(self, job: ActivatedJob) -> None:
        """Passes the signal on."""
        if self._observers:
            self._tell("job_started", job)

    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        """Passes the signal on."""
        if self._observers:
            self._tell("job_ended", job, outcome, seconds, wait_seconds)

    def command_resent(self, command: str, status: str) -> None:
        """Passes the signal on."""
        self._tell("command_resent", command, status)

    def heartbeat(self, job_type: str) -> None:
        """Passes the signal on."""
        self._tell("heartbeat", job_type)

    def poll_ok(self, job_type: str) -> None:
        """Passes the signal on."""
        self._tell("poll_ok", job_type)

    def poll_failed(self, job_type: str, status: str) -> None:
        """Passes the signal on."""
        self._tell("poll_failed", job_type, status)

    def incident_raised(self, alert: IncidentAlert) -> None:
        """Passes the signal on."""
        self._tell("incident_raised", alert)

    def incident_found(self, alert: IncidentAlert) -> None:
        """Passes the signal on."""
        self._tell("incident_found", alert)

    def incident_known(self, alert: IncidentAlert) -> None:
        """Passes the signal on."""
        self._tell("incident_known", alert)

    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        """Passes the signal on."""
        self._tell("incident_resolved", process_id, instance_key, key)

    def incidents_open(self, counts: Mapping[str, int]) -> None:
        """Passes the signal on."""
        self._tell("incidents_open", counts)

    def event_published(self, name: str, outcome: str) -> None:
        """Passes the signal on."""
        self._tell("event_published", name, outcome)

    def event_parked(self, name: str, event_id: str, reason: str) -> None:
        """Passes the signal on."""
        self._tell("event_parked", name, event_id, reason)

    def outbox_state(self, waiting: int, parked: int, oldest: float) -> None:
        """Passes the signal on."""
        self._tell("outbox_state", waiting, parked, oldest)

    def _tell(self, hook: str, *arguments: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, hook)(*arguments)
            except Exception as error:  # noqa: BLE001 - watching must never harm the work
                name = type(observer).__name__
                logger.warning("observer {} failed in {}: {}", name, hook, kind_and_place(error))
