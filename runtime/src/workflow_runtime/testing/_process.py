"""Whole processes in a test: the service as it is, on the embedded engine with a moved clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.engine import ControlledClock, Engine
from workflow_runtime.engine.records import Record
from workflow_runtime.gateway.embedded import EmbeddedGateway
from workflow_runtime.gateway.port import ActivatedJob, Gateway, Scope
from workflow_runtime.task import WorkflowTask
from workflow_runtime.telemetry.signals import Observer
from workflow_runtime.testing._coverage.collector import collect
from workflow_runtime.testing._diagrams import Diagrams
from workflow_runtime.testing._faults import Faults, observe
from workflow_runtime.testing._journal import InstanceEntry, Journal
from workflow_runtime.workflow import Workflow

if TYPE_CHECKING:
    import pytest

__all__ = ["Clock", "Instance", "Mock", "Process", "ProcessEnvironment", "environment_for"]

PATIENCE = 10.0
"""Seconds of real time that `Process.wait_idle` gives to handlers."""


class Instance:
    """A process instance under test; `assert_that` takes it."""

    def __init__(self, key: int, process_id: str, journal: Journal, diagrams: Diagrams) -> None:
        self.key = key
        self.process_id = process_id
        self.diagrams = diagrams
        self._journal = journal

    @property
    def entry(self) -> InstanceEntry:
        """All that the records told of it."""
        return self._journal.instances[self.key]

    @property
    def scope(self) -> Mapping[str, Any]:
        """Its variables now."""
        return self.entry.scope()


class Mock:
    """A handler for a task of somebody else; ``calls`` holds the scopes that it was called with."""

    def __init__(self, answer: Any) -> None:
        self.calls: list[dict[str, Any]] = []
        self._answer = answer

    async def handle(self, task: WorkflowTask) -> Any:
        """Answers as told: a value, an exception, or what a function makes of the task."""
        self.calls.append(dict(task.scope))
        if isinstance(self._answer, BaseException):
            raise self._answer
        answer = self._answer(task) if callable(self._answer) else self._answer
        return await answer if asyncio.iscoroutine(answer) else answer


class Clock:
    """The engine's clock."""

    def __init__(self, gateway: EmbeddedGateway, settle: Callable[[], Any]) -> None:
        self._gateway = gateway
        self._settle = settle

    async def advance(self, duration: timedelta | None = None, **parts: float) -> None:
        """Moves on by ``duration`` or by parts (``days=30``); handlers run at their moments."""
        engine = self._gateway.engine
        end = engine.clock.now_ms() + _milliseconds(duration or timedelta(**parts))
        await self._settle()
        while (due := engine.next_due()) is not None and due <= end:
            await self._move_to(due)
            await self._settle()
        await self._move_to(end)

    async def skip(self) -> bool:
        """Jumps to whatever is due next; false if nothing ever is."""
        due = self._gateway.engine.next_due()
        if due is None:
            return False
        await self._move_to(due)
        return True

    async def _move_to(self, moment: int) -> None:
        now = self._gateway.engine.clock.now_ms()
        await self._gateway.advance(timedelta(milliseconds=max(0, moment - now)))


def _milliseconds(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)


class _Pulse(Observer):
    """Tells that something has happened: a record, or the end of a job."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()

    def note(self, _: Record) -> None:
        self.happened.set()

    def job_ended(
        self,
        job: ActivatedJob,  # noqa: ARG002 - any job
        outcome: str,  # noqa: ARG002 - however it ended
        seconds: float,  # noqa: ARG002 - as above
        wait_seconds: float,  # noqa: ARG002 - as above
    ) -> None:
        self.happened.set()


class Process:
    """A running service and its engine, inside a test."""

    def __init__(self, builder: WorkflowBuilder) -> None:
        self._engine_gateway = EmbeddedGateway(Engine(ControlledClock(), keep_records=None))
        self.journal = Journal()
        self.diagrams = Diagrams()
        self.faults = Faults()
        self.clock = Clock(self._engine_gateway, self.wait_idle)
        self.gateway: Gateway = observe(self._engine_gateway, self.faults, self.diagrams)
        self.workflow: Workflow
        self._pulse = _Pulse()
        self._builder = builder.with_gateway(self.gateway).with_observer(self._pulse)
        self._types = set(builder.job_types)
        self._mocks: list[asyncio.Task[Workflow]] = []
        records = self._engine_gateway.engine.records
        records.subscribe(self.journal.note)
        records.subscribe(self._pulse.note)

    async def start(self, process_id: str, scope: Scope | None = None) -> Instance:
        """Starts an instance."""
        started = await self.workflow.start_process(process_id, scope)
        return Instance(started.key, started.process_id, self.journal, self.diagrams)

    async def publish(
        self, name: str, *, correlation_key: str = "", scope: Scope | None = None, **options: Any
    ) -> None:
        """Publishes an event; options are those of `Workflow.publish_event`."""
        await self.workflow.publish_event(
            name, correlation_key=correlation_key, scope=scope, **options
        )

    def mock(self, job_type: str, answer: Any = None) -> Mock:
        """Handles a task of another service: with a result, an exception, or a function."""
        mock = Mock(answer)
        builder = WorkflowBuilder("mock", gateway=self.gateway, observers=[self._pulse])
        builder.with_handler(job_type, mock)
        self._types.add(job_type)
        self._mocks.append(asyncio.create_task(builder.run()))
        return mock

    async def wait_idle(self) -> None:
        """Waits until nothing can happen by itself: every job is done, backs off or is stuck.

        Raises:
            TimeoutError: handlers took more than ten seconds; names their jobs.
        """
        try:
            await asyncio.wait_for(self._settled(), PATIENCE)
        except TimeoutError:
            names = ", ".join(sorted({job.job_type for job in self._busy()})) or "no job"
            raise TimeoutError(f"not idle after {PATIENCE:g} s: {names}") from None

    async def skip_idle(self) -> None:
        """Lets everything happen that ever will, jumping over the time in which nothing does."""
        await self.wait_idle()
        while await self.clock.skip():
            await self.wait_idle()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        """Starts the service and stops it at the end."""
        try:
            async with self._builder.running() as self.workflow:
                yield self
                for mock in self._mocks:
                    await (await mock).stop(grace=0)
        finally:
            collect(self.diagrams, self.journal)
            await self._engine_gateway.close()

    async def _settled(self) -> None:
        await self.workflow.deployed()
        while self._busy():
            self._pulse.happened.clear()
            await self._pulse.happened.wait()

    def _busy(self) -> list[Any]:
        jobs = self.journal.jobs.values()
        return [job for job in jobs if job.job_type in self._types and job.may_run()]


class ProcessEnvironment:
    """``async with process_environment(builder) as process:`` runs a service in a test."""

    def __call__(self, builder: WorkflowBuilder) -> Any:
        """A context manager that gives a `Process`; nothing outside the test is touched."""
        return Process(builder).running()


def environment_for(request: pytest.FixtureRequest) -> ProcessEnvironment:
    """The environment that the command line asks for."""
    _ = request
    return ProcessEnvironment()
