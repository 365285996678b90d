"""Whether something goes on in a service under test."""

from __future__ import annotations

import asyncio

from workflow_devkit.testing._observed.journal import RecordLike
from workflow_runtime.gateway.port import ActivatedJob
from workflow_runtime.observers import Observer

__all__ = ["Activity"]


class Activity(Observer):
    """Knows the handlers that run, and tells when something has happened.

    Attributes:
        happened: set with each record of the engine and each end of a handler; who waits for it
            clears it.
        running: the task types of the jobs whose handlers run, by the job's key.
    """

    def __init__(self) -> None:
        self.happened = asyncio.Event()
        self.running: dict[int, str] = {}

    def note(self, _: RecordLike) -> None:
        """Takes in a record of the engine."""
        self.happened.set()

    def job_started(self, job: ActivatedJob) -> None:
        """A handler is about to be called."""
        self.running[job.key] = job.job_type

    def job_ended(
        self,
        job: ActivatedJob,
        outcome: str,  # noqa: ARG002 - however it ended
        seconds: float,  # noqa: ARG002 - however long it took
        wait_seconds: float,  # noqa: ARG002 - however long it waited
    ) -> None:
        """A handler has ended, and the engine was told."""
        self.running.pop(job.key, None)
        self.happened.set()
