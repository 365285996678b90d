"""One execution of a job: which one it is, and what is left after it."""

from __future__ import annotations

from typing import NamedTuple

from workflow_runtime._worker.attempts.retry_budget import Marker
from workflow_runtime.gateway.values import ActivatedJob, Scope
from workflow_runtime.handler_config import TaskHandlerConfig

WINDOW = 2.0
"""Seconds that a suspect runs alone for the first time; doubled each time that it has survived."""
_LONGEST = 600.0
"""Seconds that its neighbours are kept waiting at most."""


# A tuple: one is made for each job, in half the time that a frozen dataclass takes.
class Attempt(NamedTuple):
    """Known before the handler begins, and never changed."""

    job: ActivatedJob
    config: TaskHandlerConfig
    marker: Marker
    """What the job says of its earlier activations."""
    remaining: int
    """Retries that are left if this one fails too."""
    unfinished: int = 0
    """Activations that never ended, as the marker or this process knows."""
    suspect: bool = False
    """Whether it was in hand at so many deaths that it has to run alone."""
    poisoned: bool = False
    """Whether the job has been activated too often without ever coming to an end."""
    noted: bool = False
    """Whether the broker has taken a note that the handler begins."""

    @property
    def failures(self) -> int:
        """Attempts of this job that have failed before."""
        return self.marker.failures

    @property
    def number(self) -> int:
        """Which execution of the job this is; 1 is the first."""
        return self.marker.failures + 1

    @property
    def window(self) -> float:
        """Seconds for which a suspect is alone."""
        # From the tenth time on it is the longest.
        return min(WINDOW * 2.0 ** min(self.marker.survived, 10), _LONGEST)

    @property
    def failed_marker(self) -> Scope:
        """The local variables that say that this attempt has failed."""
        return Marker(self.number, incidents=self.marker.incidents).of(self.job)

    @property
    def incident_marker(self) -> Scope:
        """The local variables that say that this attempt has failed, and was the last one."""
        return Marker(self.number, incidents=self.marker.incidents + 1).of(self.job)

    @property
    def begun_marker(self) -> Scope:
        """The local variables that say that this attempt has begun, should it never end."""
        alone = self.marker.alone + self.suspect
        return self.marker._replace(unfinished=self.unfinished + 1, alone=alone).of(self.job)

    @property
    def survived_marker(self) -> Scope:
        """The local variables of a suspect that was alone for its time and killed nobody.

        It is none any more, until it is in hand at one more death.
        """
        return self.marker._replace(
            unfinished=max(0, self.config.max_unfinished - 1), survived=self.marker.survived + 1
        ).of(self.job)

    @property
    def unbegun_marker(self) -> Scope | None:
        """The local variables that take the note back; None if there is none."""
        return self.marker.of(self.job) if self.noted else None
