"""The diagrams of a test: names for messages, elements for coverage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from workflow_runtime.bpmn.model import Definitions, Element
from workflow_runtime.bpmn.parser import parse
from workflow_runtime.closest import did_you_mean
from workflow_runtime.gateway.values import Resource


class DeployedDiagram:
    """One file as it is deployed; parsed when somebody asks."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    @cached_property
    def definitions(self) -> Definitions:
        """What is in the file; parsed once, since most tests never ask."""
        return parse(self.resource.content, self.resource.name)


class Diagrams:
    """All diagrams of one test, the latest of each name."""

    def __init__(self) -> None:
        self._by_name: dict[str, DeployedDiagram] = {}

    def add(self, resources: Iterable[Resource]) -> None:
        """Takes note of deployed files."""
        self._by_name |= {r.name: DeployedDiagram(r) for r in resources if r.is_diagram}

    def __iter__(self) -> Iterator[DeployedDiagram]:
        return iter(self._by_name.values())

    def process(self, process_id: str) -> Element | None:
        """The process with this id."""
        processes = (process for each in self for process in each.definitions.processes)
        return next((process for process in processes if process.id == process_id), None)

    def process_ids(self) -> list[str]:
        """The ids of all processes, in the order of the files."""
        return [process.id for each in self for process in each.definitions.processes]

    def definitions_of(self, process_id: str) -> Definitions:
        """The file that has the process with this id.

        Raises:
            LookupError: none has.
        """
        for each in self:
            if any(process.id == process_id for process in each.definitions.processes):
                return each.definitions
        raise LookupError(f"no diagram with process {process_id!r} was deployed in this test")

    def known_ids(self, process_id: str) -> dict[str, str | None]:
        """Ids of the process's elements and flows, with their names."""
        process = self.process(process_id)
        elements = list(process.walk()) if process else []
        names: dict[str, str | None] = {element.id: element.name for element in elements}
        return names | {flow.id: flow.name for each in elements for flow in each.flows.values()}

    def describe(self, process_id: str, element_id: str) -> str:
        """``element_id 'Its name'``, as it is written in the diagram."""
        # Names have line breaks where somebody wanted them in the picture.
        name = self.known_ids(process_id).get(element_id)
        return f"{element_id} {' '.join(name.split())!r}" if name else element_id

    def problem_with(self, process_id: str, element_id: str) -> str | None:
        """Why an id cannot be meant: no element has it. None when it is right."""
        known = self.known_ids(process_id)
        # Of a process that this test did not deploy, no id can be called wrong.
        if not known or element_id in known:
            return None
        hint = did_you_mean(element_id, known) or f"known: {', '.join(sorted(known))}."
        return f"no element {element_id!r} in process {process_id!r}; {hint}"
