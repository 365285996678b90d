"""Skeletons of handlers for the tasks of a diagram: a typed scope, a function, a test."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from workflow_devkit.check.execution_order import ExecutionOrder
from workflow_devkit.check.service_model import ServiceModel
from workflow_devkit.check.variable_writers import variable_of, writers
from workflow_devkit.codegen.identifiers import camel, identifiers_of
from workflow_devkit.codegen.source import called, defined, one_line, quoted
from workflow_runtime.bpmn.model import Definitions, Element, IoMapping

__all__ = ["Stub", "stubs_of"]

_ANY: Final = "JsonValue"
_EXAMPLES: Final = {"str": '""', "bool": "True", "int": "1", "float": "1.5"}
_NUMBER: Final = re.compile(r"-?\d+\Z")
_FRACTION: Final = re.compile(r"-?\d*\.\d+\Z")
_ROOT: Final = re.compile(r"=\s*([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class Stub:
    """What is to be written for one task type.

    ``reads`` and ``gives`` are variables with their types; ``known`` are those that the diagram
    sets before, as a hint.
    """

    job_type: str
    name: str
    title: str
    reads: dict[str, str]
    gives: dict[str, str]
    known: tuple[str, ...] = ()

    def module(self, width: int) -> str:
        """The handler."""
        head = f'"""Handler of the task {one_line(self.job_type, width - 31)}."""\n\n'
        parts = [self._imports(), self._model("Scope", self.reads, self._reading(width), width)]
        if self.gives:
            parts.append(self._model("Result", self.gives, "What the diagram takes.", width))
        return head + "\n\n".join([*parts, self._function(width)])

    def test(self, home: str, width: int) -> str:
        """A test of it, which fails until the handler is written; ``home`` is its module."""
        scope = "".join(
            f"        {quoted(name)}: {_example(kind)},\n" for name, kind in self.reads.items()
        )
        given = f"    scope: dict[str, object] = {{\n{scope}    }}\n" if scope else ""
        argument = "scope" if scope else "{}"
        run = "    outcome = await task_environment.run"
        return (
            f'"""Test of {one_line(self.job_type, width - 16)}."""\n\n'
            "from workflow_devkit.testing import TaskEnvironment\n\n"
            f"{_import(home, self.name, width)}\n\n\n"
            + defined(
                f"async def test_{self.name.strip('_')}_completes",
                "task_environment: TaskEnvironment",
                " -> None:\n",
                width + 1,
            )
            + given
            + called(run, f"{self.name}, scope={argument}", "\n", width + 1)
            + '    assert outcome.kind == "completed"\n'
        )

    def _imports(self) -> str:
        names = ["BaseModel"]
        if any(name != each for f in (self.reads, self.gives) for name, each in _fields(f)):
            names.append("Field")
        if any(_ANY in kind for f in (self.reads, self.gives) for kind in f.values()):
            names.append(_ANY)
        return f"from pydantic import {', '.join(names)}\n"

    def _reading(self, width: int) -> str:
        if self.reads:
            return "What the task reads."
        if not self.known:
            return "What the task reads: add the variables that it needs."
        known = one_line(", ".join(self.known), width - 48)
        return f"What the task reads; set before: {known}."

    def _model(self, suffix: str, fields: dict[str, str], meaning: str, width: int) -> str:
        alias = "serialization_alias" if suffix == "Result" else "alias"
        lines = "".join(
            _field(name, each, fields[name], alias, width) for name, each in _fields(fields)
        )
        body = f"\n{lines}" if lines else ""
        return f'class {self._class(suffix)}(BaseModel):\n    """{meaning}"""\n{body}'

    def _class(self, suffix: str) -> str:
        return camel(self.name, "Task") + suffix

    def _function(self, width: int) -> str:
        result = self._class("Result") if self.gives else "None"
        signature = defined(
            f"async def {self.name}", f"scope: {self._class('Scope')}", f" -> {result}:", width
        )
        title = one_line(self.title, width - 40)
        return (
            f'{signature}\n    """{title}: has to be safe to run twice."""\n'
            f"    raise NotImplementedError\n"
        )


def stubs_of(
    diagrams: Sequence[Definitions], service: ServiceModel, *, handled: Collection[str] = ()
) -> list[Stub]:
    """A stub for each task type without handler, by type."""
    found: dict[str, Stub] = {}
    processes = [process for diagram in diagrams for process in diagram.processes]
    types = [job_type for process in processes for _, job_type in _tasks(process)]
    names = identifiers_of(types, [process.id for process in processes], "task")
    for process in processes:
        for element, job_type in _tasks(process):
            if job_type not in {*handled, *found} and not service.is_external(job_type):
                found[job_type] = _stub(element, job_type, names[job_type], process, service)
    return [found[job_type] for job_type in sorted(found)]


def _tasks(process: Element) -> Iterator[tuple[Element, str]]:
    for element in process.walk():
        job_type = element.task.type if element.task else None
        if job_type and not job_type.startswith("="):
            yield element, job_type


def _stub(
    element: Element, job_type: str, name: str, process: Element, service: ServiceModel
) -> Stub:
    reads = {variable_of(each.target): _type(each) for each in element.inputs}
    sources = [match[1] for each in element.outputs if (match := _ROOT.match(each.source))]
    gives = {source: _ANY for source in sources if source not in reads}
    title = element.name or element.id
    return Stub(job_type, name, title, reads, gives, _known(element, process, service))


def _known(element: Element, process: Element, service: ServiceModel) -> tuple[str, ...]:
    order = ExecutionOrder(process)
    before = [w for w in writers(process, service) if not order.only_after(element, w.element)]
    return tuple(sorted({name for writer in before for name in writer.names or ()}))


def _type(mapping: IoMapping) -> str:
    """The type of a variable where its mapping shows it."""
    if "." in mapping.target:
        return f"dict[str, {_ANY}]"
    if not mapping.source.startswith("="):
        return "str"
    text = mapping.source[1:].strip()
    if re.fullmatch(r'"[^"]*"', text):
        return "str"
    if text in {"true", "false"}:
        return "bool"
    if _NUMBER.match(text):
        return "int"
    return "float" if _FRACTION.match(text) else _ANY


def _fields(variables: Collection[str]) -> list[tuple[str, str]]:
    """Variables with the fields that hold them."""
    found = identifiers_of(variables, [], "value", dir(BaseModel))
    return [(name, found[name]) for name in variables]


def _field(name: str, attribute: str, kind: str, alias: str, width: int) -> str:
    if attribute == name:
        return f"    {name}: {kind}\n"
    return called(f"    {attribute}: {kind} = Field", f"{alias}={quoted(name)}", "\n", width + 1)


def _example(kind: str) -> str:
    return _EXAMPLES.get(kind, "{}" if kind.startswith("dict") else "None")


def _import(home: str, name: str, width: int) -> str:
    line = f"from {home} import {name}"
    return line if len(line) <= width else f"from {home} import (\n    {name},\n)"
