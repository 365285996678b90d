"""The event loop that a service runs on, and the way to it from other threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from workflow_runtime.errors import CommandFailed, Executed, WrongPlace

__all__ = ["OwnLoop", "running_loop"]

Result = TypeVar("Result")

_LOOK = 1.0
"""Seconds between two looks whether the loop still runs, while a thread waits for it."""


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class OwnLoop:
    """The event loop on which it was made, and that thread and process."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.current_thread().name
        self._process = os.getpid()

    @property
    def is_alive(self) -> bool:
        """Whether it may run, in this process."""
        return os.getpid() == self._process and not self._loop.is_closed()

    def check(self) -> None:
        """Lets only coroutines pass that run on this loop.

        Raises:
            WrongPlace: another loop runs this, or another process.
        """
        if running_loop() is self._loop:
            return
        self.check_process()
        if self._loop.is_closed():
            raise WrongPlace(
                "the event loop that this service was started on has ended, and the service with "
                "it: use it within the one asyncio.run that starts it, or start it with "
                "builder.start_in_thread()"
            )
        raise WrongPlace(
            f"this service runs on another event loop, in thread {self._thread}: elsewhere call "
            "the same method of `workflow.sync`, which waits for it (task.sync_workflow in a "
            "handler), or start a service on this loop"
        )

    def check_process(self) -> None:
        """Lets only the process pass that has started the service.

        Raises:
            WrongPlace: this one is a fork of it.
        """
        if os.getpid() != self._process:
            raise WrongPlace(
                f"this service was started by process {self._process}, and this one is a fork of "
                "it, in which neither its event loop nor its connections live: start it in each "
                "process after the fork; docs/how-to/existing-service.md shows where (gunicorn's "
                "post_worker_init, the initializer of a pool)"
            )

    def call(self, command: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Runs a coroutine on this loop and waits for it, in another thread.

        An exception that strikes the waiting thread, such as KeyboardInterrupt, cancels it.

        Args:
            command: makes the coroutine.

        Returns:
            What it returns.

        Raises:
            WrongPlace: this is the loop's own thread, or a fork; or nobody runs the loop.
            CommandFailed: the loop has ended, before or meanwhile.
            Exception: what the coroutine raises.
        """
        self._check_outside()
        coroutine = command()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:
            coroutine.close()
            raise _stopped("no") from None
        try:
            return self._wait(future)
        except concurrent.futures.CancelledError:
            raise _stopped("unknown") from None
        finally:
            future.cancel()

    def _check_outside(self) -> None:
        self.check_process()
        if running_loop() is self._loop:
            raise WrongPlace(
                "a method that blocks is called on the event loop that it waits for, where it "
                "would wait for ever: `await` the same method of the Workflow (task.workflow in a "
                "handler), or call it in a thread: `await asyncio.to_thread(...)`"
            )
        if self._loop.is_closed():
            raise _stopped("no")
        if not self._loop.is_running():
            raise WrongPlace(
                "nobody runs this service's event loop now, so this would wait for ever: use "
                "builder.start_in_thread(), which runs one for as long as the service lives"
            )

    def _wait(self, future: concurrent.futures.Future[Result]) -> Result:
        still = 0
        while True:
            done, _ = concurrent.futures.wait([future], timeout=_LOOK)
            if done:
                return future.result()
            # Twice: between two `run_until_complete` it stands still for a moment.
            still = 0 if self._loop.is_running() else still + 1
            if still > 1:
                raise _stopped("unknown")


def _stopped(executed: Executed) -> CommandFailed:
    return CommandFailed("the service has stopped", status="UNAVAILABLE", executed=executed)
