"""Whether a diagram catches a BPMN error: where nobody does, ThrowError makes an incident.

See semantics#error-uncaught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from workflow_runtime.gateway.values import ActivatedJob, Resource

if TYPE_CHECKING:
    from workflow_runtime.bpmn.model import Element

Uncaught = Callable[[ActivatedJob, str], bool]


def uncaught_by(resources: Iterable[Resource]) -> Uncaught:
    """Answers for the jobs of these diagrams; what they do not know counts as caught.

    A process that one of them calls may leave the error to its caller: it counts as caught too
    (semantics#error-caught-by-code). The diagrams are read when the first error is thrown.
    """
    files = tuple(file for file in resources if file.is_diagram)

    @cache
    def processes() -> Mapping[str, Element]:
        return _read(files)

    def uncaught(job: ActivatedJob, code: str) -> bool:
        from workflow_runtime.bpmn.catching import is_uncaught  # noqa: PLC0415 - as in _read

        return is_uncaught(processes(), job.process_id, job.element_id, code)

    return uncaught


def _read(files: Iterable[Resource]) -> Mapping[str, Element]:
    # A twentieth of a service's start (benchmarks/footprint.py), for what few services ever need.
    from workflow_runtime.bpmn.parser import parse  # noqa: PLC0415

    found = (process for file in files for process in parse(file.content, file.name).processes)
    return {process.id: process for process in found}
