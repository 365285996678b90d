"""Whether a diagram catches a BPMN error: where nobody does, ThrowError makes an incident.

See semantics#error-uncaught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from workflow_runtime.bpmn.catching import catchers, catches, may_be_called
from workflow_runtime.bpmn.parser import parse
from workflow_runtime.gateway.port import ActivatedJob, Resource

if TYPE_CHECKING:
    from workflow_runtime.bpmn.model import Element

Uncaught = Callable[[ActivatedJob, str], bool]


def uncaught_by(resources: Iterable[Resource]) -> Uncaught:
    """Answers for the jobs of these diagrams; what they do not know counts as caught.

    A process that one of them calls may leave the error to its caller: it counts as caught too
    (semantics#error-caught-by-code). The diagrams are read when the first error is thrown.
    """
    files = tuple(resources)

    @cache
    def processes() -> dict[str, Element]:
        found = (process for f in files for process in parse(f.content, f.name).processes)
        return {process.id: process for process in found}

    def uncaught(job: ActivatedJob, code: str) -> bool:
        process = processes().get(job.process_id)
        if process is None or may_be_called(job.process_id, processes().values()):
            return False
        element = next((each for each in process.walk() if each.id == job.element_id), None)
        return element is not None and not any(catches(c, code) for c in catchers(element))

    return uncaught
