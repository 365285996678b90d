"""What all parts of a worker share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from workflow_runtime._worker.attempts.history import History
from workflow_runtime._worker.job_slots import TotalSlots
from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.observers import Observers
from workflow_runtime.task import Shutdown


def _nothing() -> None:
    pass


def _unheeded(_process_id: str, _version: int) -> None:
    pass


def _caught(_job: ActivatedJob, _code: str) -> bool:
    return False


@dataclass(slots=True)
class WorkerContext:
    """What the parts of a worker share: one service in one process."""

    name: str
    gateway: Gateway
    total: TotalSlots
    observers: Observers = field(default_factory=Observers)
    resolver: DependencyResolver | None = None
    history: History = field(default_factory=History)
    shutdown: Shutdown = field(default_factory=Shutdown)
    on_return: Callable[[], None] = _nothing
    """Called when the gateway answers again after it was away."""
    on_version: Callable[[str, int], None] = _unheeded
    """Told of the process and the version that jobs come from, one of each batch."""
    uncaught: Callable[[ActivatedJob, str], bool] = _caught
    """Whether nobody catches this error of a job, as far as the diagrams say."""
    away: bool = False
    """Whether the last poll or probe was refused."""
    closing: float = math.inf
    """When the last command must have left, in monotonic seconds."""
    incidents: set[int] = field(default_factory=set)
    """Jobs that became incidents here, to tell when they end well after all."""

    def answered(self) -> None:
        """Notes that the gateway has answered; after an outage ``on_return`` is called."""
        if self.away:
            self.away = False
            self.on_return()

    def refused(self) -> None:
        """Notes that the gateway has refused, or is away."""
        self.away = True
