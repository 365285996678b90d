"""What commands print: text for people, JSON for programs, never both.

The one way to the terminal: nothing else in the command writes to a stream, or knows rich. What is
printed is data, of whomever: no markup is read in it, and nothing in it acts on a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TextIO

from workflow_runtime.visible import escape_in_json, one_line, visible

if TYPE_CHECKING:
    from rich.console import Console

_GAP = 2
"""Blanks between two columns."""
Styled = tuple[str, str]
"""A text and rich's name of how it looks."""


def emit(as_json: bool, data: Any, text: str | Iterable[str]) -> None:
    """Prints the result of a command: ``data`` as JSON, or ``text``, of which several are lines."""
    if as_json:
        write_json(data, indent=2)
    elif isinstance(text, str):
        _write(sys.stdout, visible(text))
    else:
        _write(sys.stdout, "\n".join(map(one_line, text)))


def write_json(data: Any, *, indent: int | None = None) -> None:
    """Prints JSON; a reader of a pipe sees it at once."""
    text = escape_in_json(json.dumps(data, indent=indent, default=str, ensure_ascii=False))
    if _fitting(sys.stdout, text) != text:
        text = json.dumps(data, indent=indent, default=str)
    _write(sys.stdout, text)


def write_line(text: str) -> None:
    """Prints one line, whatever is in the text; a reader of a pipe sees it at once."""
    _write(sys.stdout, one_line(text))


def write_content(text: str) -> None:
    """Prints the content of a file: as it is, but for a terminal."""
    shown = visible(text) if sys.stdout.isatty() else text
    _write(sys.stdout, shown, end="" if text.endswith("\n") else "\n")


def note(text: str) -> None:
    """Writes lines that are not the result to stderr."""
    _write(sys.stderr, visible(text))


def write_styled(*parts: str | Styled) -> None:
    """Prints one line with colours where there are any; no part of it begins another line."""
    from rich.text import Text  # noqa: PLC0415 - 40 ms; most verbs print lines

    line = Text()
    for part in parts:
        text, style = part if isinstance(part, tuple) else (part, "")
        line.append(_fitting(sys.stdout, one_line(text)), style)
    _console(sys.stdout).print(line)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table whose cells stay whole: nothing is cut, and no line is broken within one.

    Keys come first and what may be long last: where a terminal has no room for a column, it and
    those behind it stand below the others.
    """
    cells = [[one_line(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    beside = _fit(widths)
    # The last column speaks for itself; of others one would not know what they are.
    names = [f"{name}: " for name in columns[beside:-1]] + [""]
    if title:
        write_styled((title, "italic"))
    write_styled((_row(columns[:beside], widths), "bold"))
    for row in cells:
        write_styled(_row(row[:beside], widths))
        for name, cell in zip(names, row[beside:], strict=False):
            if cell:
                write_styled(f"    {name}{cell}")


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Shows on stderr how far something is; gone at the end: stdout has the result.

    Yields:
        To be called after each step.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - only few verbs take long

    with Progress(console=_console(sys.stderr), transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda: shown.advance(task)


def _fit(widths: Sequence[int]) -> int:
    """How many columns have room beside each other; the first one always does."""
    ends = list(accumulate(width + _GAP for width in widths))
    return max(1, sum(end - _GAP <= _width() for end in ends))


def as_pairs(values: Mapping[str, object]) -> str:
    """``a=1 b=2`` of a mapping, for one line of text."""
    return " ".join(f"{name}={value}" for name, value in values.items())


def counted(number: int, noun: str) -> str:
    """``1 diagram``, ``2 diagrams``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return (" " * _GAP).join(map(str.ljust, cells, widths)).rstrip()


def _width() -> float:
    # A pipe has no end of line, and neither has a file.
    return _console(sys.stdout).width if sys.stdout.isatty() else float("inf")


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415 - 40 ms; most verbs print lines

    # Long lines stay whole, so that they can be copied and searched; colours are ours alone.
    return Console(file=stream, highlight=False, soft_wrap=True, markup=False, emoji=False)


def _write(stream: TextIO, text: str, end: str = "\n") -> None:
    stream.write(_fitting(stream, text) + end)
    stream.flush()


def _fitting(stream: TextIO, text: str) -> str:
    """A text that the stream takes: under LANG=C, or on an old console, it knows few characters."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
