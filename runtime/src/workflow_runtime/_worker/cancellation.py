"""Cancellations that come from elsewhere: a handler's own code, a library, the end of the loop.

Whoever holds a job's asyncio task can cancel it, and at any moment: asyncio counts how often it was
asked to (`asyncio.Task.cancelling`), and libraries that swallow a cancellation do not always take
it back. None of that may keep a job from its one command.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_ROUNDS = 10
"""Of waiting for cancellations that have not struck yet."""


async def forget_cancellations(task: asyncio.Task[Any] | None) -> None:
    """Takes back whatever has cancelled the current task so far, what has not struck yet too.

    Some never end: a scope of anyio that is not left cancels its task in every round of the loop.
    Who waits for anything after this uses `beyond_cancellation`.
    """
    for _ in range(_ROUNDS):
        # The hot path: nobody was cancelled, and nothing is waited for.
        if task is None or not task.cancelling():
            return
        _take_back(task)
        # Before Python 3.13 one that is taken back strikes at the next wait all the same.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)


async def beyond_cancellation(
    work: Coroutine[Any, Any, Result], is_ours: Callable[[], bool]
) -> Result:
    """Waits for work to its end; only a cancellation of which ``is_ours`` says so ends it."""
    current = asyncio.current_task()
    # In a task that nobody knows.
    task = asyncio.get_running_loop().create_task(work)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # It may have ended in the very round of the loop in which this one is cancelled.
            if task.cancelled() or is_ours():
                task.cancel()
                raise
            if current is not None:
                _take_back(current)


def _take_back(task: asyncio.Task[Any]) -> None:
    while task.cancelling():
        task.uncancel()
