"""What a service tells whoever watches it: metrics, alerts, traces, a user's own observer.

Who tells (the worker, the watcher of Operate, the outbox) and who is told know only this file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from loguru import logger

from workflow_runtime._log.failures import kind_and_place

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import ActivatedJob

__all__ = ["IncidentAlert", "Observer", "Observers"]

_EVERY_JOB = ("job_activated", "job_started", "job_ended")


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


class Observer:
    """Base of all observers: every hook does nothing until it is overridden.

    Hooks run on the event loop and must not block. ``job_started`` and ``job_ended`` run in
    the asyncio task of the job, so that context variables set in the first are seen by the
    handler and by the second.
    """

    def job_activated(self, job: ActivatedJob) -> None:
        """A job has been fetched and waits for its handler."""

    def job_started(self, job: ActivatedJob) -> None:
        """The handler of this job is about to be called."""

    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        """The handler has ended, and its command was sent.

        Args:
            job: as it was activated.
            outcome: one of completed, failed, incident, bpmn_error, handed_back, gone, unsent.
            seconds: the handler's own time.
            wait_seconds: the time between activation and the handler's start.
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
            for hook in _EVERY_JOB
        )

    def __iter__(self) -> Iterator[Observer]:
        return iter(self._observers)

    def _tell(self, hook: str, *arguments: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, hook)(*arguments)
            except Exception as error:  # noqa: BLE001 - watching must never harm the work
                name = type(observer).__name__
                logger.warning("observer {} failed in {}: {}", name, hook, kind_and_place(error))


def _telling(hook: str) -> Callable[..., None]:
    @functools.wraps(getattr(Observer, hook))
    def tell(observers: Observers, *arguments: object) -> None:
        observers._tell(hook, *arguments)  # noqa: SLF001 - a method of the class, made below

    return tell


# One hook is added in one place: `Observers` overrides whatever `Observer` has.
for _hook in [name for name in vars(Observer) if not name.startswith("_")]:
    setattr(Observers, _hook, _telling(_hook))
