"""What this process remembers of jobs: only what the poison guard and alerts need."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

_KEPT_MESSAGES = 10
"""Failures of one job that its alert carries."""
_LONGEST = 2_000
"""Characters of each."""
_KEPT_TEXT = 1_000_000
"""Characters of all messages: of more, those of the jobs that failed longest ago are forgotten."""


@dataclass(slots=True)
class Past:
    """Activations that never came to an end, and what went wrong before."""

    unfinished: int = 0
    messages: tuple[str, ...] = ()


class History:
    """The last ``limit`` jobs that did not simply succeed; older ones are forgotten."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._jobs: OrderedDict[int, Past] = OrderedDict()
        self._text = 0

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
        short = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
        messages = (*past.messages[-(_KEPT_MESSAGES - 1) :], short)
        self._text += _length(messages) - _length(past.messages)
        past.messages = messages
        while self._text > _KEPT_TEXT and len(self._jobs) > 1:
            self._drop(self._jobs.popitem(last=False)[1])
        return messages

    def done(self, job_key: int) -> None:
        """Forgets a job that has come to its end."""
        # The hot path: mostly there is nothing to forget.
        if self._jobs:
            self._drop(self._jobs.pop(job_key, None))

    def _past(self, job_key: int) -> Past:
        past = self._jobs.setdefault(job_key, Past())
        self._jobs.move_to_end(job_key)
        if len(self._jobs) > self._limit:
            self._drop(self._jobs.popitem(last=False)[1])
        return past

    def _drop(self, past: Past | None) -> None:
        if past is not None:
            self._text -= _length(past.messages)


def _length(messages: Iterable[str]) -> int:
    return sum(map(len, messages))
