"""Logs: pretty where people read them, JSON where programs do, every library's lines included."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TextIO

from loguru import logger

from workflow_runtime._log.job_fields import job_fields
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.telemetry.form import Form
from workflow_runtime.telemetry.log_output import Levels, LogOutput
from workflow_runtime.telemetry.own_code import OwnCode
from workflow_runtime.telemetry.redaction import redaction_of
from workflow_runtime.telemetry.uncaught import log_uncaught

__all__ = ["setup_logging"]

_YES = frozenset({"1", "yes", "true", "y", "ok", "on"})
_undo: list[Callable[[], None]] = []
"""Takes back what the last call has added, before the next one."""


def setup_logging(
    settings: WorkflowSettings, *, sink: TextIO | None = None, own: Iterable[str] = ()
) -> None:
    """Takes over the console of this process; `WorkflowBuilder.serve` calls it.

    The format is ``log_format`` of the settings: ``auto`` is pretty in a terminal and JSON
    elsewhere, ``off`` leaves loguru and logging as they are. Lines written while a handler runs
    carry its process, instance, element, job and attempt; ``extra`` of logging and ``bind`` of
    loguru are fields of the JSON line, and those that have a name of the line's own (``time``,
    ``level``, ``message``, ``logger``, ``exception``, ``stack``) stand behind ``extra_``.

    No call that logs fails because of a value, an argument or a stream that is gone. Passwords of
    the settings and in URLs are blotted out; tracebacks show kinds, places and code, neither the
    values of variables nor, unless ``log_exception_texts`` is set, the texts of exceptions.
    Exceptions that nobody catches, and warnings, become lines as well.

    Of logging the service's own lines are written from ``log_level`` on, those of libraries from
    ``log_level_libraries`` on. What is installed as a package or is part of Python is a library,
    unless it is named in ``own``. A logger that has a level keeps it; but libraries that log what
    they are given (`TALKATIVE`) are heard from WARNING on.

    Handlers and sinks that write to standard output or standard error are replaced: each line
    would come twice. All others stay, and get their lines as they were written.

    Args:
        settings: ``log_format``, ``log_level``, ``log_level_libraries``, ``log_exception_texts``,
            the service's name, and the secrets that must not be shown.
        sink: where lines go; None is standard error.
        own: modules of the service that are imported, for one that is installed as a package
            itself; `WorkflowBuilder.serve` gives those of its handlers.
    """
    out = sink or sys.stderr
    # Without a console there is no standard error, as under pythonw.
    if settings.log_format == "off" or out is None:
        return
    levels = Levels(
        _number(settings.log_level), _number(settings.log_level_libraries), OwnCode(own)
    )
    output = LogOutput(out, _form(settings, out), levels)
    _leave_the_console()
    number = logger.add(_nowhere, level=settings.log_level, filter=output.take)
    _undo.append(partial(_remove, number))
    _lower_the_root(levels.least)
    # Before all others: it mends what they cannot read.
    logging.root.handlers.insert(0, output)
    _undo.append(partial(logging.root.removeHandler, output))
    log_uncaught()


def _lower_the_root(least: int) -> None:
    """Lets lines pass that the output looks at; handlers that stay lose none of theirs."""
    root = logging.root
    before, now = root.level, min(least, root.level)

    def undo() -> None:
        if root.level == now:
            root.setLevel(before)

    root.setLevel(now)
    _undo.append(undo)


def _number(level: str) -> int:
    # The standard library has no TRACE.
    found: int = logging.getLevelName(level.replace("TRACE", "DEBUG"))
    return found


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
    while _undo:
        _undo.pop()()
    console = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    for each in _on_the_way_to_root():
        for handler in [*each.handlers]:
            stream = getattr(handler, "stream", None)
            if stream is not None and any(stream is one for one in console):
                each.removeHandler(handler)
    # loguru begins with a sink of its own, which is number 0. Of others only their text is known.
    if os.environ.get("LOGURU_AUTOINIT", "1").lower() in _YES:
        _remove(0)
    names = {"<stdout>", "<stderr>"}
    for found in re.finditer(r"\(id=(\d+), level=\S+, sink=([^)]*)\)", repr(logger)):
        if found[2] in names:
            _remove(int(found[1]))


def _on_the_way_to_root() -> Iterator[logging.Logger]:
    """The root, and the loggers whose lines come there too."""
    yield logging.root
    for each in [*logging.root.manager.loggerDict.values()]:
        way: logging.Logger | None = each if isinstance(each, logging.Logger) else None
        while way is not None and way.propagate:
            way = way.parent
            if way is logging.root and isinstance(each, logging.Logger):
                yield each
                break


def _remove(number: int) -> None:
    # Somebody may have removed it before.
    with contextlib.suppress(ValueError):
        logger.remove(number)
