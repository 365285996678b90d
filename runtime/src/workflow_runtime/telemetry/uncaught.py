"""Exceptions that nobody catches, and warnings: lines of the log instead of text beside it.

What Python writes to standard error itself shows texts of exceptions, and is no JSON.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from loguru import logger

from workflow_runtime.telemetry.plain import text_of

__all__ = ["log_uncaught"]


def log_uncaught() -> None:
    """Replaces Python's own hooks; those of others stay."""
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_ended
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _ignored
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _process_ends
    logging.captureWarnings(True)


def _thread_ended(found: threading.ExceptHookArgs) -> None:
    # As threading does: it ends a thread, and is no failure.
    if found.exc_type is SystemExit:
        return
    name = found.thread.name if found.thread is not None else "unknown"
    logger.opt(exception=found.exc_value).error("thread {} has ended by an exception", name)


def _ignored(found: sys.UnraisableHookArgs) -> None:
    # The name of what was called: its text may hold values, or raise once more.
    name = getattr(found.object, "__qualname__", type(found.object).__name__)
    logger.opt(exception=found.exc_value).error("an exception was ignored in {}", name)


def _process_ends(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, Exception):
        # With its text: without it nobody can mend a start that fails.
        logger.opt(exception=error).critical("the process ends: {}", text_of(error))
    else:
        sys.__excepthook__(kind, error, trace)
