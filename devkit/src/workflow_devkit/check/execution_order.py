"""Which elements of a process may have run before which others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

from workflow_devkit.components import components
from workflow_runtime.bpmn.model import Element, EventKind, Kind

__all__ = ["ExecutionOrder"]


class ExecutionOrder:
    """The paths through a process, sub-processes and boundary events included.

    What holds other elements is two points: where it is entered and where it is left. A set of
    elements is a number with a bit for each: a process may have tens of thousands of tasks, and
    nearly all of them may follow each of them.

    Args:
        process: whose elements are asked about.
        watched: the elements that may come before or after others; the first has the lowest bit.
    """

    def __init__(self, process: Element, watched: Sequence[Element]) -> None:
        self._following: dict[str, set[str]] = defaultdict(set)
        for element in process.walk():
            for source, target in _steps(element):
                self._following[source].add(target)
        self._bits = {element.id: 1 << number for number, element in enumerate(watched)}
        self._all = (1 << len(watched)) - 1
        self._later: dict[str, int] = {}
        self._circling: set[str] = set()
        self._find({_left(element): self._bits[element.id] for element in watched})

    def before(self, element: Element) -> int:
        """The watched elements that may have ended before this one begins."""
        later = self._later.get(element.id, 0)
        # In a loop, its first round may set what the second one needs.
        own = 0 if element.id in self._circling else self._bits.get(element.id, 0)
        return self._all & ~(later | own)

    def _find(self, ends: Mapping[str, int]) -> None:
        """Notes what is left only after each point: it leads there, and there is no way back."""
        reached: dict[str, int] = {}
        points = [*self._following]
        for component in components(points, lambda point: self._following[point], str):
            within = set(component)
            onward = {t for point in component for t in self._following[point]} - within
            later = reduce(or_, map(reached.__getitem__, onward), 0)
            here = reduce(or_, (ends.get(point, 0) for point in component), 0)
            circles = len(component) > 1 or component[0] in self._following[component[0]]
            for point in component:
                self._later[point], reached[point] = later, later | here
            if circles:
                self._circling |= within


def _left(element: Element) -> str:
    # No id holds a space, so this can be no other element.
    return f"{element.id} left" if element.children else element.id


def _ended_in(scope: Element) -> str:
    """The point that each end of an element within a scope leads to."""
    # One point for all: an edge from each element to each event that interrupts would be a square.
    return f"{scope.id} inside"


def _steps(element: Element) -> Iterator[tuple[str, str]]:
    scope = element.parent
    if element.children:
        yield from _through_scope(element)
    if scope is None:
        return
    # Any element may be the last one in its scope; then the scope is left.
    yield _left(element), _left(scope)
    # What no flow leads to begins with its scope: start events, and event sub-processes.
    if not element.incoming and element.attached_to is None:
        yield scope.id, element.id
    yield _left(element), _ended_in(scope)
    for flow in filter(None, map(scope.flows.get, element.outgoing)):
        yield _left(element), flow.target
    yield from _link(element, scope)
    if element.attached_to in scope.children:
        yield from _interruption(scope.children[element.attached_to], element)
    if element.kind is Kind.EVENT_SUB_PROCESS:
        yield from _interruption(scope, element)


def _through_scope(scope: Element) -> Iterator[tuple[str, str]]:
    yield scope.id, _left(scope)
    if scope.parent is not None:
        yield _ended_in(scope), _ended_in(scope.parent)
    # One item may be done before the next one begins.
    if scope.multi_instance is not None:
        yield _left(scope), scope.id


def _link(element: Element, scope: Element) -> Iterator[tuple[str, str]]:
    if element.event is None or element.event.kind is not EventKind.LINK:
        return
    # A point for each name: an edge from each link to each other would be a square.
    name = f"{scope.id} link {element.event.name}"
    if element.kind is Kind.INTERMEDIATE_CATCH_EVENT:
        yield name, element.id
    else:
        yield element.id, name


def _interruption(watched: Element, event: Element) -> Iterator[tuple[str, str]]:
    """What an event interrupts has run before it; what it does not runs beside it."""
    # The event may come before anything inside of what it watches has run.
    yield watched.id, event.id
    if _interrupts(event):
        yield _ended_in(watched), event.id


def _interrupts(event: Element) -> bool:
    starts = [each for each in event.children.values() if each.kind is Kind.START_EVENT]
    # Whether an event sub-process interrupts, its start event says.
    return event.interrupting and all(start.interrupting for start in starts)
