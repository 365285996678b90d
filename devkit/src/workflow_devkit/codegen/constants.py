"""A Python module with the names that diagrams and code share.

The same diagrams give the same bytes, wherever they lie and in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from workflow_devkit.check.diagram_facts import awaited_message
from workflow_devkit.codegen.identifiers import constants_of
from workflow_devkit.codegen.source import quoted
from workflow_runtime.bpmn.model import Definitions, Element, EventKind

__all__ = ["module_of"]

_HEAD: Final = '"""Names in the diagrams, made by `workflow constants`: do not edit."""\n'
_IMPORT: Final = "\nfrom enum import StrEnum\n"


def module_of(diagrams: Sequence[Definitions], line_length: int = 88) -> str:
    """The source of the module, formatted as ruff and black would at this line length."""
    prefixes = [process.id for process in _processes(diagrams)]
    classes = (
        (title, meaning, constants_of(_static(find(diagrams)), own, title.upper()))
        for title, meaning, find, own in (
            # The prefix of a process is its whole id: nothing would be left without it.
            ("Process", "Ids of the processes.", _process_ids, []),
            ("Task", "Types of the service tasks.", _task_types, prefixes),
            ("Event", "Names of the messages that processes wait for.", _messages, prefixes),
            ("Signal", "Names of the signals.", _signals, prefixes),
            ("Error", "Codes of the BPMN errors.", _errors, prefixes),
            ("Escalation", "Codes of the escalations.", _escalations, prefixes),
        )
    )
    parts = [_class(title, meaning, m, line_length) for title, meaning, m in classes if m]
    return "\n\n".join([_HEAD + (_IMPORT if parts else ""), *parts])


def _static(names: Iterable[str | None]) -> Iterator[str]:
    """What is known before the process runs: no expressions."""
    return (name for name in names if name and not name.startswith("="))


def _processes(diagrams: Sequence[Definitions]) -> Iterator[Element]:
    return (process for diagram in diagrams for process in diagram.processes)


def _elements(diagrams: Sequence[Definitions]) -> Iterator[Element]:
    return (element for process in _processes(diagrams) for element in process.walk())


def _process_ids(diagrams: Sequence[Definitions]) -> Iterator[str]:
    return (process.id for process in _processes(diagrams))


def _task_types(diagrams: Sequence[Definitions]) -> Iterator[str | None]:
    return (element.task.type for element in _elements(diagrams) if element.task)


def _messages(diagrams: Sequence[Definitions]) -> Iterator[str | None]:
    return map(awaited_message, _elements(diagrams))


def _signals(diagrams: Sequence[Definitions]) -> Iterator[str | None]:
    return (e.event.name for e in _elements(diagrams) if e.event and _is(e, EventKind.SIGNAL))


def _errors(diagrams: Sequence[Definitions]) -> Iterator[str | None]:
    return (e.event.code for e in _elements(diagrams) if e.event and _is(e, EventKind.ERROR))


def _escalations(diagrams: Sequence[Definitions]) -> Iterator[str | None]:
    return (e.event.code for e in _elements(diagrams) if e.event and _is(e, EventKind.ESCALATION))


def _is(element: Element, kind: EventKind) -> bool:
    return element.event_kind() is kind


def _class(title: str, meaning: str, members: Mapping[str, str], line_length: int) -> str:
    lines = "".join(_member(name, text, line_length) for text, name in members.items())
    return f'class {title}(StrEnum):\n    """{meaning}"""\n\n{lines}'


def _member(name: str, text: str, line_length: int) -> str:
    literal = quoted(text)
    line = f"    {name} = {literal}\n"
    # The line break at its end does not count.
    if len(line) <= line_length + 1:
        return line
    pieces = [literal] if len(literal) + 8 <= line_length else _pieces(text, line_length - 8)
    return "".join([f"    {name} = (\n", *(f"        {piece}\n" for piece in pieces), "    )\n"])


def _pieces(text: str, width: int) -> list[str]:
    """A string too long for a line, as several that Python puts together."""
    step = max(1, (width - 2) // 10)  # an escaped character takes up to ten
    return [quoted(text[start : start + step]) for start in range(0, len(text), step)]
