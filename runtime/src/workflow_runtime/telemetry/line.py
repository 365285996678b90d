"""What one line of a log says, whether loguru has it or the standard library's logging."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow_runtime.telemetry.plain import plain, text_of

if TYPE_CHECKING:
    from loguru import Record

__all__ = ["Line", "line_of_logging", "line_of_loguru", "mend"]

_NO_EXTRA = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""What each record of logging has; all else came by ``extra``."""
# asyncio shows what it has at hand: results and exceptions of tasks, arguments of callbacks.
_SHOWN_BY_ASYNCIO = ("future: ", "task: ", "handle: ")
_VALUES_OF_ASYNCIO = re.compile(r" (?:exception|result)=.*|\([^)].*")
# ... and ends by what the line is about (asyncio/base_events.py, _run_once): it holds no value.
_TIME_OF_ASYNCIO = re.compile(r" took \d+\.\d+ seconds\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says; ``library`` is its logger's name where that is one of logging's."""

    time: datetime
    level: str
    number: int
    message: str
    logger: str
    library: str
    extra: Mapping[Any, Any]
    failure: BaseException | None
    stack: str = ""


def line_of_loguru(record: Record) -> Line:
    """Reads a record of loguru."""
    exception = record["exception"]
    return Line(
        time=record["time"],
        level=record["level"].name,
        number=record["level"].no,
        message=text_of(record["message"]),
        logger=record["name"] or "",
        library="",
        extra=record["extra"],
        failure=_failure(exception.value if exception is not None else None),
    )


def line_of_logging(record: logging.LogRecord) -> Line:
    """Reads a record of the standard library's logging that has been mended."""
    message = text_of(record.getMessage())
    return Line(
        time=datetime.fromtimestamp(record.created).astimezone(),
        level=record.levelname,
        number=record.levelno,
        message=_without_values(message) if record.name == "asyncio" else message,
        logger=record.name,
        library=record.name,
        extra={name: each for name, each in record.__dict__.items() if name not in _NO_EXTRA},
        failure=_failure(record.exc_info[1] if record.exc_info else None),
        stack=text_of(record.stack_info or ""),
    )


def mend(record: logging.LogRecord) -> None:
    """Makes a record of logging one that every handler can read, if it is none.

    A message whose arguments do not fit has them beside it, and an ``exc_info`` that is none goes.
    """
    try:
        record.getMessage()
    except Exception as error:  # noqa: BLE001 - arguments are anything, and have any __str__
        arguments = plain(record.args, str)
        record.msg = f"{text_of(record.msg)} {arguments} ({type(error).__name__}: they do not fit)"
        record.args = None
    info: Any = record.exc_info
    if info and _failure(info[1] if isinstance(info, tuple) and len(info) > 1 else None) is None:
        record.exc_info = None


def _without_values(message: str) -> str:
    first, *others = message.split("\n")
    shown = [first, *(each for each in others if each.startswith(_SHOWN_BY_ASYNCIO))]
    without = "\n".join(_VALUES_OF_ASYNCIO.sub(" …", each) for each in shown)
    took = _TIME_OF_ASYNCIO.search(message)
    return without if took is None else without.removesuffix(took[0]) + took[0]


def _failure(value: object) -> BaseException | None:
    # exc_info may be anything: true where there is no exception, a tuple of three Nones.
    return value if isinstance(value, BaseException) else None
