"""What commands print: text for people, JSON for programs, never both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """A console for text with colours and tables."""
    from rich.console import Console  # noqa: PLC0415 - 40 ms; most verbs print lines

    # Long lines stay whole, so that they can be copied and searched; colours are ours alone.
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def emit(as_json: bool, data: Any, text: str) -> None:
    """Prints the result of a command: ``data`` as JSON, or ``text``."""
    write_line(json.dumps(data, indent=2, default=str, ensure_ascii=False) if as_json else text)


def write_line(text: str) -> None:
    """Writes a line and flushes it: a reader of a pipe sees it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Writes a line that is not the result to stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table for people."""
    from rich.table import Table  # noqa: PLC0415 - most verbs print no table

    table = Table(*columns, title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console().print(table)


def as_pairs(values: Mapping[str, object]) -> str:
    """``a=1 b=2`` of a mapping, for one line of text."""
    return " ".join(f"{name}={value}" for name, value in values.items())


def counted(number: int, noun: str) -> str:
    """``1 diagram``, ``2 diagrams``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
