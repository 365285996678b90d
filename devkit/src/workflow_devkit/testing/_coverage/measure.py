"""From counts to percentages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow_devkit.render.gateway_flows import taken_behind_gateways
from workflow_devkit.testing._coverage.collector import Collector, Counts
from workflow_runtime.bpmn.model import Definitions, Element, SequenceFlow


@dataclass(frozen=True, slots=True)
class Part:
    """One element or flow of a diagram and how often it was passed."""

    process_id: str
    id: str
    name: str | None
    tag: str
    line: int
    hits: int

    @property
    def is_flow(self) -> bool:
        """Whether it is a sequence flow."""
        return self.tag == "sequenceFlow"


@dataclass(frozen=True, slots=True)
class DiagramCoverage:
    """What was passed in one diagram; only executable processes count."""

    path: str
    definitions: Definitions
    parts: Sequence[Part]

    @property
    def passed(self) -> int:
        """How many of its elements and flows were passed."""
        return sum(part.hits > 0 for part in self.parts)

    @property
    def percent(self) -> float:
        """The share of its elements and flows that were passed."""
        return percent_of(self.passed, len(self.parts))

    def missed(self) -> list[Part]:
        """What no test passed, elements before flows."""
        missed = (part for part in self.parts if not part.hits)
        return sorted(missed, key=lambda part: (part.is_flow, part.line))


def percent_of(passed: int, total: int) -> float:
    """A share in percent; nothing to pass is all passed."""
    return 100 * passed / total if total else 100.0


def total_percent(diagrams: Sequence[DiagramCoverage]) -> float:
    """The share of all elements and flows of all diagrams."""
    return percent_of(sum(d.passed for d in diagrams), sum(len(d.parts) for d in diagrams))


def measure(collector: Collector, paths: Sequence[Path] = ()) -> list[DiagramCoverage]:
    """The coverage of every diagram, in the order of their paths.

    ``paths`` are files of the project; a diagram with the same name and bytes is shown by path.
    """
    # By file name, as builders deploy diagrams (`workflow_runtime.diagrams`).
    known = {(path.name, path.read_bytes()): str(path) for path in paths}
    found = (
        DiagramCoverage(
            known.get(key, diagram.resource.name),
            diagram.definitions,
            tuple(_parts(diagram.definitions, collector.counts[key])),
        )
        for key, diagram in collector.diagrams.items()
    )
    return sorted(found, key=lambda each: each.path)


def _parts(definitions: Definitions, counts: Counts) -> Iterator[Part]:
    for process in definitions.executable():
        passed = Counter({key: n for (owner, key), n in counts.items() if owner == process.id})
        # `|` keeps the greater count: a flow that records do tell of is not counted twice.
        passed |= taken_behind_gateways(process, passed)
        for element in process.walk():
            if element is not process:
                yield _element_part(process, element, passed[element.id])
            for flow in element.flows.values():
                yield _flow_part(process, flow, passed[flow.id])


def _element_part(process: Element, element: Element, hits: int) -> Part:
    return Part(process.id, element.id, element.name, element.tag, element.line, hits)


def _flow_part(process: Element, flow: SequenceFlow, hits: int) -> Part:
    return Part(process.id, flow.id, flow.name, "sequenceFlow", flow.line, hits)
