"""Logs: pretty where people read them, JSON where programs do, every library's lines included."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from loguru import logger

from workflow_runtime._log.job_fields import job_fields
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.telemetry.redaction import TALKATIVE, Redact, redaction_of

if TYPE_CHECKING:
    from loguru import Message, Record

__all__ = ["setup_logging"]

_PRETTY = (
    "<green>{time:HH:mm:ss.SSS}</green> <level>{level: <7}</level> {extra[where]}"
    "<level>{message}</level>\n{extra[failure]}"
)
_KEYS = frozenset({"instance_key", "job_key", "incident_key"})
# Made for people's lines; in JSON they have fields of their own.
_INTERNAL = frozenset({"where", "failure", "logger"})


def setup_logging(settings: WorkflowSettings, *, sink: TextIO | None = None) -> None:
    """Takes over the logs of this process; `WorkflowBuilder.serve` calls it.

    Args:
        settings: ``log_format``, ``log_level``, ``log_level_libraries``, the service's name, and
            the secrets that must not be shown.
        sink: where lines go; None is standard error.

    The format is ``log_format`` of the settings: ``auto`` is pretty in a terminal and JSON
    elsewhere, ``off`` leaves loguru and logging as they are. Lines written while a handler runs
    carry its process, instance, element, job and attempt. Passwords of the settings are blotted
    out wherever they turn up; tracebacks show code, never the values of variables. Libraries that
    log what they are given (`TALKATIVE`) are heard from WARNING on.
    """
    if settings.log_format == "off":
        return
    out = sink or sys.stderr
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not out.isatty())
    logger.configure(patcher=_patcher(settings.service_name, redaction_of(settings)))
    # loguru begins with a handler for standard error: each line would come twice.
    logger.remove()
    # diagnose would show the values of variables in tracebacks.
    if as_json:
        logger.add(_json_writer(out), level=settings.log_level, diagnose=False, catch=True)
    else:
        logger.add(out, level=settings.log_level, format=_pretty, diagnose=False, backtrace=False)
    # The standard library has no TRACE.
    level = settings.log_level_libraries.replace("TRACE", "DEBUG")
    # force: handlers that a framework has set would write the same lines once more.
    logging.basicConfig(handlers=[_ToLoguru()], level=level, force=True)


def _pretty(_record: Record) -> str:
    return _PRETTY


class _ToLoguru(logging.Handler):
    """Hands lines of the standard library's logging on, under their own names."""

    def emit(self, record: logging.LogRecord) -> None:
        """Logs the record by loguru; talkative libraries below WARNING are left out."""
        if record.levelno < logging.WARNING and record.name.startswith(TALKATIVE):
            return
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            # A level that somebody has added to logging: loguru knows its number only.
            level = record.levelno
        # depth: the frames of logging in between (loguru's documentation: InterceptHandler).
        logger.bind(logger=record.name).opt(depth=6, exception=record.exc_info).log(
            level, "{}", record.getMessage()
        )


def _patcher(service: str, redact: Redact) -> Callable[[Record], None]:
    def patch(record: Record) -> None:
        # The last one wins: what a line binds itself.
        extra = {"service": service, **job_fields(), **_trace(), **record["extra"]}
        record["extra"] = redact(extra)
        record["message"] = redact(record["message"])
        record["extra"]["failure"] = redact(_failure(record))
        record["extra"]["where"] = _where(record["extra"])
        # Formatted above, without values: loguru would format it once more.
        record["exception"] = None

    return patch


def _where(extra: dict[str, Any]) -> str:
    names = ("process_id", "instance_key", "element_id", "attempt")
    known = [f"{extra[name]}" for name in names if name in extra]
    library = f"{extra['logger']}: " if "logger" in extra else ""
    return (f"[{' '.join(known)}] " if known else "") + library


def _failure(record: Record) -> str:
    exception = record["exception"]
    if exception is None or exception.value is None:
        return ""
    return "".join(traceback.format_exception(exception.value))


def _trace() -> dict[str, str]:
    # Only if tracing has been imported: OpenTelemetry is an extra, and slow to import.
    module = sys.modules.get("workflow_runtime.telemetry.tracing")
    return module.trace_ids() if module is not None else {}


def _json_writer(out: TextIO) -> Callable[[Message], None]:
    def write(message: Message) -> None:
        out.write(_json_line(message.record) + "\n")
        out.flush()

    return write


def _json_line(record: Record) -> str:
    extra = record["extra"]
    line = {
        "time": record["time"].isoformat(),
        "level": record["level"].name,
        "message": record["message"],
        "logger": extra.get("logger") or record["name"],
        **{name: _plain(name, value) for name, value in extra.items() if name not in _INTERNAL},
    }
    if extra.get("failure"):
        line["exception"] = extra["failure"]
    # default: a handler may bind whatever it has, and its line must not fail.
    return json.dumps(line, default=str, ensure_ascii=False)


def _plain(name: str, value: Any) -> Any:
    # Keys have more digits than a JSON number holds in most readers.
    return str(value) if name in _KEYS else value
