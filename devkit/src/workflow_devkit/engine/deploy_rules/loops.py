"""Processes that would go round for ever without waiting for anything.

As Zeebe's ``StraightThroughProcessingLoopValidator``, but in linear time; see
semantics#deployment-straight-loops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_devkit.engine.deploy_rules.refusal import Place, Refusal
from workflow_runtime.bpmn.model import Element, Kind

_STRAIGHT = frozenset(
    {
        Kind.MANUAL_TASK, Kind.TASK, Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY,
        Kind.PARALLEL_GATEWAY, Kind.START_EVENT, Kind.END_EVENT, Kind.SUB_PROCESS,
        Kind.CALL_ACTIVITY, Kind.INTERMEDIATE_THROW_EVENT,
    }
)  # fmt: skip
# One of these is in each loop that is found: the broker's validator looks no further than them
# (semantics#deployment-straight-loops).
_REFUSED = frozenset(
    {Kind.MANUAL_TASK, Kind.TASK, Kind.CALL_ACTIVITY, Kind.INTERMEDIATE_THROW_EVENT}
)
Processes = Mapping[str, Element]


def straight_loops(processes: Processes) -> list[Refusal]:
    """One loop of each process that has one; it is shown at all elements that keep it going.

    Args:
        processes: the executable processes of one file, by their ids.
    """
    busy = {
        key: [element for element in process.walk() if element.kind in _REFUSED]
        for key, process in processes.items()
    }
    circles = _Circles(processes)
    found = ((key, [e for e in elements if circles.has(e)]) for key, elements in busy.items())
    return [_refusal(key, going_round, processes) for key, going_round in found if going_round]


def _refusal(process: str, going_round: list[Element], processes: Processes) -> Refusal:
    # The broker shows the loop of the first of them by id.
    first = min(going_round, key=lambda element: element.id)
    way = " > ".join(_way_round(first, processes))
    places = tuple(Place(each.id, each.name or "", each.line) for each in going_round)
    return Refusal("straight-loop", "process", {"process": process, "way": way}, places)


class _Circles:
    """Which elements can reach themselves: Tarjan's strongly connected components."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        # By identity: two elements are compared by all that they hold.
        self._number: dict[int, int] = {}
        self._lowest: dict[int, int] = {}
        self._open: list[int] = []
        self._closed: dict[int, bool] = {}

    def has(self, element: Element) -> bool:
        """Whether a way leads from the element back to it."""
        if id(element) not in self._number:
            self._visit(element)
        return self._closed[id(element)]

    def _visit(self, start: Element) -> None:
        # A path instead of recursion: a process may be longer than Python's stack is deep.
        path = [(start, self._enter(start))]
        while path:
            element, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                self._leave(element, path[-1][0] if path else None)
            elif id(target) not in self._number:
                path.append((target, self._enter(target)))
            elif id(target) not in self._closed:
                self._lower(element, self._number[id(target)])

    def _enter(self, element: Element) -> Iterator[Element]:
        key = id(element)
        self._number[key] = self._lowest[key] = len(self._number)
        self._open.append(key)
        return (e for e in _following(element, self._processes) if e.kind in _STRAIGHT)

    def _lower(self, element: Element, number: int) -> None:
        self._lowest[id(element)] = min(self._lowest[id(element)], number)

    def _leave(self, element: Element, before: Element | None) -> None:
        key = id(element)
        if before is not None:
            self._lower(before, self._lowest[key])
        if self._lowest[key] != self._number[key]:
            return
        # A component of one element is a circle only if the element leads to itself.
        around = self._open[-1] != key or any(
            target is element for target in _following(element, self._processes)
        )
        while key not in self._closed:
            self._closed[self._open.pop()] = around


def _way_round(start: Element, processes: Processes) -> list[str]:
    """The ids of a way from an element back to it, which there is."""
    path = [start]
    open_ways = [_following(start, processes)]
    seen = {id(start)}
    while open_ways:
        element = next(open_ways[-1], None)
        if element is None:
            open_ways.pop()
            path.pop()
        elif element is start:
            return [e.id for e in (*path, start)]
        elif element.kind in _STRAIGHT and id(element) not in seen:
            seen.add(id(element))
            path.append(element)
            open_ways.append(_following(element, processes))
    return []


def _following(element: Element, processes: Processes) -> Iterator[Element]:
    if element.kind is Kind.SUB_PROCESS:
        return _none_start(element)
    if element.kind is Kind.CALL_ACTIVITY:
        called = processes.get(element.called.process_id or "") if element.called else None
        return _none_start(called) if called else iter(())
    around = element if element.outgoing else element.parent
    return _targets(around) if around and around.kind is not Kind.PROCESS else iter(())


def _none_start(scope: Element) -> Iterator[Element]:
    starts = [e for e in scope.children.values() if e.kind is Kind.START_EVENT and not e.event]
    return iter(starts[:1])


def _targets(element: Element) -> Iterator[Element]:
    scope = element.parent
    if scope is None:
        return
    for flow_id in element.outgoing:
        flow = scope.flows.get(flow_id)
        if flow is not None and flow.target in scope.children:
            yield scope.children[flow.target]
