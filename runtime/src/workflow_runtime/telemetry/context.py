"""Which job the current code works for: set by the worker, read by logs and traces."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from workflow_runtime.gateway.port import ActivatedJob

__all__ = ["fields", "working_for"]

_CURRENT: ContextVar[tuple[str, ActivatedJob, int] | None] = ContextVar(
    "workflow_job", default=None
)


def working_for(service: str, job: ActivatedJob, attempt: int) -> None:
    """Everything in this asyncio task, and in the threads it starts, works for this job."""
    _CURRENT.set((service, job, attempt))


def fields() -> dict[str, Any]:
    """What a log line says of the current job; empty outside of one. No scope values."""
    current = _CURRENT.get()
    if current is None:
        return {}
    service, job, attempt = current
    return {
        "service": service,
        "process_id": job.process_id,
        "instance_key": job.instance_key,
        "element_id": job.element_id,
        "job_type": job.job_type,
        "job_key": job.key,
        "attempt": attempt,
    }
