"""Threads for what the runtime itself waits for, beside asyncio's default ones.

Those are few, and belong to handlers (`asyncio.to_thread`): a channel or a name server that does
not answer must not take them, nor may handlers that take them all keep a token or an alert from us.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

__all__ = ["OwnThreads", "own_lookups"]

Result = TypeVar("Result")

_LOOKUPS = 32
"""Names that are looked up at once; the same name by many is one lookup."""


class OwnThreads:
    """Calls that block, each in a thread that starts and ends with it.

    A process does not wait for them at its end: they are daemons, and one that hangs is left.

    Args:
        name: of the threads, for who looks at a stack.
        limit: calls at once; more wait, and so does one behind a call that was given up.
    """

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._room = asyncio.Semaphore(limit)

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """Calls in a thread, with the context variables of the caller.

        Args:
            function: what blocks.
            *args: its arguments.

        Returns:
            What it returns.

        Raises:
            Exception: what it raises.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # A service that starts once more does not wait for what hung before.
            self._loop, self._room = loop, asyncio.Semaphore(self._limit)
        room = self._room
        await room.acquire()
        ended: asyncio.Future[Result] = loop.create_future()

        def end(give: Callable[[Any], None], value: Any) -> None:
            room.release()
            # Whoever waited may have given up.
            if not ended.done():
                give(value)

        def call() -> None:
            outcome: tuple[Callable[[Any], None], Any]
            try:
                outcome = ended.set_result, function(*args)
            except BaseException as error:  # noqa: BLE001 - whoever waits hears it
                outcome = ended.set_exception, _as_failure(error)
            # The loop may have been closed: nobody waits any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(end, *outcome)

        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(call,), name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there is no room for one more in this process
            room.release()
            raise
        return await ended


def _as_failure(error: BaseException) -> Exception:
    # A future refuses StopIteration, and SystemExit of a channel is no end of the service.
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")


def own_lookups(loop: asyncio.AbstractEventLoop) -> None:
    """Has names looked up in threads of their own, by every library on this loop.

    Args:
        loop: whose ``getaddrinfo`` is replaced; one that has its own way (uvloop) keeps it.
    """
    if isinstance(loop, asyncio.BaseEventLoop) and not isinstance(loop.getaddrinfo, partial):
        lookups: dict[Any, asyncio.Task[Any]] = {}
        look_up = partial(_look_up, OwnThreads("lookup", _LOOKUPS), lookups)
        loop.getaddrinfo = look_up  # type: ignore[method-assign]  # the way of every library


async def _look_up(
    threads: OwnThreads,
    lookups: dict[Any, asyncio.Task[Any]],
    host: Any,
    port: Any,
    *,
    family: int = 0,
    type: int = 0,  # noqa: A002 - as asyncio calls it
    proto: int = 0,
    flags: int = 0,
) -> Any:
    key = (host, port, family, type, proto, flags)
    if key not in lookups:
        task = asyncio.get_running_loop().create_task(threads.run(socket.getaddrinfo, *key))
        lookups[key] = task
        task.add_done_callback(lambda _: lookups.pop(key))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
    # Shielded: who gives up must not take the answer from the others.
    return await asyncio.shield(lookups[key])
