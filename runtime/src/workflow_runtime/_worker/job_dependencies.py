"""The dependencies of one job: opened before its handler, closed after it, whose end decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from workflow_runtime._log.failures import failure_of
from workflow_runtime._log.repeats import Repeats
from workflow_runtime.dependencies import Get
from workflow_runtime.errors import HandlerSignal

_REPEATS = Repeats()


async def within(
    opened: AbstractAsyncContextManager[Get], call: Callable[[Get], Awaitable[Any]]
) -> Any:
    """Calls a handler while its dependencies are open.

    Like ``async with``, but an exception of the handler's is neither swallowed nor replaced by
    what goes wrong at closing: it says what shall become of the job. Only ``raise … from`` it is a
    translation, into one of our signals. Closing that fails after a success is a failure: a
    transaction may not have been committed.
    """
    get = await opened.__aenter__()
    try:
        value = await call(get)
    except BaseException as error:
        await _close_after(opened, error)
        raise
    await opened.__aexit__(None, None, None)
    return value


async def _close_after(opened: AbstractAsyncContextManager[Get], error: BaseException) -> None:
    try:
        await opened.__aexit__(type(error), error, error.__traceback__)
    except BaseException as broken:
        if broken is error:
            return
        said = isinstance(error, HandlerSignal | asyncio.CancelledError)
        if isinstance(broken, HandlerSignal) and broken.__cause__ is error and not said:
            raise
        text = "closing the dependencies of a handler that had failed ({}) failed as well: {}"
        # Not the texts, which may hold values of the scope.
        why = failure_of(broken)
        _REPEATS.say(why.identity, "ERROR", text, type(error).__name__, why.words())
