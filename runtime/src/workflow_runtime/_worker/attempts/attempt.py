"""One execution of a job: which one it is, and what is left after it."""

from __future__ import annotations

from typing import NamedTuple

from workflow_runtime._worker.attempts.retry_budget import write_marker
from workflow_runtime.gateway.values import ActivatedJob, Scope
from workflow_runtime.handler_config import TaskHandlerConfig


# A tuple: one is made for each job, in half the time that a frozen dataclass takes.
class Attempt(NamedTuple):
    """Known before the handler begins, and never changed."""

    job: ActivatedJob
    config: TaskHandlerConfig
    failures: int
    """Attempts of this job that have failed before."""
    remaining: int
    """Retries that are left if this one fails too."""
    marked_unfinished: int = 0
    """Activations that never ended, as the job's marker says."""
    unfinished: int = 0
    """Activations that never ended, as the marker or this process knows."""
    poisoned: bool = False
    """Whether the job has been activated too often without ever coming to an end."""
    noted: bool = False
    """Whether the broker has taken a note that the handler begins."""

    @property
    def number(self) -> int:
        """Which execution of the job this is; 1 is the first."""
        return self.failures + 1

    @property
    def failed_marker(self) -> Scope:
        """The local variables that say that this attempt has failed."""
        return write_marker(self.job, self.number)

    @property
    def begun_marker(self) -> Scope:
        """The local variables that say that this attempt has begun, should it never end."""
        return write_marker(self.job, self.failures, self.unfinished + 1)

    @property
    def unbegun_marker(self) -> Scope | None:
        """The local variables that take the note back; None if there is none."""
        if not self.noted:
            return None
        return write_marker(self.job, self.failures, self.marked_unfinished)
