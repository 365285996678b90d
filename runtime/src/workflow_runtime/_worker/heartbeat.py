"""Extending the timeouts of running jobs: one loop for each type, at a third of the timeout."""

from __future__ import annotations

import asyncio
import time

from workflow_runtime._worker.runner import Runner
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import FailedPrecondition, GatewayError, NotFound

_SHORTEST = 0.01
"""Seconds: a timeout of milliseconds must not make a loop that never rests."""


class Heartbeat:
    """Extends the jobs of one runner."""

    def __init__(self, context: WorkerContext, runner: Runner) -> None:
        self._context = context
        self._runner = runner
        self._tick = max(runner.subscription.job_timeout.total_seconds() / 30, _SHORTEST)
        # asyncio itself holds its tasks by weak references only.
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Looks thirty times in each timeout, until cancelled."""
        while True:
            await asyncio.sleep(self._tick)
            self.beat()

    def beat(self) -> list[asyncio.Task[None]]:
        """Extends every job that is due; returns the calls that have been begun."""
        now = time.monotonic()
        due = [running for running in self._runner.jobs if running.extend_at <= now]
        return [self._begin(each) for each in due if not (each.extending or each.cancel_reason)]

    def _begin(self, running: Running) -> asyncio.Task[None]:
        running.extending = True
        task = asyncio.create_task(self._extend(running))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _extend(self, running: Running) -> None:
        try:
            await self._runner.extend(running)
            self._context.observers.heartbeat(running.job.job_type)
        except NotFound:
            self._give_up(running)
        except FailedPrecondition:
            self._timed_out(running)
        except GatewayError as error:
            # Tried again at the next tick: two thirds of the timeout are left for it.
            self._context.observers.command_resent("UpdateJobTimeout", error.status)
        finally:
            running.extending = False

    def _give_up(self, running: Running) -> None:
        # Without a handler the command is under way: its answer says what has become of the job.
        if not running.handling or running.task is None:
            return
        running.cancel_reason = "gone"
        # A thread goes on; what it brings is refused by the engine, and harms nobody.
        if self._runner.can_be_cancelled:
            running.task.cancel()
        self._context.repeats.say(
            ("gone while it ran", running.job.job_type),
            "INFO",
            "job {} ({}) is gone: its instance has ended, or somebody else finished it",
            running.job.key,
            running.job.job_type,
        )

    def _timed_out(self, running: Running) -> None:
        # Nobody holds it now; its end will be taken unless somebody else is faster
        # (semantics#job-late-completion).
        # Ten ticks are a third of the timeout, as after an extension.
        running.extend_at = time.monotonic() + self._tick * 10
        self._context.repeats.say(
            ("timed out while it ran", running.job.job_type),
            "INFO",
            "job {} ({}) has timed out at the broker; its handler goes on",
            running.job.key,
            running.job.job_type,
        )
