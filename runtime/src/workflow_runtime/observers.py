"""What a service tells whoever watches it: metrics, alerts, traces, a user's own observer.

Who tells (the worker, the watcher of Operate, the outbox) and who is told know only this file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from workflow_runtime._log.failures import failure_of
from workflow_runtime._log.repeats import Repeats

if TYPE_CHECKING:
    from workflow_runtime._log.failures import Failure
    from workflow_runtime.gateway.values import ActivatedJob

__all__ = ["IncidentAlert", "Observer", "Observers"]

# Called at each job: a worker that nobody watches leaves them out (`Observers.watch_jobs`).
_EVERY_JOB = ("job_activated", "job_started", "job_ended")


@dataclass(frozen=True, slots=True)
class IncidentAlert:
    """An incident: one that this service has just caused, or one found by the watcher.

    No scope values are in it unless a handler put them in its messages.

    Attributes:
        service: the service that tells of it.
        process_id: the BPMN id of the process.
        instance_key: the process instance.
        element_id: the element in the diagram that does not go on.
        job_key: the element's job; 0 where no job is involved.
        job_type: the job's task type; empty where the watcher of Operate found the incident.
        message: the last failure as the broker was told.
        attempts: the failures that this process saw, oldest first.
        retries: what the job has left, as far as this process knows.
        at: when it was raised or found.
        error_type: Zeebe's word for its kind (semantics#incident-types).
        incident_key: the incident; 0 where only the broker knows it yet.
        element_instance_key: this passage of the element; 0 where it is not known.
        times: how often this job was given up by now, as far as it carries that with it; 2 was
            resolved once and is there again.
    """

    service: str
    process_id: str
    instance_key: int
    element_id: str
    job_key: int
    job_type: str
    # Not shown: messages are for people, logs name places (decisions/messages-in-alerts-only.md).
    message: str = field(repr=False)
    attempts: tuple[str, ...] = field(repr=False)
    retries: int
    at: datetime
    error_type: str = "JOB_NO_RETRIES"
    incident_key: int = 0
    element_instance_key: int = 0
    times: int = 1


class Observer:
    """Base of all observers: every hook does nothing until it is overridden.

    Hooks run on the event loop and must not block. ``job_started`` and ``job_ended`` run in
    the asyncio task of the job, so that context variables set in the first are seen by the
    handler and by the second.
    """

    def job_activated(self, job: ActivatedJob) -> None:
        """A job has been fetched and waits for its handler.

        Args:
            job: as it was fetched.
        """

    def job_started(self, job: ActivatedJob) -> None:
        """The handler of a job is about to be called.

        Args:
            job: as it was fetched.
        """

    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        """The handler has ended, and its command was sent.

        Args:
            job: as it was fetched.
            outcome: one of completed, failed, incident, bpmn_error, handed_back, gone, unsent.
            seconds: the handler's own time, in seconds.
            wait_seconds: the time between the fetch and the handler's start, in seconds.
        """

    def job_failed(self, job: ActivatedJob, failure: Failure) -> None:
        """A handler has raised an exception, which is about to be told to the engine.

        Called in the asyncio task of the job, before ``job_ended``: for an attempt that has failed,
        an incident, and a BPMN error.

        Args:
            job: as it was fetched.
            failure: type, place and text of the exception, and what led to it.
        """

    def command_resent(self, command: str, status: str) -> None:
        """A command is sent again.

        Args:
            command: its name.
            status: the gRPC status name because of which.
        """

    def heartbeat(self, job_type: str) -> None:
        """The timeout of a running job has been extended.

        Args:
            job_type: its task type.
        """

    def poll_ok(self, job_type: str) -> None:
        """The gateway has answered a poll, with or without jobs.

        Args:
            job_type: the task type that was asked for.
        """

    def poll_failed(self, job_type: str, status: str) -> None:
        """The gateway has refused a poll, or is away.

        Args:
            job_type: the task type that was asked for.
            status: the gRPC status name of the answer.
        """

    def incident_raised(self, alert: IncidentAlert) -> None:
        """The broker has taken the command that makes an incident.

        Args:
            alert: the incident, with what its handler said.
        """

    def incident_found(self, alert: IncidentAlert) -> None:
        """The watcher of Operate is the first to tell of an incident: no worker has raised it.

        Args:
            alert: the incident; one replica of the service tells it, once.
        """

    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        """An incident is gone.

        Args:
            process_id: the BPMN id of the process.
            instance_key: the process instance.
            key: the incident's job, or the incident itself where there is no job.
        """

    def incidents_open(self, counts: Mapping[str, int]) -> None:
        """The watcher of Operate has counted.

        Args:
            counts: how many incidents are open, by BPMN process id.
        """

    def incidents_unwatched(self) -> None:
        """Nobody here knows any more how many incidents are open.

        Operate is away, or another replica has begun to watch it.
        """

    def watcher_state(self, state: str) -> None:
        """The watcher of Operate has changed its state, or has begun; only where it is on.

        Args:
            state: ``watching``, ``standby`` (another replica watches) or ``blind`` (Operate, or
                the engine that says who watches, does not answer).
        """

    def alert_ended(self, channel: str, outcome: str, seconds: float) -> None:
        """The sending of a notice to one channel has ended.

        Args:
            channel: its name, without a secret.
            outcome: one of sent, delayed (sent late, or not at the first attempt), lost.
            seconds: the time since the notice was made, in seconds.
        """

    def alerts_waiting(self, channel: str, waiting: int, oldest: float) -> None:
        """Tells what one channel has not taken yet, every second while there is any, and at none.

        Args:
            channel: its name, without a secret.
            waiting: how many notices wait for it.
            oldest: the age of the oldest of them, in seconds.
        """

    def event_published(self, name: str, outcome: str) -> None:
        """The sending of an event has ended.

        Args:
            name: the event's name.
            outcome: one of published, duplicate, failed, dropped.
        """

    def event_parked(self, name: str, event_id: str, reason: str) -> None:
        """An event of the outbox cannot be sent; it waits for a person.

        Args:
            name: the event's name.
            event_id: its id in the outbox.
            reason: the engine's sentence, or what is wrong with the row.
        """

    def outbox_state(self, waiting: int, parked: int, oldest: float) -> None:
        """Tells how full the outbox is, about every ten seconds.

        Args:
            waiting: how many events wait to be sent.
            parked: how many wait for a person.
            oldest: the age of the oldest waiting event, in seconds.
        """

    def outbox_away(self) -> None:
        """The outbox's database does not answer, or not in time: nobody knows how full it is.

        Told again as long as it lasts; its end is told by `outbox_state`.
        """


class Observers(Observer):
    """Tells several observers; one that raises is logged and harms nobody.

    Args:
        observers: whom to tell, in this order.
    """

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = tuple(observers)
        self._repeats = Repeats()

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

    # Hooks are made below: this is what each of them does.
    def _tell(self, hook: str, *arguments: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, hook)(*arguments)
            except BaseException as error:  # noqa: BLE001 - watching must never harm the work
                name, why = type(observer).__name__, failure_of(error)
                kind, text = (name, hook, *why.identity), "observer {} failed in {}: {}"
                self._repeats.say(kind, "WARNING", text, name, hook, why.words())


def _telling(hook: str) -> Callable[..., None]:
    @functools.wraps(getattr(Observer, hook))
    def tell(observers: Observers, *arguments: object) -> None:
        observers._tell(hook, *arguments)  # noqa: SLF001 - a method of the class, made below

    return tell


# One hook is added in one place: `Observers` overrides whatever `Observer` has.
for _hook in [name for name in vars(Observer) if not name.startswith("_")]:
    setattr(Observers, _hook, _telling(_hook))
