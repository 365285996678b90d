"""A service in a thread of its own, beside a program that has no event loop."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from loguru import logger

from workflow_runtime._worker.loop_exits import run_through_exits
from workflow_runtime._worker.shutdown import BEYOND_GRACE, end_soon
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.sync_workflow import SyncWorkflow

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder

__all__ = ["start_in_thread"]

_RUNNING: dict[int, ServiceThread] = {}
"""By the builder's identity."""


def start_in_thread(builder: WorkflowBuilder) -> SyncWorkflow:
    """Starts a service on an event loop in a thread; returns when it runs.

    Args:
        builder: whose service it is.

    Raises:
        ConfigurationError: it runs already, or cannot be started with its settings.
        Exception: what a lifespan hook raised.
    """
    service = ServiceThread(builder)
    if _RUNNING.setdefault(id(builder), service) is not service:
        raise ConfigurationError(
            "the service of this builder runs already in a thread of this process: keep what "
            "start_in_thread() has returned and use it everywhere, or stop it first"
        )
    return service.start()


class ServiceThread:
    """One run of a service: its thread, and the event loop there.

    A daemon: the interpreter does not wait for such a thread, which is told to drain first.
    """

    def __init__(self, builder: WorkflowBuilder) -> None:
        self._builder = builder
        name = f"workflow-{builder.settings.service_name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._started: Future[SyncWorkflow] = Future()
        self._stuck = 0

    def start(self) -> SyncWorkflow:
        """Starts, and waits until the lifespan hooks have started or one has failed."""
        try:
            self._thread.start()
            return self._started.result()
        except BaseException:
            # KeyboardInterrupt too, while a hook starts.
            self.end()
            _RUNNING.pop(id(self._builder), None)
            raise

    def end(self, seconds: float = BEYOND_GRACE) -> bool:
        """Asks the service to drain and waits for the end of its thread.

        Args:
            seconds: how long to wait.

        Returns:
            Whether it has ended, and all its handlers have.
        """
        if self._thread.is_alive():
            # It may end by itself meanwhile, and close its loop; or it has never had one.
            with contextlib.suppress(RuntimeError, OSError):
                loop, asked = self._begun.result()
                loop.call_soon_threadsafe(asked.set)
            self._thread.join(seconds)
        return not (self._thread.is_alive() or self._stuck)

    def end_at_exit(self) -> None:
        """Drains at the end of the interpreter, which goes on in the end whatever does not."""
        grace = self._builder.settings.grace.total_seconds()
        if not self.end(grace + BEYOND_GRACE):
            # The interpreter waits for the threads of handlers: for ever, if need be.
            logger.error("the service did not end: this process does, in some seconds")
            end_soon()

    def _run(self) -> None:
        try:
            run_through_exits(self._serve)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the start hears it
            logger.opt(exception=error).error("the service in this thread has ended")
            for waited in (self._begun, self._started):
                if not waited.done():
                    waited.set_exception(error)
        finally:
            _RUNNING.pop(id(self._builder), None)

    async def _serve(self, asked: asyncio.Event) -> None:
        self._begun.set_result((asyncio.get_running_loop(), asked))
        waiting = asyncio.ensure_future(asked.wait())
        starting = asyncio.ensure_future(self._builder.run())
        await asyncio.wait({waiting, starting}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            # It ends what it has begun, in an orderly way.
            starting.cancel()
        try:
            workflow = await starting
        except BaseException as error:  # noqa: BLE001 - raised where the service was started
            self._started.set_exception(error)
            return
        self._started.set_result(SyncWorkflow(workflow, after_stop=self.end))
        await waiting
        self._stuck = await workflow.stop()


def _end_all() -> None:
    for service in list(_RUNNING.values()):
        service.end_at_exit()


# Before the interpreter waits for the threads of handlers, as `concurrent.futures` has it do at
# the same place, which has no public name; where it is gone, the usual exit hooks have to do.
getattr(threading, "_register_atexit", atexit.register)(_end_all)
# A child that is forked has none of these threads.
os.register_at_fork(after_in_child=_RUNNING.clear)
