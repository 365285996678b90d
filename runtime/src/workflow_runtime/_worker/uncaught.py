"""Whether a diagram catches a BPMN error: where nobody does, ThrowError makes an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from workflow_runtime.gateway.port import ActivatedJob, Resource

if TYPE_CHECKING:
    from workflow_runtime.bpmn.model import Element

Uncaught = Callable[[ActivatedJob, str], bool]


def uncaught_by(resources: Iterable[Resource]) -> Uncaught:
    """Answers for the jobs of these diagrams; what they do not know counts as caught.

    A process that one of them calls may leave the error to its caller (rule 17): it counts as
    caught too. The diagrams are read when the first error is thrown.
    """
    files = tuple(resources)

    @cache
    def processes() -> dict[str, Element]:
        from workflow_runtime.bpmn.parser import parse  # noqa: PLC0415 - lxml costs start-up time

        found = (process for f in files for process in parse(f.content, f.name).processes)
        return {process.id: process for process in found}

    def uncaught(job: ActivatedJob, code: str) -> bool:
        process = processes().get(job.process_id)
        if process is None or _may_be_called(job.process_id, processes().values()):
            return False
        element = next((each for each in process.walk() if each.id == job.element_id), None)
        return element is not None and not any(_catches(c, code) for c in _catchers(element))

    return uncaught


def _may_be_called(process_id: str, processes: Iterable[Element]) -> bool:
    called = (e.called.process_id or "" for p in processes for e in p.walk() if e.called)
    return any(name == process_id or name.startswith("=") for name in called)


def _catchers(element: Element | None) -> Iterator[Element]:
    """Events that see what is thrown here, from the inside to the outside."""
    while element is not None:
        parent = element.parent
        for each in parent.children.values() if parent is not None else ():
            if each.attached_to == element.id:
                yield each
        for child in element.children.values():
            if child.kind == "EVENT_SUB_PROCESS":
                yield from child.children.values()
        element = parent


def _catches(event: Element, code: str) -> bool:
    definition = event.event
    if definition is None or definition.kind != "ERROR" or event.kind == "END_EVENT":
        return False
    caught = definition.code or ""
    # An expression is not ours to evaluate.
    return caught in {"", code} or caught.startswith("=")
