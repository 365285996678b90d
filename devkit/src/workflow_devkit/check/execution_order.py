"""Which elements of a process may have run before which others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from workflow_runtime.bpmn.model import Element, EventKind, Kind

__all__ = ["ExecutionOrder"]


class ExecutionOrder:
    """The paths through a process, sub-processes and boundary events included.

    What holds other elements is two points: where it is entered and where it is left.
    """

    def __init__(self, process: Element) -> None:
        self._next: dict[str, set[str]] = defaultdict(set)
        self._reached: dict[str, frozenset[str]] = {}
        for element in process.walk():
            for source, target in _steps(element):
                self._next[source].add(target)

    def only_after(self, first: Element, second: Element) -> bool:
        """Whether ``second`` surely does not end before ``first`` begins."""
        if first is second:
            # In a loop, its first round may set what the second one needs.
            return not self._leads(first.id, first.id)
        end = _left(second)
        return self._leads(first.id, end) and not self._leads(end, first.id)

    def _leads(self, source: str, target: str) -> bool:
        # Every task of a process asks about every writer, so each walk is made once.
        if source not in self._reached:
            self._reached[source] = frozenset(self._walk(source))
        return target in self._reached[source]

    def _walk(self, source: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self._next[source])
        while waiting:
            point = waiting.pop()
            if point not in found:
                found.add(point)
                waiting.extend(self._next[point])
        return found


def _left(element: Element) -> str:
    # No id holds a space, so this can be no other element.
    return f"{element.id} left" if element.children else element.id


def _inside(element: Element) -> Iterator[Element]:
    return (each for each in element.walk() if each is not element)


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
    for flow in scope.flows.values():
        if flow.source == element.id:
            yield _left(element), flow.target
    yield from _link(element, scope)
    if element.attached_to in scope.children:
        yield from _interruption(scope.children[element.attached_to], element)
    if element.kind is Kind.EVENT_SUB_PROCESS:
        yield from _interruption(scope, element)


def _through_scope(scope: Element) -> Iterator[tuple[str, str]]:
    yield scope.id, _left(scope)
    # One item may be done before the next one begins.
    if scope.multi_instance is not None:
        yield _left(scope), scope.id


def _link(element: Element, scope: Element) -> Iterator[tuple[str, str]]:
    if element.event is None or element.event.kind is not EventKind.LINK:
        return
    for other in scope.children.values():
        if other.event and (other.event.kind, other.event.name) == (
            EventKind.LINK,
            element.event.name,
        ):
            yield element.id, other.id


def _interruption(watched: Element, event: Element) -> Iterator[tuple[str, str]]:
    """What an event interrupts has run before it; what it does not runs beside it."""
    # The event may come before anything inside of what it watches has run.
    yield watched.id, event.id
    if _interrupts(event):
        yield from ((_left(inner), event.id) for inner in _inside(watched))


def _interrupts(event: Element) -> bool:
    starts = [each for each in event.children.values() if each.kind is Kind.START_EVENT]
    # Whether an event sub-process interrupts, its start event says.
    return event.interrupting and all(start.interrupting for start in starts)
