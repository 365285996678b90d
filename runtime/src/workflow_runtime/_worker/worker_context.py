"""What all parts of a worker share."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_runtime._log.repeats import Repeats
from workflow_runtime._log.state_log import StateLog
from workflow_runtime._worker.attempts.history import History
from workflow_runtime._worker.job_slots import TotalSlots
from workflow_runtime._worker.solo import Solo
from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.observers import Observers
from workflow_runtime.task import Shutdown

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

LAST_COMMANDS = 5.0
"""Seconds for handing back what the end of the service cuts off."""


def _nothing() -> None:
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
    uncaught: Callable[[ActivatedJob, str], bool] = _caught
    """Whether nobody catches this error of a job, as far as the diagrams say."""
    away: bool = False
    """Whether the last poll or probe was refused."""
    exception_texts: bool = False
    """Whether log lines have the texts of handlers' exceptions."""
    repeats: Repeats = field(default_factory=Repeats)
    """Log lines that a fault repeats."""
    token_log: StateLog = field(default_factory=StateLog)
    """Says once for all task types why there is no token."""
    closing: float = math.inf
    """When the last command must have left, in monotonic seconds."""
    polls: set[asyncio.Task[None]] = field(default_factory=set)
    """What fetches jobs, for as long as it is not ended on purpose."""
    incidents: set[int] = field(default_factory=set)
    """Jobs that became incidents here, to tell when they end well after all."""
    workflow: Workflow | None = None
    """What handlers control processes with; a test of a single handler has none."""
    handed_back: list[tuple[str, int]] = field(default_factory=list)
    """Type and key of each job that a stop has given back."""
    solo: Solo = field(init=False)
    """Gives jobs that may have killed a process a time alone."""

    def __post_init__(self) -> None:
        """Makes what is made of the rest."""
        self.solo = Solo(self.total)

    def bind(self, workflow: Workflow) -> None:
        """Gives handlers the control interface.

        Not by the constructor: it is made of this context, and of the worker that has it.
        """
        self.workflow = workflow

    def notice_loop_end(self) -> bool:
        """Looks whether the whole event loop ends, which cancels every task; then time is short.

        `asyncio.run` does that when its main function has ended, or a SystemExit has left the loop.
        """
        if not any(poll.cancelling() for poll in self.polls):
            return False
        self.closing = min(self.closing, time.monotonic() + LAST_COMMANDS)
        return True

    def answered(self) -> None:
        """Notes that the gateway has answered; after an outage ``on_return`` is called."""
        if self.away:
            self.away = False
            self.token_log.enter("", "INFO", "there are tokens again, and the gateway answers")
            self.on_return()

    def refused(self, error: GatewayError) -> None:
        """Notes that the gateway has refused, or is away, or that there is no token for it."""
        self.away = True
        if error.no_token:
            text = "nothing can be asked of the gateway: no token: {}; asking until there is one"
            self.token_log.enter(error.message, "WARNING", text, error.message)
