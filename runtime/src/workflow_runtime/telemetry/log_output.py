"""Where lines of loguru and of the standard library's logging become one stream, each line once."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO
from weakref import WeakSet

from typing_extensions import override

from workflow_runtime.telemetry.form import Form
from workflow_runtime.telemetry.line import Line, line_of_logging, line_of_loguru, mend
from workflow_runtime.telemetry.own_code import OwnCode
from workflow_runtime.telemetry.plain import text_of
from workflow_runtime.telemetry.redaction import TALKATIVE

if TYPE_CHECKING:
    from loguru import Record

__all__ = ["Levels", "LogOutput"]

_DEEPEST = 2
"""Lines within lines: a value that is bound for all lines may log a line itself."""
_HANDING_ON = frozenset({"emit", "_queued_writer"})
"""Functions of loguru that call sinks: in the caller's thread, and in that of a queue."""


@dataclass(frozen=True, slots=True)
class Levels:
    """From which level on lines are written, where no logger has one of its own.

    Attributes:
        own: for the service's own code.
        libraries: for all other code.
        code: knows which is which.
    """

    own: int
    libraries: int
    code: OwnCode

    @property
    def least(self) -> int:
        """What logging itself must not drop."""
        return min(self.own, self.libraries)

    def want(self, record: logging.LogRecord) -> bool:
        """Whether a line is at or above its level.

        Args:
            record: what logging has.
        """
        if not self.code.wrote(record):
            return record.levelno >= self.libraries
        # A root logger below what the runtime has set is the program's wish, whenever it came;
        # WARNING is what it has where nobody has set it.
        root = logging.root.level
        wished = root < min(self.least, logging.WARNING)
        return record.levelno >= (min(self.own, root) if wished else self.own)


class LogOutput(logging.Handler):
    """Writes lines to a stream; a call that logs never fails because of it.

    A program may hand lines on itself, from logging to loguru or the other way round: they are
    known again, and written once.

    Args:
        out: the stream.
        form: how lines are written.
        levels: of lines of the standard library's logging whose logger has no level of its own.
    """

    def __init__(self, out: TextIO, form: Form, levels: Levels) -> None:
        # Its lock is made anew in a forked process, and a thread may take it twice: a signal or
        # a __del__ that comes between logs too.
        super().__init__()
        self._out = out
        self._form = form
        self._levels = levels
        self._written = WeakSet[logging.LogRecord]()
        self._here = threading.local()

    def take(self, record: Record) -> bool:
        """Writes a record of loguru.

        It is the filter of a sink that has nothing else to do: sinks are called with a lock held,
        and loguru refuses what a value's ``__str__`` logs meanwhile.

        Args:
            record: what loguru has.

        Returns:
            False: there is nothing left for the sink.
        """
        with contextlib.suppress(Exception), self._reading() as depth:
            behind = None if depth else _same_of_logging(record)
            if depth > _DEEPEST:
                pass
            elif behind is None:
                self._write(line_of_loguru(record))
            else:
                self._emit(behind)
        return False

    @override
    def handle(self, record: logging.LogRecord) -> bool:
        # Without the lock, which is for the stream: a line is made of values of strangers.
        with contextlib.suppress(Exception), self._reading() as depth:
            # Also for the handlers that come after this one.
            mend(record)
            if depth <= _DEEPEST and (depth or not _is_of_loguru(record)):
                self._emit(record)
        return True

    def _emit(self, record: logging.LogRecord) -> None:
        if record not in self._written and self._wanted(record):
            self._written.add(record)
            self._write(line_of_logging(record))

    @contextlib.contextmanager
    def _reading(self) -> Iterator[int]:
        """Gives within how many other lines this thread is: a value that is shown logs as well."""
        depth = getattr(self._here, "depth", 0)
        self._here.depth = depth + 1
        try:
            yield depth
        finally:
            self._here.depth = depth

    def _wanted(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING and f"{record.name}.".startswith(TALKATIVE):
            return False
        return self._levels.want(record) or _has_own_level(record.name)

    def _write(self, line: Line) -> None:
        text = self._form.write(line)
        with self.lock or contextlib.nullcontext():
            self._out.write(text + "\n")
            self._out.flush()


def _has_own_level(name: str) -> bool:
    """Whether somebody has set a level for this logger, or for one between it and the root."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None and logger is not logging.root:
        if logger.level:
            return True
        logger = logger.parent
    return False


def _same_of_logging(record: Record) -> logging.LogRecord | None:
    """The record of logging that a handler of the program hands to loguru just now."""
    for frame in _callers():
        if frame.f_code is logging.Logger.callHandlers.__code__:
            found: logging.LogRecord = frame.f_locals["record"]
            mend(found)
            return found if found.getMessage() in record["message"] else None
    return None


def _is_of_loguru(record: logging.LogRecord) -> bool:
    """Whether a sink of the program hands a line of loguru to logging just now."""
    for frame in _callers():
        inside = frame.f_globals.get("__name__") == "loguru._handler"
        if inside and frame.f_code.co_name in _HANDING_ON:
            found = _record_in(frame)
            return found is not None and text_of(found["message"]) in record.getMessage()
    return False


def _record_in(frame: FrameType) -> Any:
    found = frame.f_locals
    return found.get("record") or getattr(found.get("message"), "record", None)


def _callers() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - as logging finds its callers
    while frame is not None:
        yield frame
        frame = frame.f_back
