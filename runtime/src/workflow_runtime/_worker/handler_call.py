"""From an attempt to its handler's result: arguments, dependencies, threads."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

from pydantic import ValidationError

from workflow_runtime._log.headlines import fields
from workflow_runtime._log.job_fields import working_for
from workflow_runtime._worker import forks
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.cancellation import beyond_cancellation, forget_cancellations
from workflow_runtime._worker.job_dependencies import within
from workflow_runtime._worker.middleware_chain import Call, chain
from workflow_runtime._worker.running import CancelReason, Running
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.dependencies import DependencyResolver, Get
from workflow_runtime.errors import InvalidScope
from workflow_runtime.handlers import BoundHandler
from workflow_runtime.task import WorkflowTask

Extend = Callable[..., Awaitable[None]]


class HandlerResult(NamedTuple):
    """How a call has ended: with a value, with an error, or cancelled for a reason of ours.

    A reason of ours goes before whatever else is there; without one, a cancellation is an error.
    """

    value: Any = None
    error: BaseException | None = None
    cancelled: CancelReason = ""


NOT_CALLED = HandlerResult()
HANDED_BACK = HandlerResult(cancelled="shutdown")
GONE = HandlerResult(cancelled="gone")


class HandlerCall:
    """Calls the handler of one job type; ``extend`` gives a running job more time."""

    def __init__(self, context: WorkerContext, subscription: Subscription, extend: Extend) -> None:
        handler = subscription.handler
        self._context = context
        self._service = context.name
        self._extend = extend
        self._fetched = None if handler.fetch is None else frozenset(handler.fetch)
        self._process = os.getpid()
        # A pool for each type: handlers that block leave those of other types alone.
        self._threads = (
            None if handler.is_async else Threads(subscription.job_type, subscription.max_running)
        )
        self._invoke = _invocation(handler, context.resolver, self._threads)
        self._middlewares = subscription.middlewares

    @property
    def can_be_cancelled(self) -> bool:
        """Whether cancelling ends a handler: nothing ends a thread."""
        return self._threads is None

    async def run(self, running: Running, attempt: Attempt) -> HandlerResult:
        """Calls the handler and waits for its end, whatever that is."""
        job, number = running.job, attempt.number
        current = working_for(self._service, job, number)
        task = WorkflowTask(
            job,
            attempt=number,
            service=self._service,
            shutdown=self._context.shutdown,
            extend=partial(self._extend, running),
            fetched=self._fetched,
            workflow=self._context.workflow,
            current=current,
        )
        try:
            call = self._through(running) if self._middlewares else self._invoke
            result = HandlerResult(await call(task))
        except asyncio.CancelledError as error:
            result = HandlerResult(error=error, cancelled=running.cancel_reason)
        except BaseException as error:  # noqa: BLE001 - SystemExit of a handler must not end us
            result = HandlerResult(error=error)
        finally:
            current.ended = True
        if os.getpid() != self._process:
            forks.leave(result.error)
        # What is sent next must not see a cancellation of the handler.
        if running.task is not None and running.task.cancelling():
            await forget_cancellations(running.task)
        return result

    def _through(self, running: Running) -> Call:
        """The handler with all that is around it."""
        if self._threads is None:
            return chain(self._middlewares, self._invoke)

        async def in_thread(task: WorkflowTask) -> Any:
            # Nothing ends a thread: a middleware that gives up waiting for one, and calls once
            # more or fails the job, would have it run beside the next.
            work = _to_its_end(self._invoke(task))
            result = await beyond_cancellation(work, lambda: bool(running.cancel_reason))
            if result.error is not None:
                raise result.error
            return result.value

        return chain(self._middlewares, in_thread)

    def close(self) -> int:
        """Lets go of the threads; returns how many still run."""
        return 0 if self._threads is None else self._threads.close()


class Threads:
    """The pool of one type's ``def`` handler; its threads start as they are needed."""

    def __init__(self, name: str, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=f"handler-{name}")
        self._busy: set[Future[Any]] = set()

    async def run(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        """Calls in a thread, with the context variables of the caller."""
        context = contextvars.copy_context()
        call = self._pool.submit(context.run, _in_thread, function, args, named, context)
        self._busy.add(call)
        call.add_done_callback(self._busy.discard)
        result, error = await asyncio.wrap_future(call)
        if error is not None:
            raise error
        return result

    def close(self) -> int:
        """Starts nothing more; returns how many threads still run: nobody can end them."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        return sum(call.running() for call in list(self._busy))


async def _to_its_end(call: Awaitable[Any]) -> HandlerResult:
    # As a value: an exit that is raised in an asyncio task ends the event loop.
    try:
        return HandlerResult(await call)
    except BaseException as error:  # noqa: BLE001 - SystemExit of a handler must not end us
        return HandlerResult(error=error)


def _invocation(
    handler: BoundHandler, resolver: DependencyResolver | None, threads: Threads | None
) -> Callable[[WorkflowTask], Coroutine[Any, Any, Any]]:
    """How this handler is called; raises `InvalidScope`, or whatever the handler raises."""

    async def invoke(task: WorkflowTask, found: dict[str, Any]) -> Any:
        args, named = _arguments(handler, task, found)
        if threads is None:
            result = handler.function(*args, **named)
        else:
            result = await threads.run(handler.function, *args, **named)
        # A decorator's plain wrapper may answer by itself, without its coroutine function.
        return await result if inspect.isawaitable(result) else result

    async def plain(task: WorkflowTask) -> Any:
        return await invoke(task, {})

    async def with_dependencies(task: WorkflowTask) -> Any:
        if resolver is None:  # pragma: no cover - the builder refuses such handlers
            raise TypeError("no resolver")

        async def call(get: Get) -> Any:
            found = {}
            for name, kind in handler.wanted:
                value = get(kind)
                found[name] = await value if inspect.isawaitable(value) else value
            return await invoke(task, found)

        return await within(resolver.for_job(), call)

    if handler.wanted:
        return with_dependencies
    # The hot path: the simplest signature needs nothing in between.
    return handler.function if handler.takes_only_task else plain


def _arguments(
    handler: BoundHandler, task: WorkflowTask, found: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    try:
        return handler.arguments(task, found)
    except ValidationError as error:
        # Not `from` it: pydantic's own text holds the values.
        raise InvalidScope(f"the scope does not fit {error.title}:\n{fields(error)}") from None


def _in_thread(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    named: dict[str, Any],
    context: contextvars.Context,  # noqa: ARG001 - tells whoever looks at this frame what it is for
) -> tuple[Any, BaseException | None]:
    # As a value: a future refuses StopIteration and would then wait for ever.
    process = os.getpid()
    try:
        ended: tuple[Any, BaseException | None] = function(*args, **named), None
    except StopIteration as error:
        ended = None, RuntimeError(f"the handler raised StopIteration: {error}")
    except BaseException as error:  # noqa: BLE001 - SystemExit of a handler must not end us
        ended = None, error
    if os.getpid() != process:
        forks.leave(ended[1])
    return ended


IN_THREAD = _in_thread.__code__
"""The function below which a thread runs a ``def`` handler; its frame has the ``context``."""
