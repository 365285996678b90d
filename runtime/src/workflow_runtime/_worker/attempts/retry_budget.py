"""How many attempts a job has left, read from a marker that it carries.

FailJob's ``retries`` is absolute and a job carries no attempt counter; so each failure leaves a
marker among the task's local variables, and so does the start of a suspect job (`PoisonGuard`).
The marker names its job: where it is carried into another task, it means nothing. It does get
there: by a listener of the process, whose local variables are the process's own, and by whoever
does not know it and returns all variables that it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from workflow_runtime.gateway.values import ActivatedJob, Scope

MARKER = "workflowRuntimeFailures"
"""Local variable of a task: ``{"job": key as text, "failures": n}``, and counts of `Marker`."""


class Marker(NamedTuple):
    """What is known of a job's earlier activations; each count is 0 where there is no marker."""

    failures: int = 0
    """Attempts that have failed."""
    unfinished: int = 0
    """Activations since the last failure that never ended."""
    alone: int = 0
    """Those of them in which nothing else ran in that process."""
    survived: int = 0
    """How often it was alone for its time and killed nobody."""
    incidents: int = 0
    """How often it was given up: a person has resolved that each time."""

    def of(self, job: ActivatedJob) -> Scope:
        """The local variables that go along with a failure, or with a suspect job's start."""
        counts = {name: count for name, count in self._asdict().items() if count}
        # The key as text: it has more digits than many readers of JSON keep.
        return {MARKER: {"job": str(job.key), "failures": self.failures} | counts}


_NONE = Marker()


def read_marker(job: ActivatedJob) -> Marker:
    """What the job's marker says, if it has one of its own."""
    # The hot path: most jobs carry nothing.
    if job.carried is None:
        return _NONE
    found = job.carried.get(MARKER)
    if not isinstance(found, Mapping) or found.get("job") != str(job.key):
        return _NONE
    return Marker(*(_count(found, name) for name in Marker._fields))


def without_marker(scope: Scope) -> Scope:
    """The variables of an instance without a marker that was left among them."""
    if MARKER not in scope:
        return scope
    return {name: value for name, value in scope.items() if name != MARKER}


def remaining_after(job: ActivatedJob, failures: int, maximum: int | None) -> int:
    """The retries that are left if this attempt fails too.

    Args:
        job: as it was activated.
        failures: of earlier attempts.
        maximum: ``incident_max_retries``; it counts from the first failure. After that, and
            without it, the job's own number counts down, so that retries set by hand are obeyed.
    """
    if maximum is not None and failures == 0:
        return maximum - 1
    return max(0, job.retries - 1)


def _count(found: Mapping[str, Any], name: str) -> int:
    # A diagram or a person may have written anything there.
    number = found.get(name)
    return number if isinstance(number, int) and number > 0 else 0
