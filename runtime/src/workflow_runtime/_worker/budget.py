"""How often a job has failed, and how many attempts are left.

FailJob's ``retries`` is absolute and a job carries no attempt counter; so each failure leaves a
marker among the task's local variables. The marker names its job: if a diagram carries it into
another task, it means nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_runtime.gateway.port import ActivatedJob

MARKER = "workflowRuntimeFailures"
"""Local variable of a task: ``{"job": key as text, "failures": n}``."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The attempts of one job: ``failures`` so far, ``remaining`` after one more."""

    failures: int
    remaining: int

    @property
    def attempt(self) -> int:
        """1 on the first execution."""
        return self.failures + 1


def budget_of(job: ActivatedJob, maximum: int | None) -> Budget:
    """Reads the marker; ``maximum`` (``incident_max_retries``) counts from the first failure.

    After that the job's own number counts down, so that retries set by hand are obeyed.
    """
    failures = _failures(job)
    if maximum is not None and failures == 0:
        return Budget(0, maximum - 1)
    return Budget(failures, max(0, job.retries - 1))


def marker(job: ActivatedJob, failures: int) -> Mapping[str, Any]:
    """The local variables that go along with a failure."""
    return {MARKER: {"job": str(job.key), "failures": failures}}


def _failures(job: ActivatedJob) -> int:
    found = job.variables.get(MARKER)
    if not isinstance(found, Mapping) or found.get("job") != str(job.key):
        return 0
    failures = found.get("failures")
    return failures if isinstance(failures, int) and failures > 0 else 0
