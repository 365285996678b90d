"""How lines of a log are written: JSON for programs, coloured text for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from textwrap import indent
from typing import Any

from workflow_runtime.telemetry.line import Line
from workflow_runtime.telemetry.plain import field_name, plain, shortened, text_of
from workflow_runtime.telemetry.tracebacks import traceback_of
from workflow_runtime.visible import escape_in_json, one_line, visible

__all__ = ["Form"]

_OWN = frozenset({"time", "level", "message", "logger", "exception", "stack"})
"""Fields of the line itself, which nobody binds over."""
_KEYS = frozenset({"instance_key", "job_key", "incident_key"})
_WHERE = ("process_id", "instance_key", "element_id", "attempt")
_COLOURS = ((logging.ERROR, "31;1"), (logging.WARNING, "33;1"), (logging.INFO, "1"))
_FAINT = "2"


class Form:
    """How lines are written.

    Args:
        around: gives the fields of where a line is written: service, job, trace.
        redact: blots out what is secret in a text.
        as_json: for programs; else for people.
        ascii_only: the stream takes no other characters.
        coloured: with the codes of a terminal.
        texts: tracebacks have the texts of exceptions.
    """

    def __init__(
        self,
        around: Callable[[], Mapping[str, Any]],
        redact: Callable[[str], str],
        *,
        as_json: bool,
        ascii_only: bool = False,
        coloured: bool = False,
        texts: bool = False,
    ) -> None:
        self._around = around
        self._redact = redact
        self._write = self._json if as_json else self._pretty
        self._ascii_only = ascii_only
        self._coloured = coloured
        self._texts = texts

    def write(self, line: Line) -> str:
        """Gives the text of a line, without the end of line."""
        own = {field_name(name, _OWN): value for name, value in line.extra.items()}
        # The last one wins: what a line binds itself.
        return self._write(line, {**self._around(), **own})

    def _json(self, line: Line, extra: Mapping[str, Any]) -> str:
        content = {
            "time": line.time.isoformat(),
            "level": line.level,
            "message": self._text(line.message),
            "logger": line.logger,
            **{self._redact(name): self._value(name, each) for name, each in extra.items()},
        }
        if line.failure is not None:
            content["exception"] = self._traceback(line)
        if line.stack:
            content["stack"] = self._text(line.stack)
        return escape_in_json(json.dumps(content, ensure_ascii=self._ascii_only))

    def _pretty(self, line: Line, extra: Mapping[str, Any]) -> str:
        known = [text_of(extra[name]) for name in _WHERE if name in extra]
        where = (f"[{' '.join(known)}] " if known else "") + (line.library and f"{line.library}: ")
        time = f"{line.time:%H:%M:%S}.{line.time.microsecond // 1000:03}"
        level = self._painted(f"{line.level: <7}", line.number)
        message = self._painted(self._text(line.message), line.number)
        below = self._text(line.stack) + self._traceback(line)
        text = f"{time} {level} {one_line(where)}{message}"
        # Within: nobody else's text begins a line of this log.
        return f"{text}\n{indent(visible(below).rstrip(), '  ')}" if below else text

    def _painted(self, text: str, number: int) -> str:
        text = one_line(text)
        colour = next((code for least, code in _COLOURS if number >= least), _FAINT)
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text

    def _value(self, name: str, value: object) -> Any:
        # Keys have more digits than a JSON number holds in most readers.
        return text_of(value) if name in _KEYS else plain(value, self._redact)

    def _traceback(self, line: Line) -> str:
        if line.failure is None:
            return ""
        return self._text(traceback_of(line.failure, texts=self._texts))

    def _text(self, text: str) -> str:
        return shortened(self._redact(text))
