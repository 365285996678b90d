"""Which job the current code works for: log lines name it, ids of events are made of it.

No scope values.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow_runtime.gateway.values import ActivatedJob

__all__ = [
    "CurrentJob",
    "counting_for",
    "current_job",
    "fields_of",
    "job_fields",
    "job_in",
    "part_of",
    "working_for",
]


@dataclass(slots=True, eq=False)
class CurrentJob:
    """A job on one attempt, as all tasks and threads see it that its handler starts."""

    service: str
    job: ActivatedJob
    attempt: int
    ended: bool = False
    """Whether its handler has ended; what it left running works for nobody any more."""
    layer: str = ""
    """Whose events are counted: those of the handler, or of a middleware around it."""
    _counts: dict[tuple[str, ...], Iterator[int]] = field(default_factory=dict)
    _apart: CurrentJob | None = None

    def position(self, *what: str) -> str:
        """Counts from 1, by itself for each ``what``; threads may ask at once."""
        # Both are one step of the interpreter: no two threads get one number.
        return f"{self.layer}{next(self._counts.setdefault(what, count(1)))}"

    def apart(self) -> CurrentJob:
        """This job in threads that know neither of it nor of the layer that has begun them."""
        with _MAKING:
            if self._apart is None:
                self._apart = CurrentJob(
                    self.service, self.job, self.attempt, layer=f"{self.layer}thread-"
                )
            return self._apart


_MAKING = Lock()
_CURRENT: ContextVar[CurrentJob | None] = ContextVar("workflow_job", default=None)


def working_for(service: str, job: ActivatedJob, attempt: int) -> CurrentJob:
    """Notes that this asyncio task, and the threads that it starts, work for a job."""
    # Only noted: most jobs write no line, and the fields are made for those that do.
    current = CurrentJob(service, job, attempt)
    _CURRENT.set(current)
    return current


@contextmanager
def counting_for(layer: str) -> Iterator[CurrentJob]:
    """Counts the events of one call by themselves, of the handler or of a middleware.

    Args:
        layer: begins each position; empty for the handler.

    Yields:
        The job as this call sees it.
    """
    outer = _CURRENT.get()
    if outer is None:  # pragma: no cover - it is the worker that calls
        raise LookupError("no job")
    current = CurrentJob(outer.service, outer.job, outer.attempt, layer=layer)
    _CURRENT.set(current)
    try:
        yield current
    finally:
        current.ended = True
        # By `set`: a coroutine that is thrown away may be closed in another context.
        _CURRENT.set(outer)


@contextmanager
def part_of(current: CurrentJob | None) -> Iterator[None]:
    """Has what is begun here work for a job too, in a thread that does not know of it.

    Args:
        current: the job; None leaves it as it is, and so does one whose handler has ended.
    """
    if current is None or current.ended or _CURRENT.get() is not None:
        yield
        return
    token = _CURRENT.set(current.apart())
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_job() -> CurrentJob | None:
    """The job whose handler is running here; None outside of one, and after its end."""
    current = _CURRENT.get()
    return None if current is None or current.ended else current


def job_in(context: Context) -> CurrentJob | None:
    """The job that somebody else's context works for; None for nobody's."""
    return context.get(_CURRENT)


def job_fields() -> dict[str, Any]:
    """The fields of the current job and attempt; empty outside of one."""
    current = _CURRENT.get()
    if current is None:
        return {}
    return {**fields_of(current.service, current.job), "attempt": current.attempt}


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
