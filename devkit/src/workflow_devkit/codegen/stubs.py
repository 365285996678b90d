"""Which handlers a diagram needs, and what each of them reads and gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from workflow_devkit.check.input_mappings import variable_of
from workflow_devkit.check.service_model import ServiceModel
from workflow_devkit.check.variable_writers import Writers
from workflow_devkit.codegen.handler_stub import ANY, Stub
from workflow_devkit.codegen.identifiers import identifiers_of
from workflow_runtime.bpmn.model import Definitions, Element, IoMapping

__all__ = ["stubs_of"]

_NUMBER: Final = re.compile(r"-?\d+\Z")
_FRACTION: Final = re.compile(r"-?\d*\.\d+\Z")
_ROOT: Final = re.compile(r"=\s*([^\W\d]\w*)")
"""The first variable that an expression names."""
_PYTEST: Final = re.compile(r"test|conftest\Z|.*_test\Z")
"""Names by which pytest would take a handler for a test, or its module for a file of tests."""
_HINTS: Final = 50
"""Variables that a stub may list as set before: a long process sets thousands."""


def stubs_of(
    diagrams: Sequence[Definitions], service: ServiceModel, *, handled: Collection[str] = ()
) -> list[Stub]:
    """A stub for each task type that has no handler yet, in the order of the types.

    Args:
        diagrams: whose tasks are wanted.
        service: says which task types other services work on, and what is set before a task.
        handled: the task types that have handlers.
    """
    found: dict[str, Stub] = {}
    processes = [process for diagram in diagrams for process in diagram.processes]
    # Of all tasks, those with handlers too: writing one handler must not rename another.
    types = [job_type for process in processes for _, job_type in _tasks(process)]
    names = _names_of(types, [process.id for process in processes])
    done = set(handled)
    for process in processes:
        before = Writers(process, service)
        for element, job_type in _tasks(process):
            # Tasks with one type share a handler: the first in the file gives it its variables.
            if job_type not in done and not service.is_external(job_type):
                done.add(job_type)
                found[job_type] = _stub(element, job_type, names[job_type], before)
    return [found[job_type] for job_type in sorted(found)]


def _names_of(types: Collection[str], prefixes: Collection[str]) -> dict[str, str]:
    """What handlers and their modules are called, by task type."""
    names = identifiers_of(types, prefixes, "task")
    taken = set(names.values())

    def apart(name: str) -> str:
        if not _PYTEST.match(name):
            return name
        other = f"on_{name}_job"
        while other in taken:
            other = f"on_{other}"
        taken.add(other)
        return other

    return {job_type: apart(name) for job_type, name in names.items()}


def _tasks(process: Element) -> Iterator[tuple[Element, str]]:
    for element in process.walk():
        job_type = element.task.type if element.task else None
        if job_type and not job_type.startswith("="):
            yield element, job_type


def _stub(element: Element, job_type: str, name: str, before: Writers) -> Stub:
    reads = {variable_of(each.target): _type(each) for each in element.inputs}
    sources = [match[1] for each in element.outputs if (match := _ROOT.match(each.source))]
    # What the inputs of the task set comes from the diagram, not from the result.
    gives = {source: ANY for source in sources if source not in reads}
    title = element.name or element.id
    known = sorted(set(islice(before.names_before(element), _HINTS)))
    return Stub(job_type, name, title, reads, gives, tuple(known))


def _type(mapping: IoMapping) -> str:
    """The type of a variable where its mapping shows it."""
    # A target with a dot sets a field of a context.
    if "." in mapping.target:
        return f"dict[str, {ANY}]"
    # A static source is a text, whatever it looks like (semantics#static-values).
    if not mapping.source.startswith("="):
        return "str"
    text = mapping.source[1:].strip()
    if re.fullmatch(r'"[^"]*"', text):
        return "str"
    if text in {"true", "false"}:
        return "bool"
    if _NUMBER.match(text):
        return "int"
    return "float" if _FRACTION.match(text) else ANY
