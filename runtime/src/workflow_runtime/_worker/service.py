"""What all parts of a worker share."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_runtime._worker.history import History
from workflow_runtime._worker.slots import Total
from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.port import ActivatedJob, Gateway, Scope
from workflow_runtime.observers import Observers
from workflow_runtime.task import Shutdown

if TYPE_CHECKING:
    from workflow_runtime.telemetry.tracing import Tracing


def _nothing() -> None:
    pass


def _caught(_job: ActivatedJob, _code: str) -> bool:
    return False


@dataclass(slots=True)
class Service:
    """One service in one process."""

    name: str
    gateway: Gateway
    total: Total
    observers: Observers = field(default_factory=Observers)
    resolver: DependencyResolver | None = None
    tracing: Tracing | None = None
    history: History = field(default_factory=History)
    shutdown: Shutdown = field(default_factory=Shutdown)
    on_return: Callable[[], None] = _nothing
    """Called when the gateway answers again after it was away."""
    uncaught: Callable[[ActivatedJob, str], bool] = _caught
    """Whether nobody catches this error of a job, as far as the diagrams say."""
    away: bool = False
    closing: float = math.inf
    """When the last command must have left, in monotonic seconds."""
    incidents: set[int] = field(default_factory=set)
    """Jobs that became incidents here, to tell when they end well after all."""

    def carry(self, scope: Scope) -> Scope:
        """A scope that is sent later: with the current trace's context, if traces are on."""
        return scope if self.tracing is None else self.tracing.carry(scope)

    def sending(self, what: str, name: str, scope: Scope) -> AbstractContextManager[Scope]:
        """What is sent of a scope now, within a span of its own if traces are on."""
        return (
            nullcontext(scope) if self.tracing is None else self.tracing.sending(what, name, scope)
        )

    def received(self, scope: Scope) -> Scope:
        """What is shown of a scope that comes from the engine: not the trace's context."""
        return scope if self.tracing is None else self.tracing.without_context(scope)

    def answered(self) -> None:
        """The gateway has answered."""
        if self.away:
            self.away = False
            self.on_return()

    def refused(self, error: GatewayError) -> bool:
        """The gateway has refused or is away; true if that is news."""
        news, self.away = not self.away, True
        return bool(news and error)


@dataclass(slots=True, eq=False)
class Running:
    """A job in hand; times are monotonic seconds."""

    job: ActivatedJob
    started: float
    deadline: float
    """When the broker may give the job away, as far as we know."""
    due: float
    """When its timeout is to be extended next."""
    task: object = None
    handling: bool = True
    """Whether its handler has not ended yet; then only a command is to be sent."""
    extending: bool = False
    lent: bool = False
    """Whether its slot was given on, because only the gateway keeps it from its end."""
    noted: bool = False
    """Whether the broker was told that its handler begins."""
    again: ActivatedJob | None = None
    """The same job as it came back while it was in hand."""
    told: int | None = None
    """Failures that the broker knows of, once it has taken that this attempt has failed."""
    cut: str = ""
    """Why its handler was broken off: "shutdown" or "gone"."""
