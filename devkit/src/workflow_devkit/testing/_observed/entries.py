"""What a test knows of a process instance: its path, variables, open jobs and incidents."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["IncidentEntry", "InstanceEntry", "JobEntry", "JobState"]


class JobState(StrEnum):
    """What a job waits for; the values are words for people."""

    READY = "ready"
    HELD = "held by a worker"
    BACKING_OFF = "backing off"
    STUCK = "needs a person"


@dataclass(slots=True)
class JobEntry:
    """A job that has not ended; ``message`` is that of its last failure."""

    key: int
    job_type: str
    element_id: str
    element_instance_key: int
    instance_key: int
    retries: int
    state: JobState = JobState.READY
    message: str = ""

    def may_run(self) -> bool:
        """Whether a worker holds it or may fetch it now."""
        return self.state in (JobState.READY, JobState.HELD)


@dataclass(slots=True)
class IncidentEntry:
    """An incident that is not resolved; ``job_key`` is -1 where no job is concerned."""

    key: int
    element_id: str
    error_type: str
    message: str
    job_key: int


@dataclass(slots=True)
class InstanceEntry:
    """Everything known of one process instance.

    Attributes:
        parent: the key of the instance that has called it, -1 if none has.
        begun: whether its beginning was seen; a broker tells of older ones too.
        state: the last intent of the process itself, in Zeebe's words.
        path: ids of the elements in the order in which they were completed.
        taken: ids of the sequence flows in the order in which they were taken.
        active: by key of an active element instance, the element's id and the key of its scope.
        scopes: by key of an element instance, its variables.
        jobs: those that have not ended, by key.
        incidents: those that are not resolved, by key.
    """

    key: int
    process_id: str
    parent: int = -1
    begun: bool = False
    state: str = "ELEMENT_ACTIVATING"
    path: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    active: dict[int, tuple[str, int]] = field(default_factory=dict)
    scopes: dict[int, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[int, JobEntry] = field(default_factory=dict)
    incidents: dict[int, IncidentEntry] = field(default_factory=dict)

    @property
    def is_completed(self) -> bool:
        """Whether it has reached its end."""
        return self.state == "ELEMENT_COMPLETED"

    @property
    def is_terminated(self) -> bool:
        """Whether it was cancelled."""
        return self.state == "ELEMENT_TERMINATED"

    @property
    def is_active(self) -> bool:
        """Whether it has neither completed nor been cancelled."""
        return not (self.is_completed or self.is_terminated)

    def scope(self) -> dict[str, Any]:
        """The variables of the process scope."""
        return self.scopes.get(self.key, {})

    def waiting_at(self) -> list[str]:
        """Ids of its active elements, without those that hold another active element."""
        holders = {scope for _, scope in self.active.values()}
        return [element for key, (element, _) in self.active.items() if key not in holders]
