"""Processes that would go round for ever without waiting for anything.

As Zeebe's ``StraightThroughProcessingLoopValidator``, but in linear time; see
semantics#deployment-straight-loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from workflow_devkit.components import components
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
    circling = _circling(chain.from_iterable(busy.values()), processes)
    found = ((key, [e for e in each if id(e) in circling]) for key, each in busy.items())
    return [_refusal(key, going_round, processes) for key, going_round in found if going_round]


def _refusal(process: str, going_round: list[Element], processes: Processes) -> Refusal:
    # The broker shows the loop of the first of them by id.
    first = min(going_round, key=lambda element: element.id)
    way = " > ".join(_way_round(first, processes))
    places = tuple(Place(each.id, each.name or "", each.line) for each in going_round)
    return Refusal("straight-loop", "process", {"process": process, "way": way}, places)


def _circling(busy: Iterable[Element], processes: Processes) -> set[int]:
    """The elements that a way leads from back to them; by `id`, since two are compared by value."""

    def straight(element: Element) -> list[Element]:
        return [each for each in _following(element, processes) if each.kind in _STRAIGHT]

    return {
        id(element)
        for component in components(busy, straight, id)
        for element in component
        # A component of one element is a circle only if the element leads to itself.
        if len(component) > 1 or any(each is element for each in straight(element))
    }


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
