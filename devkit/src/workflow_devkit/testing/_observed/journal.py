"""What happened to each process instance, told by the engine's records.

Reads the records that Zeebe exports (names of value types, intents and fields are Zeebe's), so
the embedded engine and a real broker's record stream give the same picture. Each kind of record
has a reader; `_READERS` at the end of the file says which.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Protocol

from workflow_devkit.testing._observed.entries import (
    IncidentEntry,
    InstanceEntry,
    JobEntry,
    JobState,
)

__all__ = ["Journal", "RecordLike"]

_NO_JOB: Final = -1
"""What a record of an incident has for its job's key where no job is concerned."""


class RecordLike(Protocol):
    """What the journal reads of a record."""

    @property
    def value_type(self) -> str: ...
    @property
    def intent(self) -> str: ...
    @property
    def key(self) -> int: ...
    @property
    def value(self) -> Mapping[str, Any]: ...


class Journal:
    """The instances of one engine, kept up to date record by record.

    Attributes:
        instances: every process instance of which a record came, by key.
        jobs: those of all instances that have not ended, by key.
        passed: how often each element or flow was passed, by process id and element id.
        started_by: by key of an instance, that of the message that has started it.
        hidden: variables that are not kept: the service's plumbing, no data of the process.
    """

    def __init__(self, hidden: Collection[str] = ()) -> None:
        self.hidden = hidden
        self.instances: dict[int, InstanceEntry] = {}
        self.jobs: dict[int, JobEntry] = {}
        self.started_by: dict[int, int] = {}
        self.passed: Counter[tuple[str, str]] = Counter()

    def note(self, record: RecordLike) -> None:
        """Takes in one record; those that tell nothing of what is kept are passed over."""
        if reader := _READERS.get((record.value_type, record.intent)):
            reader(self, record)


def _instance_of(journal: Journal, value: Mapping[str, Any]) -> InstanceEntry:
    """The instance that a record's value is about; it begins with its first record."""
    key = value["processInstanceKey"]
    if key not in journal.instances:
        journal.instances[key] = InstanceEntry(key, value["bpmnProcessId"])
    return journal.instances[key]


def _note_message_start(journal: Journal, record: RecordLike) -> None:
    value = record.value
    journal.started_by[value["processInstanceKey"]] = value["messageKey"]


# Elements, flows and variables.


def _note_begin(journal: Journal, record: RecordLike) -> None:
    instance, value = _instance_of(journal, record.value), record.value
    # The process is an element too: its element instance has the key of the process instance.
    if record.key == instance.key:
        instance.state = record.intent
        instance.parent = value.get("parentProcessInstanceKey", -1)
        instance.begun |= record.intent == "ELEMENT_ACTIVATING"
    elif record.intent == "ELEMENT_ACTIVATING":
        instance.active[record.key] = (value["elementId"], value["flowScopeKey"])


def _note_end(journal: Journal, record: RecordLike) -> None:
    instance = _instance_of(journal, record.value)
    instance.active.pop(record.key, None)
    # A job whose error was caught has no end of its own (``cases/broker/s09_error_caught.json``).
    _forget_jobs_of(journal, instance, record.key)
    if record.key == instance.key:
        instance.state = record.intent
    if record.intent == "ELEMENT_COMPLETED":
        element_id = record.value["elementId"]
        instance.path.append(element_id)
        journal.passed[instance.process_id, element_id] += 1


def _note_taken(journal: Journal, record: RecordLike) -> None:
    instance, flow = _instance_of(journal, record.value), record.value["elementId"]
    instance.taken.append(flow)
    journal.passed[instance.process_id, flow] += 1


def _note_variable(journal: Journal, record: RecordLike) -> None:
    value = record.value
    if value["name"] in journal.hidden:
        return
    scope = _instance_of(journal, value).scopes.setdefault(value["scopeKey"], {})
    # In records a variable's value is the text of its JSON.
    scope[value["name"]] = json.loads(value["value"])


# Jobs.


def _note_new_job(journal: Journal, record: RecordLike) -> None:
    value = record.value
    instance = _instance_of(journal, value)
    job = JobEntry(
        record.key,
        value["type"],
        value["elementId"],
        value["elementInstanceKey"],
        instance.key,
        value["retries"],
    )
    journal.jobs[job.key] = instance.jobs[job.key] = job


def _note_job_is(state: JobState) -> Callable[[Journal, RecordLike], None]:
    def note(journal: Journal, record: RecordLike) -> None:
        if job := journal.jobs.get(record.key):
            job.state = state

    return note


def _note_failed(journal: Journal, record: RecordLike) -> None:
    job, value = journal.jobs.get(record.key), record.value
    if job is None:
        return
    job.retries, job.message = value["retries"], value.get("errorMessage", "")
    backs_off = value.get("retryBackoff", 0) > 0
    job.state = JobState.BACKING_OFF if backs_off else JobState.READY
    # Without retries no backoff counts: the job waits for a person (semantics#job-no-retries).
    if job.retries <= 0:
        job.state = JobState.STUCK


def _note_retries(journal: Journal, record: RecordLike) -> None:
    # They alone do not let the job run (semantics#job-retries-updated).
    if job := journal.jobs.get(record.key):
        job.retries = record.value["retries"]


def _note_batch(journal: Journal, record: RecordLike) -> None:
    # Jobs that are handed out have no record each: one of the whole batch names their keys.
    for key in record.value.get("jobKeys", ()):
        if key in journal.jobs:
            journal.jobs[key].state = JobState.HELD


def _forget_job(journal: Journal, record: RecordLike) -> None:
    if job := journal.jobs.pop(record.key, None):
        journal.instances[job.instance_key].jobs.pop(record.key, None)


def _forget_jobs_of(journal: Journal, instance: InstanceEntry, element_key: int) -> None:
    ended = [key for key, job in instance.jobs.items() if job.element_instance_key == element_key]
    for key in ended:
        del instance.jobs[key], journal.jobs[key]


# Incidents.


def _note_incident(journal: Journal, record: RecordLike) -> None:
    value = record.value
    incident = IncidentEntry(
        record.key,
        value["elementId"],
        value["errorType"],
        value["errorMessage"],
        value.get("jobKey", _NO_JOB),
    )
    _instance_of(journal, value).incidents[record.key] = incident
    if job := journal.jobs.get(incident.job_key):
        job.state = JobState.STUCK


def _forget_incident(journal: Journal, record: RecordLike) -> None:
    incident = _instance_of(journal, record.value).incidents.pop(record.key, None)
    # Its job may run again (semantics#incident-of-job), unless it has ended with its element.
    if incident and (job := journal.jobs.get(incident.job_key)):
        job.state = JobState.READY


_READERS: Final[dict[tuple[str, str], Callable[[Journal, RecordLike], None]]] = {
    ("PROCESS_INSTANCE", "ELEMENT_ACTIVATING"): _note_begin,
    ("PROCESS_INSTANCE", "ELEMENT_ACTIVATED"): _note_begin,
    ("PROCESS_INSTANCE", "ELEMENT_COMPLETED"): _note_end,
    ("PROCESS_INSTANCE", "ELEMENT_TERMINATED"): _note_end,
    ("PROCESS_INSTANCE", "SEQUENCE_FLOW_TAKEN"): _note_taken,
    ("MESSAGE_START_EVENT_SUBSCRIPTION", "CORRELATED"): _note_message_start,
    ("VARIABLE", "CREATED"): _note_variable,
    ("VARIABLE", "UPDATED"): _note_variable,
    ("JOB", "CREATED"): _note_new_job,
    ("JOB", "COMPLETED"): _forget_job,
    ("JOB", "CANCELED"): _forget_job,
    ("JOB", "FAILED"): _note_failed,
    ("JOB", "RETRIES_UPDATED"): _note_retries,
    # Until its incident is resolved. Where an event catches the error, a later record ends the
    # task, and the job with it.
    ("JOB", "ERROR_THROWN"): _note_job_is(JobState.STUCK),
    ("JOB", "TIMED_OUT"): _note_job_is(JobState.READY),
    ("JOB", "RECURRED_AFTER_BACKOFF"): _note_job_is(JobState.READY),
    ("JOB_BATCH", "ACTIVATED"): _note_batch,
    ("INCIDENT", "CREATED"): _note_incident,
    ("INCIDENT", "RESOLVED"): _forget_incident,
}
