"""What the rules have to know of a service's diagrams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from workflow_runtime.bpmn.model import Definitions, Element, EventKind, Kind

__all__ = ["DiagramFacts", "Place", "awaited_message", "process_of"]

Place = tuple[str, Element]
"""A file, and the element in it."""

_THROWING: Final = frozenset({Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT, Kind.SEND_TASK})
"""A message at one of these is published, not awaited."""


class DiagramFacts:
    """The executable processes of some diagrams, and what their elements wait for.

    Attributes:
        processes: each process with its file.
        elements: each element of the processes with its file, in the order of the file.
        jobs: each element that makes a job, with its file and its task type; the type is empty
            where the diagram says none, and begins with ``=`` where it is an expression.
    """

    def __init__(self, diagrams: Sequence[Definitions]) -> None:
        self.processes: list[Place] = [
            (diagram.resource, process) for diagram in diagrams for process in diagram.executable()
        ]
        self.elements: list[Place] = [
            (file, element) for file, process in self.processes for element in process.walk()
        ]
        # Message events that throw are jobs too, and user tasks (semantics#job-tasks).
        typed = ((file, element, element.job_type()) for file, element in self.elements)
        self.jobs = [(file, each, name) for file, each, name in typed if name is not None]

    def types(self) -> set[str]:
        """Task types of the diagrams, expressions left out."""
        return {name for _, _, name in self.jobs if name and not name.startswith("=")}

    def computes_types(self) -> bool:
        """Whether some task type is an expression, so that any handler may be meant."""
        return any(name.startswith("=") for _, _, name in self.jobs)

    def awaited(self) -> Iterator[tuple[str, Element, str]]:
        """Elements that wait for a message, with their file and the message's name."""
        for file, element in self.elements:
            if name := awaited_message(element):
                yield file, element, name

    def error_catchers(self) -> Iterator[Place]:
        """Events that catch BPMN errors, with their files."""
        for file, element in self.elements:
            if element.event_kind() is EventKind.ERROR and element.kind is not Kind.END_EVENT:
                yield file, element


def awaited_message(element: Element) -> str | None:
    """The name of the message that an element waits for, None if it waits for none."""
    waits = element.kind not in _THROWING
    return element.message.name if element.message and waits else None


def process_of(element: Element) -> Element:
    """The process that an element belongs to."""
    while element.parent is not None:
        element = element.parent
    return element
