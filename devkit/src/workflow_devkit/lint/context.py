"""A parsed file as lint's rules look at it: its elements, flows and scopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from workflow_devkit.lint.options import Options
from workflow_devkit.lint.position import Source
from workflow_devkit.lint.problem import Found
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.model import Definitions, Element, EventKind, Kind, SequenceFlow

CONTAINERS = frozenset(
    {
        Kind.PROCESS,
        Kind.EVENT_SUB_PROCESS,
        *(names.KINDS[tag] for tag in names.CONTAINERS & names.KINDS.keys()),
    }
) - {Kind.UNSUPPORTED}
"""What holds other elements; of what no engine here runs, the inside is nobody's business."""


class LintContext:
    """A file as rules see it: only processes that an engine would run, with their graph."""

    def __init__(
        self, definitions: Definitions, options: Options, source: Source, refused: Found
    ) -> None:
        self.definitions = definitions
        self.options = options
        self.locate = source.locate
        self.refused = refused
        # A broker does not look at the others either (semantics#deployment-elements).
        self.processes = definitions.executable()

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """All flow nodes, in document order."""
        return tuple(each for each, _ in self.owned)

    @cached_property
    def owned(self) -> tuple[tuple[Element, Element], ...]:
        """All flow nodes with their processes."""
        return tuple(
            (element, process)
            for process in self.processes
            for element in process.walk()
            if element is not process
        )

    @cached_property
    def scopes(self) -> tuple[Element, ...]:
        """Processes and sub-processes: what tokens run in."""
        every = (element for process in self.processes for element in process.walk())
        return tuple(element for element in every if element.kind in CONTAINERS)

    @cached_property
    def by_id(self) -> dict[str, Element]:
        """Flow nodes by id."""
        return {element.id: element for element in self.elements}

    @cached_property
    def flows(self) -> dict[str, SequenceFlow]:
        """Sequence flows by id, also those of sub-processes that no engine knows."""
        every = (element for process in self.processes for element in process.walk())
        return {flow.id: flow for element in every for flow in element.flows.values()}

    @cached_property
    def boundaries(self) -> dict[str, list[Element]]:
        """Boundary events by the id of what they are attached to."""
        found: dict[str, list[Element]] = {}
        for element in self.of(Kind.BOUNDARY_EVENT):
            found.setdefault(element.attached_to or "", []).append(element)
        return found

    @cached_property
    def _link_catches(self) -> dict[tuple[int, str], list[Element]]:
        found: dict[tuple[int, str], list[Element]] = {}
        for each in self.of(Kind.INTERMEDIATE_CATCH_EVENT):
            if each.event is not None and each.event.kind is EventKind.LINK:
                # Links join only within a scope (semantics#link-event). By `id`: elements compare
                # by value and have no hash.
                key = id(each.parent), each.event.name or ""
                found.setdefault(key, []).append(each)
        return found

    def link_targets(self, element: Element) -> list[Element]:
        """The link catch events that an element jumps to; none unless it is a link throw event."""
        event = element.event
        if element.kind is not Kind.INTERMEDIATE_THROW_EVENT or event is None:
            return []
        is_link = event.kind is EventKind.LINK
        return self._link_catches.get((id(element.parent), event.name or ""), []) if is_link else []

    def of(self, *kinds: Kind) -> Iterator[Element]:
        """The flow nodes of certain kinds, in document order."""
        return (element for element in self.elements if element.kind in kinds)

    def written(self, ids: Iterable[str]) -> list[SequenceFlow]:
        """The flows that ``bpmn:incoming`` or ``bpmn:outgoing`` children name."""
        # The children may name flows that do not exist, as after a careless edit by hand.
        return [self.flows[flow] for flow in ids if flow in self.flows]
