"""Jobs: FIFO by key per type, deadlines, backoff, retries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflow_devkit.engine.due_queue import DueQueue
from workflow_devkit.engine.record_values import job_snapshot, job_value
from workflow_devkit.engine.state import OPEN, Job, JobState, Token
from workflow_devkit.engine.store import Store
from workflow_devkit.engine.variable_scopes import View, deep_copy
from workflow_runtime.gateway.errors import FailedPrecondition, InvalidArgument, NotFound
from workflow_runtime.gateway.values import ActivatedJob

__all__ = ["Jobs"]

Listener = Callable[[str], None]

MAX_MESSAGE = 10_000
"""Characters of an error message that Zeebe keeps (semantics#error-message-cut)."""
_ANY_KEY = 2**63
"""Jobs that wait have no moment: their turn is by their key."""


class Jobs:
    """All open jobs, by key and, where they can be activated, by type."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: dict[int, Job] = {}
        self._waiting: dict[str, DueQueue] = {}
        self._due = DueQueue(self._comes_back)
        self._listeners: list[Listener] = []

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs.values()))

    def create(self, token: Token, job_type: str, retries: int, headers: Mapping[str, str]) -> None:
        """Creates an element instance's job, for 0 retries too (semantics#job-retries-default)."""
        job = Job(self._store.next_key(), job_type, retries, headers, token)
        token.job = job
        self._jobs[job.key] = job
        self._write(job, "CREATED")
        self.make_available(job)

    def make_available(self, job: Job) -> None:
        """Puts a job where workers fetch theirs, and tells whoever waits for its type."""
        job.state = JobState.ACTIVATABLE
        queue = self._waiting.get(job.type)
        if queue is None:
            queue = self._waiting[job.type] = DueQueue(self._is_waiting)
        # By its key, so that a job that comes back has its old place (semantics#job-activated).
        queue.add(job.key, job.key)
        for listener in self._listeners:
            listener(job.type)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener`` with the type of each job that becomes activatable.

        Returns:
            What ends that: long polls and streams listen while their gateway is open.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def activate(
        self, job_type: str, worker: str, timeout: int, limit: int, fetch: tuple[str, ...] = ()
    ) -> list[ActivatedJob]:
        """Hands out jobs, oldest first, with the variables of now (semantics#job-activated)."""
        _check_batch(job_type, timeout, limit)
        queue = self._waiting.get(job_type)
        taken: list[ActivatedJob] = []
        while queue and len(taken) < limit and (key := queue.take(_ANY_KEY)) is not None:
            taken.append(self._hand_out(self._jobs[key], worker, timeout, fetch))
        self._forget_if_empty(job_type)
        if taken:
            self._store.write(
                "JOB_BATCH", "ACTIVATED", self._store.next_key(),
                {"type": job_type, "worker": worker, "jobKeys": [job.key for job in taken]},
            )  # fmt: skip
        return taken

    def has_waiting(self, job_type: str) -> bool:
        """Whether a job of this type could be activated now."""
        queue = self._waiting.get(job_type)
        return queue is not None and queue.next_due() is not None

    def find(self, key: int, command: str, verb: str) -> Job:
        """An open job; the rejections' texts are those of ``JobCommandPreconditionGuard``."""
        job = self._jobs.get(key)
        if job is None:
            text = f"Expected to {verb} with key '{key}', but no such job was found"
            raise NotFound(_rejected(command, "NOT_FOUND", text))
        if job.state not in OPEN:
            text = f"Expected to {verb} with key '{key}', but it is in state '{job.state.name}'"
            raise FailedPrecondition(_rejected(command, "INVALID_STATE", text))
        return job

    def complete(self, job: Job, variables: Mapping[str, Any]) -> None:
        """Ends a job with the variables that its worker brings; its element goes on elsewhere."""
        # For its record only: the element gets them by `Lifecycle.complete`.
        job.variables = variables
        del self._jobs[job.key]
        self._write(job, "COMPLETED")

    def fail(self, job: Job, retries: int, message: str, backoff: int) -> None:
        """Counts a failure: back to the workers at once, later or never (semantics#job-backoff)."""
        job.retries = retries
        job.message = _cut(message)
        # Without retries there is nothing to wait for (semantics#job-backoff).
        job.backoff = backoff if retries > 0 else 0
        later = retries > 0 and backoff > 0
        job.recurring = self._store.now() + backoff if later else -1
        job.state = JobState.FAILED
        self._write(job, "FAILED")
        if later:
            self._due.add(job.recurring, job.key)
        elif retries > 0:
            self.make_available(job)

    def throw(
        self, job: Job, code: str, message: str, variables: Mapping[str, Any], *, caught: bool
    ) -> None:
        """Marks a job as one that threw an error; ending it is left to the caller."""
        job.lost = not caught
        job.error_code = code
        job.message = _cut(message)
        job.variables = variables
        job.state = JobState.ERROR_THROWN
        self._write(job, "ERROR_THROWN")

    def update_retries(self, key: int, retries: int) -> None:
        """Sets the retries of a job; resolves no incident (semantics#job-retries-updated)."""
        job = self._jobs.get(key)
        if job is None:
            text = f"Expected to update retries for job with key '{key}', but no such job was found"
            raise NotFound(_rejected("UPDATE_RETRIES", "NOT_FOUND", text))
        if retries < 1:
            text = (
                f"Expected to update retries for job with key '{key}' with a positive amount of "
                f"retries, but the amount given was '{retries}'"
            )
            raise InvalidArgument(_rejected("UPDATE_RETRIES", "INVALID_ARGUMENT", text))
        job.retries = retries
        self._write(job, "RETRIES_UPDATED")

    def update_timeout(self, key: int, timeout: int) -> None:
        """Moves the deadline of a job that is handed out (semantics#job-timeout-moved)."""
        job = self._jobs.get(key)
        if job is None:
            text = f"Expected to update job deadline with key '{key}', but no such job was found"
            raise NotFound(_rejected("UPDATE_TIMEOUT", "NOT_FOUND", text))
        if job.state is not JobState.ACTIVATED:
            text = f"Expected to update the timeout of job with key '{key}', but it is not active"
            raise FailedPrecondition(_rejected("UPDATE_TIMEOUT", "INVALID_STATE", text))
        job.deadline = self._store.now() + timeout
        self._due.add(job.deadline, job.key)
        self._write(job, "TIMEOUT_UPDATED")

    def forget(self, job: Job) -> None:
        """Ends a job whose error has been caught: the catching event goes on instead."""
        self._jobs.pop(job.key, None)
        job.token.job = None

    def cancel(self, job: Job) -> None:
        """Ends a job whose element is terminated."""
        if self._jobs.pop(job.key, None) is not None:
            self._write(job, "CANCELED")
            self._forget_if_empty(job.type)

    def run_due(self) -> None:
        """Gives back jobs whose time-out (semantics#job-timeout) or backoff is over."""
        now = self._store.now()
        while (key := self._due.take(now)) is not None:
            self._wake(self._jobs[key])

    def next_due(self) -> int | None:
        """When the next job comes back."""
        return self._due.next_due()

    def _wake(self, job: Job) -> None:
        timed_out = job.state is JobState.ACTIVATED
        self._write(job, "TIMED_OUT" if timed_out else "RECURRED_AFTER_BACKOFF")
        job.deadline, job.recurring = -1, -1
        self.make_available(job)

    def _is_waiting(self, _: int, key: int) -> bool:
        job = self._jobs.get(key)
        return job is not None and job.state is JobState.ACTIVATABLE

    def _comes_back(self, moment: int, key: int) -> bool:
        job = self._jobs.get(key)
        if job is None:
            return False
        if job.state is JobState.ACTIVATED:
            # A deadline that was moved has an entry of its own; the old one is dropped.
            return job.deadline == moment
        return job.state is JobState.FAILED and job.recurring == moment

    def _forget_if_empty(self, job_type: str) -> None:
        if job_type in self._waiting and not self.has_waiting(job_type):
            # Types can be computed: queues that nobody fills again would pile up.
            del self._waiting[job_type]

    def _hand_out(
        self, job: Job, worker: str, timeout: int, fetch: tuple[str, ...]
    ) -> ActivatedJob:
        job.state = JobState.ACTIVATED
        job.worker = worker
        job.deadline = self._store.now() + timeout
        self._due.add(job.deadline, job.key)
        token = job.token
        instance = token.instance
        view = View(token)
        # The declared names that are there: a missing one is missing, not null.
        scope = {name: view[name] for name in fetch if name in view} if fetch else view.merged()
        return ActivatedJob(
            job.key, job.type, instance.key, instance.process.process_id, instance.process.key,
            instance.process.version, token.node.id, token.key, job.headers, worker, job.retries,
            # A worker in this process must not change the instance's variables by changing its own.
            job.deadline, deep_copy(scope),
        )  # fmt: skip

    def _write(self, job: Job, intent: str) -> None:
        if self._store.records.wanted:
            self._store.write("JOB", intent, job.key, job_value, job_snapshot(job))


def _check_batch(job_type: str, timeout: int, limit: int) -> None:
    """Refuses wrong requests for jobs (semantics#job-activation-refused)."""
    text = "Expected to activate job batch with {} to be {}, but it was {}"
    problems = (
        (not job_type, "type", "present", "blank"),
        (timeout < 1, "timeout", "greater than zero", f"'{timeout}'"),
        # The broker takes 0, against its own words (semantics#job-activation-refused).
        (limit < 0, "max jobs to activate", "greater than zero", f"'{limit}'"),
    )
    for wrong, field, wanted, found in problems:
        if wrong:
            message = text.format(field, wanted, found)
            raise InvalidArgument(_rejected("ACTIVATE", "INVALID_ARGUMENT", message))


def _rejected(command: str, code: str, text: str) -> str:
    return f"Command '{command}' rejected with code '{code}': {text}"


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."
