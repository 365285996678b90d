"""All subscriptions of a service, from start to drained."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.lines import write_line
from workflow_runtime._log.repeats import counted
from workflow_runtime._worker.commands import command
from workflow_runtime._worker.farewell import Farewell
from workflow_runtime._worker.gateway_probe import GatewayProbe
from workflow_runtime._worker.heartbeat import Heartbeat
from workflow_runtime._worker.loop_watch import LoopWatch
from workflow_runtime._worker.outcome import HandBack, HandBackReason
from workflow_runtime._worker.poller import Poller
from workflow_runtime._worker.runner import Runner
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.stalls import StallWatch
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.worker_context import LAST_COMMANDS, WorkerContext
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.health import TypeHealth
from workflow_runtime.threads import own_lookups

_QUIET = 0.2
"""Seconds without a pushed job after which nothing is left in the line's buffers."""
_PUSHED = 3.0
"""Seconds for reading what was pushed, on a line where it never gets quiet."""
_LATE_JOBS = 0.5
"""Seconds that polls in flight stay open after the last handler has ended."""
_ABANDONED = 1.0
"""Seconds for handing back what does not end."""


class Worker:
    """Fetches and runs jobs until it is stopped."""

    def __init__(
        self,
        context: WorkerContext,
        subscriptions: Sequence[Subscription],
    ) -> None:
        self._context = context
        self._runners = [Runner(context, subscription) for subscription in subscriptions]
        self._pollers = [Poller(context, runner) for runner in self._runners]
        self._polls: list[asyncio.Task[None]] = []
        self._streams: list[asyncio.Task[None]] = []
        self._background: list[asyncio.Task[None]] = []
        self.watch = LoopWatch(context.repeats, self._handler_of)
        limits = {each.job_type: each.stalled_after for each in subscriptions}
        self.stalls = StallWatch(context.name, context.repeats, self._in_hand, limits)
        self._fetching = False
        self._farewell: Farewell | None = None
        # Polls tell it as well, and an engine in this process is always there.
        self.gateway_probe = (
            None if self._runners or context.gateway.in_process else GatewayProbe(context)
        )

    def start(self) -> None:
        """Starts the tasks that watch the loop and the gateway; nothing is fetched yet."""
        own_lookups(asyncio.get_running_loop())
        self._background = [_task(self.watch.run())]
        if self.gateway_probe is not None:
            self._background.append(_task(self.gateway_probe.run()))

    def fetch(self) -> None:
        """Starts the tasks that poll, read pushed jobs and extend timeouts."""
        self._fetching = True
        self._polls = [_task(poller.poll()) for poller in self._pollers]
        self._streams = [
            _task(poller.stream())
            for poller, runner in zip(self._pollers, self._runners, strict=True)
            if runner.subscription.stream
        ]
        self._background.append(_task(self.stalls.run()))
        self._background += [
            _task(Heartbeat(self._context, runner).run())
            for runner in self._runners
            if runner.subscription.config.heartbeat
        ]

    def health(self) -> dict[str, TypeHealth]:
        """Each job type by its name, as it is now."""
        now = time.monotonic()
        return {
            runner.subscription.job_type: poller.state.type_health(
                now, [running.started for running in runner.jobs]
            )
            for poller, runner in zip(self._pollers, self._runners, strict=True)
        }

    async def stop(self, grace: float) -> int:
        """Drains; returns how many handlers could not be ended.

        Args:
            grace: seconds that running handlers have; all of it takes a few seconds more.
        """
        farewell = Farewell(self._context, self._in_hand(), grace)
        # A service that has not begun to work says why, and nothing else.
        if self._fetching:
            self._farewell = farewell
            farewell.begin()
        # Nothing new comes first; then nothing waits for a slot; then handlers are told.
        for poller in self._pollers:
            poller.stop()
        self._context.total.close()
        self._context.solo.close()
        self._context.shutdown.set()
        await self._end_streams()
        await self._wait_for_handlers(grace)
        await self._end_polls()
        self._cancel_handlers(farewell)
        await self._wait_for_handlers(LAST_COMMANDS)
        stuck = await self._give_up()
        # Only now: what is still being sent needs its job for longer.
        await _end(self._background)
        stuck += sum(self._close(runner) for runner in self._runners)
        farewell.goes_on(stuck)
        return stuck

    def tell_the_end(self) -> None:
        """Logs what has become of the jobs in hand, once all else has stopped too."""
        if self._farewell is not None:
            self._farewell.tell()

    def _close(self, runner: Runner) -> int:
        threads = runner.close()
        if threads:
            text = "{} of {} cannot be ended: a thread goes on until it returns"
            handlers = counted(threads, "def handler")
            write_line("ERROR", text, handlers, runner.subscription.job_type)
        return threads

    async def _wait_for_handlers(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (tasks := list(_tasks(self._in_hand()))) and (left := until - time.monotonic()) > 0:
            await asyncio.wait(tasks, timeout=left)

    async def _end_streams(self) -> None:
        # Readers collect what was pushed already, and give it back when they are ended. Not after a
        # fixed time: on a busy machine the line's buffers take longer to read.
        until = time.monotonic() + _PUSHED
        while not all(stream.done() for stream in self._streams):
            now = time.monotonic()
            left = min(until, max(each.pushed_at for each in self._pollers) + _QUIET) - now
            if left <= 0:
                break
            await asyncio.wait(self._streams, timeout=left)
        await _end(self._streams)

    async def _end_polls(self) -> None:
        # In process a cancelled poll loses nothing; over a line its answer may be under way.
        if self._polls and not self._context.gateway.in_process:
            await asyncio.wait(self._polls, timeout=_LATE_JOBS)
        await _end(self._polls)

    def _cancel_handlers(self, farewell: Farewell) -> None:
        self._context.closing = time.monotonic() + LAST_COMMANDS
        for running in self._in_hand():
            if running.handling and running.task is not None:
                farewell.cuts_off(running)
                running.cancel_reason = "shutdown"
                running.task.cancel()

    async def _give_up(self) -> int:
        left = self._in_hand()
        # What only waits for the gateway is returned by its timeout.
        unsent = [running for running in left if not running.handling]
        for running in unsent:
            running.cancel_reason = "unsent"
        await _end([running.task for running in unsent if running.task is not None])
        # Handlers that swallow their cancellation: their jobs go back over their heads.
        stuck = [running for running in left if running.handling]
        await asyncio.gather(*(self._give_back(running.job) for running in stuck))
        return len(stuck)

    async def _give_back(self, job: ActivatedJob) -> None:
        text = "the handler of {} does not end: job {} is handed back over its head"
        self._context.repeats.say(("stuck", job.job_type), "ERROR", text, job.job_type, job.key)
        outcome = HandBack(job.retries, HandBackReason.STUCK)
        try:
            await asyncio.wait_for(command(self._context.gateway, job, outcome), _ABANDONED)
        except Exception as error:  # noqa: BLE001 - the job's timeout returns it as well
            text, why = "job {} was not handed back: {}", kind_and_place(error)
            self._context.repeats.say(("kept", job.job_type), "WARNING", text, job.key, why)
        else:
            self._context.handed_back.append((job.job_type, job.key))

    def _handler_of(self, task: asyncio.Task[Any]) -> str:
        found = (each.job for each in self._in_hand() if each.task is task)
        return next((f"the handler of {job.job_type} (job {job.key})" for job in found), "")

    def _in_hand(self) -> list[Running]:
        return [running for runner in self._runners for running in runner.jobs]


def _task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(work)


def _tasks(running: Iterable[Running]) -> Iterable[asyncio.Task[Any]]:
    return (each.task for each in running if each.task is not None)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
