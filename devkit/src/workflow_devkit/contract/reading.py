"""Diagrams and code side by side, as the rules look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from workflow_devkit.contract.code import Code, HandlerFacts
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.bpmn.model import Definitions, Element, EventKind, Kind

__all__ = ["Reading", "Rules", "at", "meant", "shown"]

Rules = dict[str, tuple[Severity, str]]
Place = tuple[str, Element]

_THROWING = frozenset({Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT, Kind.SEND_TASK})


class Reading:
    """What the rules ask of diagrams and code."""

    def __init__(self, diagrams: Sequence[Definitions], code: Code) -> None:
        self.code = code
        self.processes: list[Place] = [
            (diagram.resource, process) for diagram in diagrams for process in diagram.executable()
        ]
        self.elements: list[Place] = [
            (file, element) for file, process in self.processes for element in process.walk()
        ]
        self.jobs = [(file, e, e.task.type or "") for file, e in self.elements if e.task]

    def handled(self) -> Iterator[tuple[str, Element, HandlerFacts]]:
        """Elements with the handler that works on them."""
        for file, element, job_type in self.jobs:
            if handler := self.code.handlers.get(job_type):
                yield file, element, handler

    def types(self) -> set[str]:
        """Task types of the diagrams, expressions left out."""
        return {name for _, _, name in self.jobs if name and not name.startswith("=")}

    def computes_types(self) -> bool:
        """Whether some task type is an expression, so that any handler may be meant."""
        return any(name.startswith("=") for _, _, name in self.jobs)

    def awaited(self) -> Iterator[tuple[str, Element, str]]:
        """Elements that wait for a message, with its name."""
        for file, element in self.elements:
            if element.message and element.message.name and element.kind not in _THROWING:
                yield file, element, element.message.name

    def error_catchers(self) -> Iterator[Place]:
        """Events that catch BPMN errors."""
        for file, element in self.elements:
            if element.event_kind() is EventKind.ERROR and element.kind is not Kind.END_EVENT:
                yield file, element


def at(
    rules: Rules, place: Place, rule: str, message: str, remedy: str, *, bad: Severity | None = None
) -> Finding:
    """A finding about an element; ``bad`` where it is not as bad as the rule says."""
    file, element = place
    severity = bad or rules[rule][0]
    name = element.name or ""
    return Finding(file, element.line, rule, severity, message, remedy, element.id, name)


def meant(word: str, known: set[str] | frozenset[str]) -> str:
    """A sentence that suggests what may have been meant, or nothing."""
    close = get_close_matches(word, sorted(known - {word}), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def shown(names: list[str]) -> str:
    """``'a', 'b'``."""
    return ", ".join(repr(name) for name in names)
