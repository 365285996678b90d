"""A handler and how its jobs are fetched, with every default filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from workflow_runtime._worker.attempts.retry_budget import MARKER
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.gateway.values import ActivatedJob, JobRequest, StreamRequest
from workflow_runtime.handler_config import TaskHandlerConfig
from workflow_runtime.handlers import BoundHandler
from workflow_runtime.middleware import Middleware
from workflow_runtime.trace_context import OWN_VARIABLES, TRACE_VARIABLES


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
    stalled_after: float
    """Seconds after which its handler counts as stalled."""
    middlewares: tuple[Middleware, ...] = ()
    """What runs around the handler, the outermost first."""
    own: tuple[str, ...] = (MARKER,)
    """Variables that the runtime itself adds to those of the process."""
    asked: frozenset[str] = frozenset()
    """Those of them that the handler asks for by their names all the same."""

    @property
    def fetch(self) -> tuple[str, ...]:
        """Variables to bring along: those that the handler declares, and our own; empty is all."""
        declared = self.handler.fetch
        return () if declared is None else tuple(dict.fromkeys((*declared, *self.own)))

    def within(self, middlewares: Sequence[Middleware], variables: Iterable[str]) -> Subscription:
        """This one in a service whose middlewares run around it, and read these variables."""
        if not middlewares:
            return self
        handler, fetch = self.handler, self.handler.fetch
        if fetch is not None:
            handler = replace(handler, fetch=tuple(dict.fromkeys((*fetch, *variables))))
        return replace(self, handler=handler, middlewares=(*middlewares, *self.middlewares))

    def received(self, job: ActivatedJob) -> ActivatedJob:
        """The job as everybody meets it: with our own variables apart from those of the process."""
        # The hot path: most jobs carry nothing, and nothing is made for them.
        for name in self.own:
            if name in job.variables:
                break
        else:
            return job
        carried = {name: job.variables[name] for name in self.own if name in job.variables}
        hidden = carried.keys() - self.asked
        variables = {name: value for name, value in job.variables.items() if name not in hidden}
        return replace(job, variables=variables, carried=carried)

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
        stalled_after=(config.stalled_handler or settings.stalled_handler).total_seconds(),
        middlewares=config.middleware,
        own=own_variables(settings),
        # A process may have had such names before traces were on. The marker is nobody else's.
        asked=_asked(handler) & set(TRACE_VARIABLES),
    )


def own_variables(settings: WorkflowSettings) -> tuple[str, ...]:
    """What the runtime adds; while no traces are on, the names of their parts are the process's."""
    return (MARKER, *OWN_VARIABLES) if settings.tracing else (MARKER,)


def _asked(handler: BoundHandler) -> frozenset[str]:
    # Whoever has the whole scope may still declare some of it.
    return frozenset(handler.fetch or ()).union(*(each.names for each in handler.reads))
