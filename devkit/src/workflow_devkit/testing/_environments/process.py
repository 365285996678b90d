"""A running service and its engine inside a test, and when nothing more can happen in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from workflow_devkit.testing._coverage.collector import collect
from workflow_devkit.testing._environments.activity import Activity
from workflow_devkit.testing._environments.backends import Backend
from workflow_devkit.testing._environments.faults import Faults
from workflow_devkit.testing._environments.instance import Instance
from workflow_devkit.testing._environments.instances import Instances
from workflow_devkit.testing._environments.mock import Mock, MockServices
from workflow_devkit.testing._environments.observed_gateway import Caused, observe
from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_devkit.testing._observed.journal import Journal
from workflow_runtime._worker.subscription import own_variables
from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import Scope
from workflow_runtime.publishing.model import PublishedEvent, WorkflowEvent
from workflow_runtime.visible import visible
from workflow_runtime.workflow import Workflow

__all__ = ["Process"]

_MOST_SKIPS: Final = 10_000
"""Jumps after which `Process.skip_idle` takes a timer for an endless one."""


class Process:
    """A running service and its engine, inside a test.

    Args:
        builder: the service; it gets the test's gateway and an observer.
        backend: the engine that it runs on.
        skips_idle: whether `wait_idle` jumps over time in which nothing happens.

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
        self.journal = Journal(own_variables(builder.settings))
        self.diagrams = Diagrams()
        # Before they are deployed, which happens in the background.
        self.diagrams.add(builder.resources)
        self._instances = Instances(self.journal, self.diagrams)
        self.faults = Faults()
        self.clock = backend.clock(self._settle)
        self._caused = Caused()
        self.gateway: Gateway = observe(backend.gateway, self.faults, self.diagrams, self._caused)
        self._backend = backend
        self._skips_idle = skips_idle
        self._activity = Activity()
        self._builder = builder.with_gateway(self.gateway).with_observer(self._activity)
        # Nobody works on jobs of other types: to wait for them would never end.
        self._types = set(builder.job_types)
        self._mocks = MockServices(self.gateway, self._activity, tracing=builder.settings.tracing)
        backend.follow(self.journal.note)
        backend.follow(self._activity.note)

    async def start(self, process_id: str, scope: Scope | None = None) -> Instance:
        """Starts an instance, once the diagrams are deployed.

        Args:
            process_id: the id of the process in its diagram.
            scope: the variables that the instance starts with.

        Returns:
            The instance, to be looked at while it runs.
        """
        started = await self.workflow.start_process(process_id, scope)
        return Instance(started.key, started.process_id, self.journal, self.diagrams)

    async def instance(self, process_id: str, /, **scope: Any) -> Instance:
        """The one instance of a process, whatever has started it.

        Waits until it is there, or until nothing can happen by itself any more. To be sure that no
        second one begins, call `wait_idle` before.

        Args:
            process_id: the id of the process in its diagram.
            scope: variables that it holds, where there are several instances.

        Returns:
            The instance, to be looked at while it runs.

        Raises:
            AssertionError: there is none, or there are several, or no such process; names those
                that there are, and which diagrams the engine has refused.
            TimeoutError: handlers took more than ten seconds (a minute on a broker).
        """
        await self._settle(lambda: bool(self._instances.of(process_id, scope)))
        try:
            return self._instances.only(process_id, scope)
        except AssertionError as error:
            status = self.workflow.health().deployment
            if not status.startswith("refused"):
                raise
            raise AssertionError(visible(f"{error}\nthe diagrams were {status}")) from None

    def instances(self, process_id: str = "", /, **scope: Any) -> list[Instance]:
        """All instances that have begun so far, whatever has started them, ended ones too.

        Call ``await process.wait_idle()`` before.

        Args:
            process_id: the id of a process in its diagram; without it, instances of all.
            scope: variables that they hold.

        Returns:
            The instances, in the order in which they began.

        Raises:
            AssertionError: no diagram of the test has such a process.
        """
        return self._instances.of(process_id, scope)

    async def publish(
        self,
        event: str | WorkflowEvent,
        *,
        correlation_key: str = "",
        scope: Scope | None = None,
        **options: Any,
    ) -> PublishedEvent:
        """Publishes an event, once the diagrams are deployed.

        Args:
            event: its name, or a typed event.
            correlation_key: finds the instances that wait for it.
            scope: the variables that it brings.
            options: what else `Workflow.publish_event` takes.

        Returns:
            Its name and id, and whether the engine had it already.
        """
        # What waits nowhere is not started later (semantics#message-start).
        await self.workflow.deployed()
        return await self.workflow.publish_event(
            event, correlation_key=correlation_key, scope=scope, **options
        )

    def mock(self, job_type: str, answer: Any = None) -> Mock:
        """Handles a task of another service.

        Args:
            job_type: the task type.
            answer: a result, an exception to be raised, or a function that takes the
                `WorkflowTask` and gives the result.

        Returns:
            The mock, which knows the scopes that it was called with.

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
        self._types.add(job_type)
        self._mocks.start(job_type, mock)
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
        """Runs the service for the time of a ``with`` block.

        Yields:
            This process, once the service has started.
        """
        try:
            async with self._builder.running() as self.workflow:
                try:
                    yield self
                finally:
                    # First: a long poll of the mocks or the service would keep the test waiting.
                    self.faults.end_polls()
                    await self._mocks.stop()
                    await self._backend.clear(self._instances.active_of(self._caused))
        finally:
            # What a failed test has passed counts too.
            collect(self.diagrams, self.journal)
            await self._backend.close()

    def _any_active(self) -> bool:
        return any(instance.is_active for instance in self.journal.instances.values())

    async def _settle(self, enough: Callable[[], bool] = lambda: False) -> None:
        try:
            async with asyncio.timeout(self._backend.patience):
                await self._settled(enough)
        except TimeoutError:
            raise TimeoutError(
                f"not idle after {self._backend.patience:g} s of real time; still at work: "
                f"{', '.join(sorted(self._busy())) or 'nothing that this test knows'}"
            ) from None

    async def _settled(self, enough: Callable[[], bool]) -> None:
        """Waits until there is enough, or no more news and nothing to do for any handler."""
        # A service deploys after it has started: before that, nothing to do would look like idle.
        await self.workflow.deployed()
        while not enough() and (await self._backend.has_news() or self._busy()):
            # Cleared before looking again: what happens in between is not missed.
            self._activity.happened.clear()
            if self._busy() and not enough():
                await self._backend.wait(self._activity.happened)

    def _busy(self) -> set[str]:
        """Task types of the jobs that handlers of this test work on, or may work on now."""
        jobs = (job for job in self.journal.jobs.values() if job.may_run())
        to_do = {job.job_type for job in jobs if job.job_type in self._types}
        # A handler goes on when its job has timed out (docs/decisions/late-handlers-go-on.md).
        return to_do | set(self._activity.running.values())
