"""The jobs in hand: each once, from its arrival until its end is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from workflow_runtime._worker.job_slots import JobSlots
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.values import ActivatedJob

if TYPE_CHECKING:
    import asyncio

CancelReason = Literal["", "shutdown", "gone", "unsent"]


@dataclass(slots=True, eq=False)
class Running:
    """A job in hand; times are monotonic seconds."""

    job: ActivatedJob
    started: float
    deadline: float
    """When the broker may give the job away, as far as we know."""
    extend_at: float
    """When its timeout is to be extended next."""
    task: asyncio.Task[None] | None = None
    """What runs it; None while it waits for a slot."""
    handling: bool = True
    """Whether its handler has not ended yet; then only a command is to be sent."""
    extending: bool = False
    slot_released: bool = False
    """Whether its slot was given on, because only the gateway keeps it from its end."""
    redelivery: ActivatedJob | None = None
    """The same job as it came back while it was in hand."""
    reported_failures: int | None = None
    """Failures that the broker knows of, once it has taken that this attempt has failed."""
    cancel_reason: CancelReason = ""
    """Why this worker has cancelled it; empty while it has not, whoever else may have."""
    ended: bool = False
    """Whether the gateway has taken its end, or it has come to its end elsewhere."""

    def extended(self, seconds: float) -> None:
        """Notes that the broker has given the job so many seconds from now on."""
        now = time.monotonic()
        self.deadline, self.extend_at = now + seconds, now + seconds / 3


class RunningJobs:
    """The jobs of one type; ``begin`` is called for each of them once it has a slot."""

    def __init__(
        self,
        context: WorkerContext,
        subscription: Subscription,
        begin: Callable[[Running], None],
    ) -> None:
        self.slots = JobSlots(subscription.max_running, context.total)
        self._observers = context.observers
        self._observed = context.observers.watch_jobs
        self._timeout = subscription.job_timeout.total_seconds()
        self._received = subscription.received
        self._begin = begin
        self._by_key: dict[int, Running] = {}

    def __iter__(self) -> Iterator[Running]:
        # A copy: health looks from other threads.
        return iter(list(self._by_key.values()))

    def accept(self, job: ActivatedJob) -> None:
        """Takes a job that has come from the gateway."""
        job = self._received(job)
        known = self._by_key.get(job.key)
        if known is not None:
            # It timed out at the broker and came back here while its handler still runs; or its
            # failure was taken, and it is faster than the answer.
            known.redelivery = job
            known.extended(self._timeout)
            return
        now = time.monotonic()
        running = Running(job, now, now + self._timeout, now + self._timeout / 3)
        self._by_key[job.key] = running
        if self._observed:
            self._observers.job_activated(job)
        self.slots.take(partial(self._begin, running))

    def release(self, running: Running) -> None:
        """Lets go of a job that has come to its end."""
        del self._by_key[running.job.key]
        if running.slot_released:
            self.slots.end_late()
        else:
            self.slots.release()
