"""Which job the current code works for, as log lines name it. No scope values."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_runtime.gateway.values import ActivatedJob

__all__ = ["fields_of", "job_fields", "working_for"]

_CURRENT: ContextVar[tuple[str, ActivatedJob, int] | None] = ContextVar(
    "workflow_job", default=None
)


def working_for(service: str, job: ActivatedJob, attempt: int) -> None:
    """Notes that this asyncio task, and the threads that it starts, work for a job."""
    # Only noted: most jobs write no line, and the fields are made for those that do.
    _CURRENT.set((service, job, attempt))


def job_fields() -> dict[str, Any]:
    """The fields of the current job and attempt; empty outside of one."""
    current = _CURRENT.get()
    if current is None:
        return {}
    service, job, attempt = current
    return {**fields_of(service, job), "attempt": attempt}


def fields_of(service: str, job: ActivatedJob) -> dict[str, Any]:
    """The fields that identify a job in a log line."""
    return {
        "service": service,
        "process_id": job.process_id,
        "instance_key": job.instance_key,
        "element_id": job.element_id,
        "job_type": job.job_type,
        "job_key": job.key,
    }
