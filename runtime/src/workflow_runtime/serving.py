"""A service as a process: from its first line until it is told to stop, and drained."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from loguru import logger

from workflow_runtime._worker import forks
from workflow_runtime._worker.loop_exits import exit_code, run_through_exits
from workflow_runtime._worker.shutdown import (
    BEYOND_GRACE,
    SHUTDOWN,
    end_now,
    end_soon,
    end_within,
    flush,
)
from workflow_runtime.errors import ConfigurationError, WrongPlace
from workflow_runtime.own_loop import running_loop

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder

__all__ = ["serve"]


def serve(build: Callable[[], WorkflowBuilder]) -> NoReturn:
    """Makes a service and runs it until SIGTERM, SIGINT or SIGHUP, drains, and ends the process.

    Signals are heard from the beginning: one that comes while ``build`` runs ends the process
    with code 0, in a container too, where they are lost otherwise (process 1 has no defaults).

    Args:
        build: makes the builder; called once, after signals are heard.

    Raises:
        WrongPlace: this is not the main thread, or an event loop runs here.
        SystemExit: always else, with the codes of `WorkflowBuilder.serve`.
    """
    _check_place()
    SHUTDOWN.listen()
    try:
        builder = _made(build)
        # Once more: what it imports or calls may have set handlers.
        SHUTDOWN.listen()
        raised = _run(builder, _modules(build, builder))
    finally:
        flush()
        if not SHUTDOWN.asked:
            forks.give_back()
    raise SystemExit(exit_code(raised))


def _check_place() -> None:
    if threading.current_thread() is not threading.main_thread():
        raise WrongPlace(
            "serve() is the main function of a process and hears its signals, which only the main "
            f"thread can; this is {threading.current_thread().name}: use "
            "builder.start_in_thread(), which returns at once and drains at the process's end"
        )
    if running_loop() is not None:
        raise WrongPlace(
            "serve() runs an event loop of its own, and one runs here already: use `async with "
            "builder.running() as workflow`, or call serve() outside of it"
        )


def _made(build: Callable[[], WorkflowBuilder]) -> WorkflowBuilder:
    try:
        return build()
    except ConfigurationError as error:
        # Not above: see `_run`.
        from workflow_runtime.config import WorkflowSettings  # noqa: PLC0415
        from workflow_runtime.telemetry.logs import setup_logging  # noqa: PLC0415

        # What was to be set cannot be read, or belongs to a builder that there is not: defaults.
        setup_logging(WorkflowSettings.model_construct())
        raise _refused(error) from None


def _modules(build: object, builder: WorkflowBuilder) -> set[str]:
    """Modules that are surely the service's own, wherever it is installed."""
    handlers = [each.handler.function for each in builder.subscriptions]
    # A class of the service may have its `handle` from another one.
    owners = [type(getattr(each, "__self__", None)) for each in handlers]
    return {str(getattr(each, "__module__", "")) for each in (build, *handlers, *owners)}


def _run(builder: WorkflowBuilder, own: set[str]) -> BaseException | None:
    # Not above: until this module is there, signals are not heard.
    from workflow_runtime.telemetry.logs import setup_logging  # noqa: PLC0415

    setup_logging(builder.settings, own=own)
    try:
        return run_through_exits(partial(_serve, builder))
    except ConfigurationError as error:
        raise _refused(error) from None


def _refused(error: ConfigurationError) -> SystemExit:
    logger.error("the service does not start: {}", error)
    return SystemExit(2)


async def _serve(builder: WorkflowBuilder, asked: asyncio.Event) -> None:
    grace = builder.settings.grace.total_seconds()
    SHUTDOWN.attach(grace, asked)
    waiting = asyncio.ensure_future(asked.wait())
    starting = asyncio.ensure_future(builder.run())
    await asyncio.wait({waiting, starting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        # It ends what it has begun, in an orderly way.
        starting.cancel()
    try:
        workflow = await starting
    except asyncio.CancelledError:
        end_soon()
        if not asked.is_set():
            # Nobody wants this end.
            logger.error("the service does not start: CancelledError, of a hook's own")
            raise
        return
    await waiting
    # Once more, where nobody has sent a signal.
    end_within(grace + BEYOND_GRACE)
    if await workflow.stop():
        # Handlers in threads that do not end would keep the interpreter for ever.
        end_now(1)
    end_soon()
