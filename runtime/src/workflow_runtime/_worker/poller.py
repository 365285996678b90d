"""Fetching the jobs of one type until the service stops."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime._worker.poll_state import PollState
from workflow_runtime._worker.runner import Runner
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import GatewayError, GatewayInternal, MessageTooLarge
from workflow_runtime.gateway.retrying import GatewayBackoff
from workflow_runtime.gateway.values import ActivatedJob

_BESIDE_STREAM = 10.0
"""Seconds between empty polls while new jobs are pushed."""
_WAITED = 0.005
"""Seconds for a pushed job to come: longer means that nothing was buffered."""


class Poller:
    """One long poll after the other, and a stream beside it if wanted.

    ``state`` is what health reads.
    """

    def __init__(self, context: WorkerContext, runner: Runner) -> None:
        self.state = PollState()
        self._context = context
        self._runner = runner
        self._subscription = runner.subscription
        self._stop = asyncio.Event()
        # Within three seconds after an outage there is work again (tests/reliability).
        self._backoff = GatewayBackoff(maximum=1.0)
        self._backlog = False
        # How many jobs are asked for at once: fewer while so many are too large for one answer.
        self._most = runner.subscription.max_running
        self._log = StateLog(context.repeats)
        self._stream_log = StateLog(context.repeats)
        """Its state says why nothing is pushed; then polls may not be slow."""
        self.pushed_at = 0.0
        """When a job was pushed last, or the stop began: monotonic seconds."""

    def stop(self) -> None:
        """Asks for nothing more; what the poll in flight still brings is handed back."""
        # The runner first: a poll that ends now must find it stopping.
        self._runner.stopping = True
        self._stop.set()
        self.pushed_at = time.monotonic()
        self._runner.jobs.slots.wake()

    async def poll(self) -> None:
        """Polls until stopped."""
        if (task := asyncio.current_task()) is not None:
            self._context.polls.add(task)
        while not self._stop.is_set():
            self.state.turned = None
            room = await self._runner.jobs.slots.batch(backlog=self._backlog)
            self.state.turned = time.monotonic()
            if room > 0 and not self._stop.is_set():
                await self._poll_once(room)

    async def stream(self) -> None:
        """Reads pushed jobs until stopped, one at a time while there is room."""
        backoff = GatewayBackoff(maximum=1.0)
        while not self._stop.is_set():
            try:
                await self._read_stream(backoff)
            except GatewayError as error:
                await self._stream_refused(error, backoff)
            except Exception as error:  # noqa: BLE001 - a stream is opened again, whatever ends it
                await self._stream_refused(GatewayInternal(kind_and_place(error)), backoff)

    async def _stream_refused(self, error: GatewayError, backoff: GatewayBackoff) -> None:
        job_type = self._subscription.job_type
        text = "jobs of {} are not pushed: {} {}; they are polled"
        answer = error.message[:300]
        # Why there is no token the polls have said.
        level = "DEBUG" if error.no_token else "WARNING"
        self._stream_log.enter(error.status, level, text, job_type, error.status, answer)
        self._context.observers.poll_failed(job_type, error.status)
        await self._pause(backoff.after(error))

    async def _poll_once(self, room: int) -> None:
        # At the start and after a refusal an answer at once says that the gateway is there.
        known = self.state.last_ok is not None and not self.state.last_error
        room = min(room, self._most)
        request = self._subscription.poll(room, wait=known)
        try:
            jobs = await self._context.gateway.activate_jobs(request)
        except MessageTooLarge as error:
            await self._too_large(error, room)
            return
        except GatewayError as error:
            await self._refused(error)
            return
        except Exception as error:  # noqa: BLE001 - a poller never ends
            await self._refused(GatewayInternal(kind_and_place(error)))
            return
        self._answered()
        # A full batch: more jobs wait at the broker.
        self._backlog = len(jobs) >= room
        if jobs and self._most < self._subscription.max_running:
            self._most += 1
        for job in jobs:
            self._runner.jobs.accept(job)
        # New jobs are pushed; a poll finds only what was there before (semantics#job-stream).
        if known and not jobs and self._subscription.stream and not self._stream_log.state:
            await self._pause(_BESIDE_STREAM)

    async def _read_stream(self, backoff: GatewayBackoff) -> None:
        stream = self._context.gateway.stream_jobs(self._subscription.push())
        emptied = time.monotonic()
        try:
            while not self._stop.is_set():
                await self._runner.jobs.slots.one()
                asked = time.monotonic()
                job = await anext(stream, None)
                if job is None:
                    return
                backoff.reset()
                self._stream_log.state = ""
                now = self.pushed_at = time.monotonic()
                if now - asked > _WAITED:
                    emptied = now
                if not self._is_stale(job, now - emptied):
                    self._runner.jobs.accept(job)
            await self._hand_back_pushed(stream)
        finally:
            # At once, not at the next garbage collection: as long as it is open, jobs are pushed.
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    async def _hand_back_pushed(self, stream: AsyncIterator[ActivatedJob]) -> None:
        # What lies in the line's buffers is ours: it goes back now, not when it times out. Only
        # after the end of the stream: what is handed back would be pushed again. The worker ends it
        # when nothing comes any more.
        pushed: list[ActivatedJob] = []
        try:
            with contextlib.suppress(GatewayError):
                async for job in stream:
                    pushed.append(job)
                    self.pushed_at = time.monotonic()
        finally:
            for job in pushed:
                self._runner.jobs.accept(job)

    def _is_stale(self, job: ActivatedJob, age: float) -> bool:
        # It lay too long in the line's buffers: the broker gives it to somebody else. The wall
        # clock alone does not decide, it may differ from the broker's.
        timeout = self._subscription.job_timeout.total_seconds()
        return age > timeout and job.deadline / 1000 < time.time()

    def _answered(self) -> None:
        self.state.last_ok = time.monotonic()
        self._backoff.reset()
        self.state.last_error = ""
        if self._log.state:
            text = "jobs of {}, perhaps of other types too, are fetched now, after {:.0f} s"
            self._log.enter("", "INFO", text, self._subscription.job_type, self._log.lasted)
        self._context.answered()
        self._context.observers.poll_ok(self._subscription.job_type)

    async def _refused(self, error: GatewayError) -> None:
        job_type = self._subscription.job_type
        self.state.last_error = error.reason
        # What all have in common is told once, by whichever is first: /health has all of them.
        text = "jobs of {}, perhaps of other types too, cannot be fetched: {} {}; "
        text += "trying again until it works"
        answer = error.message[:300]
        if not error.no_token:
            self._log.enter(error.status, "WARNING", text, job_type, error.status, answer)
        self._context.refused(error)
        self._context.observers.poll_failed(job_type, error.status)
        await self._pause(self._backoff.after(error))

    async def _too_large(self, error: MessageTooLarge, asked: int) -> None:
        """Asks for fewer; what did not arrive is nobody's until its timeout."""
        job_type = self._subscription.job_type
        self._most = max(1, asked // 2)
        self.state.last_error = f"{error.status}: jobs are too large for an answer"
        self._log.enter(
            "too large",
            "ERROR",
            "{} jobs of {} are too large for one answer: {}; fewer are fetched at a time. Fetch "
            "only the variables that the handler needs (a typed scope, or variables=), or let "
            "larger messages through",
            asked,
            job_type,
            error.message[:300],
        )
        self._context.observers.poll_failed(job_type, error.status)
        await self._pause(self._backoff.after(error))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
