"""Logs on a stream, for tests, and everything as it was afterwards."""

import contextlib
import io
import json
import logging
import sys
import threading

from loguru import logger

from workflow_runtime import WorkflowSettings
from workflow_runtime.telemetry.logs import setup_logging


@contextlib.contextmanager
def logs():
    """Gives a function that sets logging up, on a stream of its own unless it is given one."""
    root, level, handlers = logging.getLogger(), logging.getLogger().level, logging.root.handlers[:]
    uncaught = sys.excepthook, sys.unraisablehook, threading.excepthook
    logger.remove()

    def start(out=None, *, with_pytest=False, **settings):
        out = io.StringIO() if out is None else out
        # What pytest captures goes to its other processes, which take no halves of characters.
        for handler in [*root.handlers]:
            if not with_pytest and type(handler).__module__.startswith("_pytest"):
                root.removeHandler(handler)
        setup_logging(WorkflowSettings(service_name="shop", **settings), sink=out)
        return out

    try:
        yield start
    finally:
        logger.remove()
        logging.captureWarnings(False)
        sys.excepthook, sys.unraisablehook, threading.excepthook = uncaught
        root.handlers[:] = handlers
        root.setLevel(level)


def lines(out):
    """The JSON lines of a stream; by end of line only, other separators may stand within one."""
    return [json.loads(line) for line in out.getvalue().split("\n")[:-1]]


def by_library(name, level, message, *arguments):
    """Logs as a library does: from a file among the installed packages."""
    file, scope = "/venv/lib/python3.11/site-packages/lib/api.py", {}
    code = "def log(logger, level, message, arguments):\n    logger.log(level, message, *arguments)"
    exec(compile(code, file, "exec"), scope)
    scope["log"](logging.getLogger(name), level, message, arguments)


@contextlib.contextmanager
def messages(level="INFO"):
    """Gives the messages of the log as they come, without what stands around them."""
    found = []
    sink = logger.add(lambda line: found.append(line.record["message"]), level=level)
    try:
        yield found
    finally:
        logger.remove(sink)
