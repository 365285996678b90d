"""How often a job has failed, and how many attempts are left.

FailJob's ``retries`` is absolute and a job carries no attempt counter; so each failure leaves a
marker among the task's local variables, and so does the start of a suspect job (``suspects``).
The marker names its job: if a diagram carries it into another task, it means nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workflow_runtime.gateway.port import ActivatedJob

MARKER = "workflowRuntimeFailures"
"""Local variable of a task: ``{"job": key as text, "failures": n, "unfinished": n}``."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The attempts of one job: ``failures`` so far, ``remaining`` after one more.

    ``unfinished`` activations since the last failure were noted and never came to an end.
    """

    failures: int
    remaining: int
    unfinished: int = 0

    @property
    def attempt(self) -> int:
        """1 on the first execution."""
        return self.failures + 1


def budget_of(job: ActivatedJob, maximum: int | None) -> Budget:
    """Reads the marker; ``maximum`` (``incident_max_retries``) counts from the first failure.

    After that the job's own number counts down, so that retries set by hand are obeyed.
    """
    found = job.variables.get(MARKER)
    if found is None:
        return _first(job.retries, maximum)
    if not isinstance(found, Mapping) or found.get("job") != str(job.key):
        found = {}
    failures, unfinished = _count(found, "failures"), _count(found, "unfinished")
    if maximum is not None and failures == 0:
        return Budget(0, maximum - 1, unfinished)
    return Budget(failures, max(0, job.retries - 1), unfinished)


@lru_cache
def _first(retries: int, maximum: int | None) -> Budget:
    return Budget(0, max(0, retries - 1) if maximum is None else maximum - 1)


def marker(job: ActivatedJob, failures: int, unfinished: int = 0) -> Mapping[str, Any]:
    """The local variables that go along with a failure, or with a suspect job's start."""
    found = {"job": str(job.key), "failures": failures}
    return {MARKER: found | {"unfinished": unfinished} if unfinished else found}


def _count(found: Mapping[str, Any], name: str) -> int:
    number = found.get(name)
    return number if isinstance(number, int) and number > 0 else 0
