"""Waiting for what has no event, and for a loop in another thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 60
"""Seconds until what has to happen counts as missing."""


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Returns once a condition holds.

    Raises:
        TimeoutError: it did not hold in time.
    """
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - health, counters and records have no event
            await asyncio.sleep(0.001)


@contextmanager
def loop_in_thread() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """An event loop in a thread of its own, for servers that a blocking test talks to.

    Gives a function that runs a coroutine there to its end and returns its result.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda call: asyncio.run_coroutine_threadsafe(call, loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
