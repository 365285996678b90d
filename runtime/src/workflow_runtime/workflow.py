"""A running service: its commands, its health, its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

from workflow_runtime._log.job_fields import CurrentJob
from workflow_runtime._log.repeats import write_all
from workflow_runtime._worker.health_check import check_health
from workflow_runtime._worker.worker import Worker
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.control import Control
from workflow_runtime.deployment import Deployment
from workflow_runtime.health import Health
from workflow_runtime.lifespan import Lifespan, LifespanHook
from workflow_runtime.sync_workflow import SyncWorkflow
from workflow_runtime.trace_context import TraceContext

__all__ = ["Workflow"]


class Workflow(Control):
    """A running service, and what it can do with processes; made by `WorkflowBuilder.run`.

    It belongs to the event loop that has started it; other threads use ``sync``.

    Every command waits at most ``command_timeout``, an argument or of the settings, for the
    deployment and resends too, and raises `CommandFailed` when the engine refuses it or cannot be
    reached, or the service has stopped; its ``executed`` says whether the command surely had no
    effect. One that must not be executed twice is sent again only while it was not
    (semantics#grpc-back-pressure). On another event loop, or in a fork of the process, it raises
    `WrongPlace`.

    Args:
        context: name, gateway and observers, which the worker has too.
        settings: the service's settings.
        worker: started here; it fetches jobs once the lifespan hooks have started.
        deployment: brings the processes to the engine; it is started here.
        owns_gateway: whether the gateway is closed with the service.
        lifespan_hooks: what starts and stops with the service.
        tracing: adds a trace's context to what is sent, if traces are on.
    """

    def __init__(
        self,
        context: WorkerContext,
        settings: WorkflowSettings,
        worker: Worker,
        deployment: Deployment,
        *,
        owns_gateway: bool = True,
        lifespan_hooks: Sequence[LifespanHook] = (),
        tracing: TraceContext,
    ) -> None:
        super().__init__(context.gateway, context.observers, settings, deployment, tracing)
        context.bind(self)
        self.settings = settings
        self._worker = worker
        self._owns_gateway = owns_gateway
        self._lifespan = Lifespan(lifespan_hooks)
        self._deploying = asyncio.get_running_loop().create_task(deployment.run())
        self._stopping: asyncio.Task[int] | None = None
        worker.start()

    async def start_lifespan_hooks(self) -> None:
        """Starts the lifespan hooks, in the order given, then fetches: handlers may use them."""
        await self._lifespan.start(self)
        if self._stopping is None:
            self._worker.fetch()

    @property
    def sync(self) -> SyncWorkflow:
        """These commands for other threads: each waits for its end, and needs no ``await``."""
        return SyncWorkflow(self)

    def sync_in(self, job: CurrentJob | None) -> SyncWorkflow:
        """Makes ``sync`` for a handler: what it publishes belongs to that job in any thread.

        Args:
            job: whose handler it is; None outside of one.

        Returns:
            The commands of this service, blocking.
        """
        return SyncWorkflow(self, job)

    def health(self) -> Health:
        """Looks at the service; may be called from any thread.

        Returns:
            A snapshot for probes and people.
        """
        return check_health(
            self.settings,
            self._worker,
            self._deployment,
            stopping=self._stopping is not None,
            events_waiting=len(self._buffer),
            outbox=self._lifespan.outbox_health(),
        )

    @property
    def stopped(self) -> int | None:
        """What `stop` has returned; None until it has."""
        stopping = self._stopping
        return stopping.result() if stopping is not None and stopping.done() else None

    async def stop(self, grace: float | timedelta | None = None) -> int:
        """Drains and closes: fetches nothing more, tells handlers, waits, hands back what is left.

        Called again, it waits for the same end.

        Args:
            grace: how long handlers may go on, seconds or a timedelta; None is the settings'.

        Returns:
            How many handlers could not be ended: threads cannot be cancelled.

        Raises:
            WrongPlace: this is another event loop than the service's, or a fork of its process.
        """
        if self.stopped is not None:
            return self.stopped
        self.own_loop.check()
        if self._stopping is None:
            grace = self.settings.grace if grace is None else grace
            seconds = grace.total_seconds() if isinstance(grace, timedelta) else grace
            self._stopping = asyncio.get_running_loop().create_task(self._stop(seconds))
        return await asyncio.shield(self._stopping)

    async def _stop(self, grace: float) -> int:
        self._deploying.cancel()
        self._deployment.end()
        until = time.monotonic() + grace
        # Handlers first: until their end they may publish, and hooks may serve them.
        stuck = await self._worker.stop(grace)
        await self._buffer.flush(until - time.monotonic())
        await self._lifespan.stop(until)
        # What the hooks have still had to say.
        await self._buffer.flush(until - time.monotonic())
        await self._buffer.close()
        if self._owns_gateway:
            await self.gateway.close()
        # What was counted since the last minute: nobody tells it later.
        write_all()
        self._worker.tell_the_end()
        return stuck
