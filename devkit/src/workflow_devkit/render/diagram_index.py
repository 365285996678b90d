"""Looks up by id what is drawn: elements, sequence flows, artifacts, and their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workflow_devkit.render.connections import (
    ASSOCIATION,
    CONDITIONAL,
    DEFAULT,
    DIRECTED,
    MESSAGE,
    MUTUAL,
    SEQUENCE,
    Line,
)
from workflow_devkit.render.element_looks import is_gateway
from workflow_runtime.bpmn.model import Artifact, Definitions, Element, SequenceFlow

_CONNECTIONS: Mapping[str, Line] = {
    "messageFlow": MESSAGE,
    "association": ASSOCIATION,
    "dataInputAssociation": DIRECTED,
    "dataOutputAssociation": DIRECTED,
}


@dataclass(frozen=True, slots=True)
class DiagramIndex:
    """Elements, flows and artifacts of a file by id."""

    elements: Mapping[str, Element]
    flows: Mapping[str, SequenceFlow]
    artifacts: Mapping[str, Artifact]

    def name(self, key: str) -> str:
        """The name of anything, empty where it has none."""
        found = self.elements.get(key) or self.flows.get(key) or self.artifacts.get(key)
        return (found.name or "").strip() if found else ""

    def line(self, key: str) -> Line | None:
        """How a connection is drawn; None for what is none."""
        if flow := self.flows.get(key):
            return self._sequence(flow)
        artifact = self.artifacts.get(key)
        if artifact is None:
            return None
        # `associationDirection` as the file writes it: None, One or Both.
        if "Both" in artifact.markers:
            return MUTUAL
        return DIRECTED if "One" in artifact.markers else _CONNECTIONS.get(artifact.tag)

    def _sequence(self, flow: SequenceFlow) -> Line:
        source = self.elements.get(flow.source)
        # Before the condition, which the engine does not look at (semantics#exclusive-gateway).
        if source and source.default_flow == flow.id:
            return DEFAULT
        # At gateways every flow may have a condition, so nobody marks them there.
        if flow.condition is not None and source and not is_gateway(source):
            return CONDITIONAL
        return SEQUENCE


def _artifact(artifact: Artifact, known: Mapping[str, Artifact]) -> Artifact:
    """The artifact, with the markers of the data object that it refers to."""
    referred = known.get(artifact.refers_to or "")
    if referred is None or artifact.tag != "dataObjectReference":
        return artifact
    return replace(artifact, markers=artifact.markers | referred.markers)


def index_of(definitions: Definitions) -> DiagramIndex:
    """Indexes what a file draws by id."""
    elements = list(_elements(definitions))
    artifacts = {artifact.id: artifact for artifact in definitions.artifacts}
    return DiagramIndex(
        {element.id: element for element in elements},
        {key: flow for element in elements for key, flow in element.flows.items()},
        {key: _artifact(artifact, artifacts) for key, artifact in artifacts.items()},
    )


def _elements(definitions: Definitions) -> Iterator[Element]:
    for process in definitions.processes:
        yield from process.walk()
