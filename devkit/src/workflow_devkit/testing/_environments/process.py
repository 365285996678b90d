"""A running service and its engine inside a test, and when nothing more can happen in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from workflow_devkit.testing._coverage.collector import collect
from workflow_devkit.testing._environments.backends import Backend
from workflow_devkit.testing._environments.faults import Faults
from workflow_devkit.testing._environments.instance import Instance
from workflow_devkit.testing._environments.mock import Mock
from workflow_devkit.testing._environments.observed_gateway import observe
from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_devkit.testing._observed.journal import Journal, RecordLike
from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.gateway.port import ActivatedJob, Gateway, Scope
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.model import PublishedEvent, WorkflowEvent
from workflow_runtime.workflow import Workflow

__all__ = ["Process"]

_MOST_SKIPS: Final = 10_000
"""Jumps after which `Process.skip_idle` takes a timer for an endless one."""


class _Activity(Observer):
    """Sets an event whenever something has happened, and knows the handlers that run."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()
        self.running: dict[int, str] = {}

    def note(self, _: RecordLike) -> None:
        self.happened.set()

    def job_started(self, job: ActivatedJob) -> None:
        self.running[job.key] = job.job_type

    def job_ended(
        self,
        job: ActivatedJob,
        outcome: str,  # noqa: ARG002 - however it ended
        seconds: float,  # noqa: ARG002 - however long it took
        wait_seconds: float,  # noqa: ARG002 - however long it waited
    ) -> None:
        self.running.pop(job.key, None)
        self.happened.set()


class Process:
    """A running service and its engine, inside a test.

    Attributes:
        workflow: the service's own control interface.
        clock: the engine's clock.
        faults: what shall go wrong between the service and the engine.
        gateway: the port to the engine, faults included.
    """

    workflow: Workflow

    def __init__(
        self, builder: WorkflowBuilder, backend: Backend, *, skips_idle: bool = False
    ) -> None:
        self.journal = Journal()
        self.diagrams = Diagrams()
        self.faults = Faults()
        self.clock = backend.clock(self._settle)
        self.gateway: Gateway = observe(backend.gateway, self.faults, self.diagrams)
        self._backend = backend
        self._skips_idle = skips_idle
        self._activity = _Activity()
        self._builder = builder.with_gateway(self.gateway).with_observer(self._activity)
        self._types = set(builder.job_types)
        self._mocks: list[Workflow] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._started: list[int] = []
        backend.follow(self.journal.note)
        backend.follow(self._activity.note)

    async def start(self, process_id: str, scope: Scope | None = None) -> Instance:
        """Starts an instance, once the diagrams are deployed."""
        started = await self.workflow.start_process(process_id, scope)
        self._started.append(started.key)
        return Instance(started.key, started.process_id, self.journal, self.diagrams)

    async def publish(
        self,
        event: str | WorkflowEvent,
        *,
        correlation_key: str = "",
        scope: Scope | None = None,
        **options: Any,
    ) -> PublishedEvent:
        """Publishes an event; options are those of `Workflow.publish_event`."""
        return await self.workflow.publish_event(
            event, correlation_key=correlation_key, scope=scope, **options
        )

    def mock(self, job_type: str, answer: Any = None) -> Mock:
        """Handles a task of another service: with a result, an exception, or a function.

        Raises:
            ValueError: this service handles the type itself; replace its handler by
                ``process_environment(builder, mocks={...})``.
        """
        if job_type in self._types:
            raise ValueError(
                f"{job_type!r} has a handler in this service: replace it by "
                f"process_environment(builder, mocks={{{job_type!r}: ...}})"
            )
        mock = Mock(answer)
        builder = WorkflowBuilder("mock", gateway=self.gateway, observers=[self._activity])
        self._types.add(job_type)
        task = asyncio.create_task(self._run_mock(builder.with_handler(job_type, mock)))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        return mock

    async def wait_idle(self) -> None:
        """Waits until nothing can happen by itself: every job is done, backs off or is stuck.

        With ``skip_idle`` it also jumps over the time in which nothing happens.

        Raises:
            TimeoutError: handlers took more than ten seconds (a minute on a broker); names their
                jobs.
        """
        await self._settle()
        if self._skips_idle:
            await self.skip_idle()

    async def skip_idle(self) -> None:
        """Lets everything happen that ever will, jumping over the time in which nothing does.

        Raises:
            TimeoutError: a timer that repeats for ever would never let it end.
        """
        await self._settle()
        for _ in range(_MOST_SKIPS):
            if not self._any_active() or not await self.clock.skip():
                return
            await self._settle()
        raise TimeoutError(f"something is due again after {_MOST_SKIPS} jumps: a repeating timer?")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        """Starts the service and stops it at the end."""
        try:
            async with self._builder.running() as self.workflow:
                try:
                    yield self
                finally:
                    self.faults.end_polls()
                    await self._stop_mocks()
                    await self._backend.clear(self._started)
        finally:
            collect(self.diagrams, self.journal)
            await self._backend.close()

    async def _run_mock(self, builder: WorkflowBuilder) -> None:
        self._mocks.append(await builder.run())

    async def _stop_mocks(self) -> None:
        await asyncio.gather(*self._starting)
        await asyncio.gather(*(mock.stop(grace=0) for mock in self._mocks))

    def _any_active(self) -> bool:
        return any(instance.is_active for instance in self.journal.instances.values())

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(self._backend.patience):
                await self._settled()
        except TimeoutError:
            raise TimeoutError(
                f"not idle after {self._backend.patience:g} s of real time; still at work: "
                f"{', '.join(sorted(self._busy())) or 'nothing that this test knows'}"
            ) from None

    async def _settled(self) -> None:
        await self.workflow.deployed()
        while await self._backend.has_news() or self._busy():
            self._activity.happened.clear()
            if self._busy():
                await self._backend.wait(self._activity.happened)

    def _busy(self) -> set[str]:
        jobs = (job for job in self.journal.jobs.values() if job.may_run())
        to_do = {job.job_type for job in jobs if job.job_type in self._types}
        return to_do | set(self._activity.running.values())
