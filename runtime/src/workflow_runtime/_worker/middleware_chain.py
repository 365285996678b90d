"""Middlewares around a handler, for one job: each gets to call the next one, while it runs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from workflow_runtime._log.job_fields import counting_for
from workflow_runtime.errors import WorkflowIncident
from workflow_runtime.handlers.callables import name_of
from workflow_runtime.middleware import Middleware
from workflow_runtime.task import WorkflowTask

Call = Callable[[WorkflowTask], Awaitable[Any]]


def chain(middlewares: Sequence[Middleware], handler: Call) -> Call:
    """What runs the first middleware, which runs the second one, and so on up to the handler."""
    # Without a layer, as where there are no middlewares: ids of its events stay what they are.
    call: Call = partial(_counted, "", handler)
    for layer, middleware in reversed([*enumerate(middlewares, 1)]):
        call = partial(_counted, f"{layer}.", partial(_around, middleware, call))
    return call


async def _counted(layer: str, call: Call, task: WorkflowTask) -> Any:
    # Each call counts its events from the beginning: a middleware that calls a handler once more
    # makes it publish its facts once more, by the same ids.
    with counting_for(layer) as current:
        return await call(task.counted_by(current))


async def _around(middleware: Middleware, call: Call, task: WorkflowTask) -> Any:
    following = _Next(name_of(middleware), call, task)
    try:
        result: Any = middleware(task, following)
        # A decorator's plain wrapper may answer by itself.
        if inspect.isawaitable(result):
            result = await result
    finally:
        left = await following.close()
    if left:
        raise following.misuse("ended before the handler that it had called")
    return result


class _Next:
    """What a middleware calls to go on; it is over with the middleware.

    One call at a time, so a second one is a second try: two at once would do the handler's work
    twice side by side.
    """

    def __init__(self, middleware: str, call: Call, task: WorkflowTask) -> None:
        self._middleware = middleware
        self._call = call
        self._task = task
        self._open: Coroutine[Any, Any, Any] | None = None
        self._owner = asyncio.current_task()
        self._runner: asyncio.Task[Any] | None = None
        self._closed = False

    def __call__(self, task: Any = None) -> Coroutine[Any, Any, Any]:
        if self._closed:
            raise self.misuse("called the handler after its own end")
        if self._open is not None:
            raise self.misuse("called the handler while it was running already")
        if not isinstance(task, WorkflowTask) or task.job.key != self._task.job.key:
            given = "another job's" if isinstance(task, WorkflowTask) else type(task).__name__
            raise self.misuse(f"called the handler without its task ({given})")
        self._open = self._run(task)
        return self._open

    async def _run(self, task: WorkflowTask) -> Any:
        self._runner = asyncio.current_task()
        try:
            if self._closed:
                raise asyncio.CancelledError
            return await self._call(task)
        except (SystemExit, KeyboardInterrupt) as error:
            # In a task of the middleware's it would end the event loop.
            if self._runner is not self._owner:
                raise RuntimeError(f"the handler raised {type(error).__name__}") from error
            raise
        finally:
            self._open = None

    async def close(self) -> bool:
        """Ends what was called and not waited for; returns whether there was any."""
        self._closed = True
        if self._open is None:
            return False
        # It may be in a task that has not begun.
        await asyncio.sleep(0)
        if self._open is None:
            return True
        if inspect.getcoroutinestate(self._open) == inspect.CORO_CREATED:
            self._open.close()
        elif self._runner is not None and self._runner is not asyncio.current_task():
            self._runner.cancel()
            await asyncio.wait({self._runner})
        return True

    def misuse(self, what: str) -> WorkflowIncident:
        """The incident for a middleware that does not keep to its part."""
        return WorkflowIncident(
            f"middleware {self._middleware} {what}: return await call_next(task), with nothing "
            "running beside it"
        )
