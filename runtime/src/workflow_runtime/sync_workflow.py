"""The control interface for code that has no event loop: each call waits for its end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from workflow_runtime._log.job_fields import CurrentJob, part_of
from workflow_runtime.control import Control
from workflow_runtime.foreign_words import with_foreign_words
from workflow_runtime.health import Health

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["SyncWorkflow"]

P = ParamSpec("P")
Result = TypeVar("Result")


def _blocking(
    method: Callable[Concatenate[Control, P], Coroutine[Any, Any, Result]],
) -> Callable[Concatenate[SyncWorkflow, P], Result]:
    """A method for other threads: it runs on the service's event loop, and is waited for."""

    def call(self: SyncWorkflow, /, *args: P.args, **named: P.kwargs) -> Result:
        return self._call(lambda: method(self._workflow, *args, **named))

    functools.update_wrapper(call, method)
    return call


def _at_once(
    method: Callable[Concatenate[Control, P], Result],
) -> Callable[Concatenate[SyncWorkflow, P], Result]:
    """A method that needs no event loop."""

    def call(self: SyncWorkflow, /, *args: P.args, **named: P.kwargs) -> Result:
        self._workflow.own_loop.check_process()
        with part_of(self._job):
            return method(self._workflow, *args, **named)

    functools.update_wrapper(call, method)
    return call


@with_foreign_words
class SyncWorkflow:
    """A running service as code without an event loop uses it, from any thread.

    `WorkflowBuilder.start_in_thread` returns one, ``workflow.sync`` and ``task.sync_workflow`` are
    others of a service that runs already. Its methods are those of `Workflow`, with the same
    arguments, results and errors; each waits for its end. A KeyboardInterrupt meanwhile gives the
    command up. On the service's own event loop, and in a fork of its process, they raise
    `WrongPlace`; on another event loop they block it: ``await asyncio.to_thread(...)``.

    As a context manager it stops the service at the end of the block.

    Args:
        workflow: the service.
        job: for which job its calls work; None for none.
        after_stop: called when `stop` has stopped the service.
    """

    def __init__(
        self,
        workflow: Workflow,
        job: CurrentJob | None = None,
        after_stop: Callable[[], object] | None = None,
    ) -> None:
        self._workflow = workflow
        self._job = job
        self._after_stop = after_stop

    start_process = _blocking(Control.start_process)
    start_process_and_wait = _blocking(Control.start_process_and_wait)
    start_process_once = _blocking(Control.start_process_once)
    publish_event = _blocking(Control.publish_event)
    publish_later = _at_once(Control.publish_later)
    broadcast_signal = _blocking(Control.broadcast_signal)
    cancel_process = _blocking(Control.cancel_process)
    set_scope = _blocking(Control.set_scope)
    update_retries = _blocking(Control.update_retries)
    resolve_incident = _blocking(Control.resolve_incident)
    deployed = _blocking(Control.deployed)

    def _call(self, command: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        with part_of(self._job):
            return self._workflow.own_loop.call(command)

    def health(self) -> Health:
        """Looks at the service.

        Returns:
            A snapshot for probes and people.

        Raises:
            WrongPlace: this process is a fork of the service's.
        """
        self._workflow.own_loop.check_process()
        return self._workflow.health()

    def stop(self, grace: float | timedelta | None = None) -> int:
        """Drains and closes: fetches nothing more, tells handlers, waits, hands back what is left.

        Called again, it waits for the same end.

        Args:
            grace: how long handlers may go on, seconds or a timedelta; None is the settings'.

        Returns:
            How many handlers could not be ended: threads cannot be cancelled.

        Raises:
            WrongPlace: this is the service's own event loop, or a fork of its process.
        """
        stopped = self._workflow.stopped
        if stopped is None:
            stopped = self._call(lambda: self._workflow.stop(grace))
        if self._after_stop is not None:
            self._after_stop()
        return stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
