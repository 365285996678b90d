"""One job: its state, and what its records say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from workflow_devkit.engine.instances import Token

__all__ = ["OPEN", "Job", "JobSnapshot", "JobState", "job_value"]


class JobState(Enum):
    """Where a job is in its life."""

    ACTIVATABLE = auto()
    ACTIVATED = auto()
    FAILED = auto()
    ERROR_THROWN = auto()


_NONE: Mapping[str, Any] = {}
OPEN = frozenset({JobState.ACTIVATABLE, JobState.ACTIVATED})
"""States in which a job takes its end (semantics#job-open-states)."""


class Job:
    """A piece of work for somebody outside."""

    __slots__ = (
        "backoff", "deadline", "error_code", "headers", "key", "lost", "message", "recurring",
        "retries",
        "state", "token", "type", "variables", "worker",
    )  # fmt: skip

    def __init__(
        self, key: int, job_type: str, retries: int, headers: Mapping[str, str], token: Token
    ) -> None:
        self.key = key
        self.type = job_type
        self.retries = retries
        self.headers = headers
        self.token = token
        self.state = JobState.ACTIVATABLE
        self.worker = ""
        self.deadline = -1
        self.backoff = 0
        self.recurring = -1
        self.message = ""
        self.error_code = ""
        self.lost = False
        self.variables: Mapping[str, Any] = _NONE

    @property
    def element_id(self) -> str:
        """Zeebe forgets it when nobody has caught an error."""
        return "NO_CATCH_EVENT_FOUND" if self.lost else self.token.node.id

    def snapshot(self) -> JobSnapshot:
        """What may be another thing when the record of now is read."""
        return JobSnapshot(
            self, self.element_id, self.retries, self.backoff, self.recurring, self.worker,
            self.deadline, self.message, self.error_code, self.variables,
        )  # fmt: skip


class JobSnapshot(NamedTuple):
    """A job as it was when a record of it was written."""

    job: Job
    element_id: str
    retries: int
    backoff: int
    recurring: int
    worker: str
    deadline: int
    message: str
    error_code: str
    variables: Mapping[str, Any]


def job_value(then: JobSnapshot) -> dict[str, Any]:
    """The fields of a JOB record."""
    job, instance = then.job, then.job.token.instance
    return {
        "type": job.type,
        "retries": then.retries,
        "retryBackoff": then.backoff,
        "recurringTime": then.recurring,
        "worker": then.worker,
        "deadline": then.deadline,
        "errorMessage": then.message,
        "errorCode": then.error_code,
        "customHeaders": job.headers,
        "variables": then.variables,
        "elementId": then.element_id,
        "elementInstanceKey": job.token.key,
        "bpmnProcessId": instance.process.process_id,
        "processInstanceKey": instance.key,
        "processDefinitionKey": instance.process.key,
        "processDefinitionVersion": instance.process.version,
    }
