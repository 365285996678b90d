"""A handler and how its jobs are fetched, with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflow_runtime._worker.attempts.retry_budget import MARKER
from workflow_runtime.config import TaskHandlerConfig, WorkflowSettings
from workflow_runtime.gateway.values import JobRequest, StreamRequest
from workflow_runtime.handlers import BoundHandler


@dataclass(frozen=True, slots=True)
class Subscription:
    """One job type of this service."""

    job_type: str
    handler: BoundHandler
    config: TaskHandlerConfig
    worker: str
    job_timeout: timedelta
    long_poll: timedelta
    max_running: int
    stream: bool
    context: tuple[str, ...] = ()
    """Variables that carry the trace."""

    @property
    def fetch(self) -> tuple[str, ...]:
        """Variables to bring along: those that the handler declares, and our own; empty is all."""
        declared = self.handler.fetch
        return () if declared is None else (*declared, MARKER, *self.context)

    def poll(self, max_jobs: int, *, wait: bool = True) -> JobRequest:
        """The request of one poll; without ``wait`` the gateway answers at once."""
        long_poll = self.long_poll if wait else timedelta(0)
        return JobRequest(
            self.job_type, self.worker, self.job_timeout, max_jobs, self.fetch, long_poll
        )

    def push(self) -> StreamRequest:
        """The request of a stream of pushed jobs."""
        return StreamRequest(self.job_type, self.worker, self.job_timeout, self.fetch)


def subscribe(
    job_type: str, handler: BoundHandler, config: TaskHandlerConfig, settings: WorkflowSettings
) -> Subscription:
    """A subscription; what the handler's configuration leaves open is taken from the settings."""
    return Subscription(
        job_type=job_type,
        handler=handler,
        config=config,
        worker=settings.service_name,
        job_timeout=config.job_timeout or settings.job_timeout,
        long_poll=settings.long_poll,
        max_running=config.max_running or settings.max_running,
        stream=settings.stream if config.stream is None else config.stream,
        # As `Tracing.VARIABLES`, whose module needs an extra, OpenTelemetry.
        context=("traceparent", "tracestate") if settings.tracing else (),
    )
