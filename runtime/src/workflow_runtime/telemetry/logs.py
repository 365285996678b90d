"""Logs: pretty where people read them, JSON where programs do, every library's lines included."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from typing import TextIO

from loguru import logger

from workflow_runtime._log.job_fields import job_fields
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.telemetry.form import Form
from workflow_runtime.telemetry.log_output import LogOutput
from workflow_runtime.telemetry.redaction import redaction_of
from workflow_runtime.telemetry.uncaught import log_uncaught

__all__ = ["setup_logging"]

_YES = frozenset({"1", "yes", "true", "y", "ok", "on"})
_installed: list[tuple[int, LogOutput]] = []
"""What the last call has added, to be replaced by the next one."""


def setup_logging(settings: WorkflowSettings, *, sink: TextIO | None = None) -> None:
    """Takes over the console of this process; `WorkflowBuilder.serve` calls it.

    The format is ``log_format`` of the settings: ``auto`` is pretty in a terminal and JSON
    elsewhere, ``off`` leaves loguru and logging as they are. Lines written while a handler runs
    carry its process, instance, element, job and attempt; ``extra`` of logging and ``bind`` of
    loguru are fields of the JSON line, and those that have a name of the line's own (``time``,
    ``level``, ``message``, ``logger``, ``exception``, ``stack``) stand behind ``extra_``.

    No call that logs fails because of a value, an argument or a stream that is gone. Passwords of
    the settings and in URLs are blotted out; tracebacks show kinds, places and code, neither the
    values of variables nor, unless ``log_exception_texts`` is set, the texts of exceptions.
    Libraries that log what they are given (`TALKATIVE`) are heard from WARNING on. Exceptions that
    nobody catches, and warnings, become lines as well.

    Handlers and sinks that write to standard output or standard error are replaced: each line
    would come twice. All others stay, and get their lines as they were written.

    Args:
        settings: ``log_format``, ``log_level``, ``log_level_libraries``, ``log_exception_texts``,
            the service's name, and the secrets that must not be shown.
        sink: where lines go; None is standard error.
    """
    out = sink or sys.stderr
    # Without a console there is no standard error, as under pythonw.
    if settings.log_format == "off" or out is None:
        return
    # The standard library has no TRACE.
    level = logging.getLevelName(settings.log_level_libraries.replace("TRACE", "DEBUG"))
    output = LogOutput(out, _form(settings, out), level)
    _leave_the_console()
    number = logger.add(_nowhere, level=settings.log_level, filter=output.take)
    root = logging.getLogger()
    # Handlers that stay get what they got before; the output looks at its own level.
    root.setLevel(min(level, root.level) if root.handlers else level)
    # Before all others: it mends what they cannot read.
    root.handlers.insert(0, output)
    _installed.append((number, output))
    log_uncaught()


def _form(settings: WorkflowSettings, out: TextIO) -> Form:
    terminal = _is_terminal(out)
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "")
    return Form(
        lambda: {"service": settings.service_name, **job_fields(), **_trace()},
        redaction_of(settings),
        as_json=settings.log_format == "json" or (settings.log_format == "auto" and not terminal),
        ascii_only=encoding != "utf8",
        coloured=terminal and not os.environ.get("NO_COLOR"),
        texts=settings.log_exception_texts,
    )


def _trace() -> dict[str, str]:
    # Only if tracing has been imported: OpenTelemetry is an extra, and slow to import.
    module = sys.modules.get("workflow_runtime.telemetry.tracing")
    return module.trace_ids() if module is not None else {}


def _is_terminal(out: TextIO) -> bool:
    try:
        return out.isatty()
    except ValueError:
        return False  # it is closed


def _nowhere(_: object) -> None:
    """The sink of a filter that has written the line already."""


def _leave_the_console() -> None:
    """Removes what writes to the console: an earlier set-up of ours, a framework's, loguru's."""
    root = logging.getLogger()
    while _installed:
        number, output = _installed.pop()
        root.removeHandler(output)
        _remove(number)
    console = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    for handler in [*root.handlers]:
        stream = getattr(handler, "stream", None)
        if stream is not None and any(stream is each for each in console):
            root.removeHandler(handler)
    # loguru begins with a sink of its own, which is number 0. Of others only their text is known.
    if os.environ.get("LOGURU_AUTOINIT", "1").lower() in _YES:
        _remove(0)
    names = {"<stdout>", "<stderr>"}
    for found in re.finditer(r"\(id=(\d+), level=\S+, sink=([^)]*)\)", repr(logger)):
        if found[2] in names:
            _remove(int(found[1]))


def _remove(number: int) -> None:
    # Somebody may have removed it before.
    with contextlib.suppress(ValueError):
        logger.remove(number)
