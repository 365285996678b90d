"""What this process remembers of jobs: only what the poison guard and alerts need."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

_KEPT_MESSAGES = 10
"""Failures of one job that its alert carries."""


@dataclass(slots=True)
class Past:
    """Activations that never came to an end, and what went wrong before."""

    unfinished: int = 0
    messages: list[str] = field(default_factory=list)


class History:
    """The last ``limit`` jobs that did not simply succeed; older ones are forgotten."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._jobs: OrderedDict[int, Past] = OrderedDict()

    def __len__(self) -> int:
        return len(self._jobs)

    def unfinished(self, job_key: int) -> int:
        """How often this job was activated without coming to an end."""
        past = self._jobs.get(job_key)
        return past.unfinished if past else 0

    def abandoned(self, job_key: int) -> None:
        """Counts an activation that ended without any command that the broker took."""
        self._past(job_key).unfinished += 1

    def failed(self, job_key: int, message: str) -> tuple[str, ...]:
        """Notes a failed attempt; returns the messages of the last ten, oldest first."""
        past = self._past(job_key)
        # The broker has taken a failure, so the job did come to an end: the count starts anew.
        past.unfinished = 0
        past.messages = [*past.messages[-(_KEPT_MESSAGES - 1) :], message]
        return tuple(past.messages)

    def done(self, job_key: int) -> None:
        """Forgets a job that has come to its end."""
        # The hot path: mostly there is nothing to forget.
        if self._jobs:
            self._jobs.pop(job_key, None)

    def _past(self, job_key: int) -> Past:
        past = self._jobs.setdefault(job_key, Past())
        self._jobs.move_to_end(job_key)
        if len(self._jobs) > self._limit:
            self._jobs.popitem(last=False)
        return past
