"""From a task to a handler's result: arguments, dependencies, threads."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from pydantic import ValidationError

from workflow_runtime._worker.threads import Threads
from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.handlers import BoundHandler
from workflow_runtime.task import WorkflowTask

Call = Callable[[WorkflowTask], Awaitable[Any]]


class BadScope(Exception):
    """The typed scope of a handler does not validate; a failure inside of it is none."""

    def __init__(self, cause: ValidationError) -> None:
        super().__init__()
        self.cause = cause


def call_of(
    handler: BoundHandler, resolver: DependencyResolver | None, threads: Threads | None
) -> Call:
    """How this handler is called; ``threads`` run the ``def`` ones.

    The call raises `BadScope`, or whatever the handler raises.
    """

    async def invoke(task: WorkflowTask, found: dict[str, Any]) -> Any:
        args, named = _arguments(handler, task, found)
        if threads is None:
            return await handler.function(*args, **named)
        result = await threads.run(handler.function, *args, **named)
        return await result if inspect.isawaitable(result) else result

    async def plain(task: WorkflowTask) -> Any:
        return await invoke(task, {})

    async def with_dependencies(task: WorkflowTask) -> Any:
        if resolver is None:  # pragma: no cover - the builder refuses such handlers
            raise TypeError("no resolver")
        async with AsyncExitStack() as stack:
            get = await stack.enter_async_context(resolver.for_job())
            found = {}
            for name, kind in handler.wanted:
                value = get(kind)
                found[name] = await value if inspect.isawaitable(value) else value
            return await invoke(task, found)

    if handler.wanted:
        return with_dependencies
    # The hot path: the simplest signature needs nothing in between.
    return handler.function if handler.takes_only_task and threads is None else plain


def _arguments(
    handler: BoundHandler, task: WorkflowTask, found: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    try:
        return handler.arguments(task, found)
    except ValidationError as error:
        raise BadScope(error) from None
