"""Whether something goes on in a service under test."""

from __future__ import annotations

import asyncio

from typing_extensions import override

from workflow_devkit.testing._observed.journal import RecordLike
from workflow_runtime.gateway.values import ActivatedJob
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

    @override
    def job_started(self, job: ActivatedJob) -> None:
        self.running[job.key] = job.job_type

    @override
    def job_ended(
        self,
        job: ActivatedJob,
        outcome: str,
        seconds: float,
        wait_seconds: float,
    ) -> None:
        self.running.pop(job.key, None)
        self.happened.set()
