"""How many attempts a job has left, read from a marker that it carries.

FailJob's ``retries`` is absolute and a job carries no attempt counter; so each failure leaves a
marker among the task's local variables, and so does the start of a suspect job (`PoisonGuard`).
The marker names its job: where it is carried into another task, it means nothing. It does get
there: by a listener of the process, whose local variables are the process's own, and by whoever
does not know it and returns all variables that it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_runtime.gateway.values import ActivatedJob, Scope

MARKER = "workflowRuntimeFailures"
"""Local variable of a task: ``{"job": key as text, "failures": n, "unfinished": n}``."""


def read_marker(job: ActivatedJob) -> tuple[int, int]:
    """The job's failures so far, and its activations since the last one that never ended."""
    # The hot path: most jobs carry nothing.
    if job.carried is None:
        return 0, 0
    found = job.carried.get(MARKER)
    if not isinstance(found, Mapping) or found.get("job") != str(job.key):
        return 0, 0
    return _count(found, "failures"), _count(found, "unfinished")


def write_marker(job: ActivatedJob, failures: int, unfinished: int = 0) -> Scope:
    """The local variables that go along with a failure, or with a suspect job's start."""
    # The key as text: it has more digits than many readers of JSON keep.
    found = {"job": str(job.key), "failures": failures}
    return {MARKER: found | {"unfinished": unfinished} if unfinished else found}


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
