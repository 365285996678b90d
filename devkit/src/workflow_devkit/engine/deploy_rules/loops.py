"""Processes that would go round for ever without waiting for anything.

As Zeebe's ``StraightThroughProcessingLoopValidator``, but in linear time; see
semantics#deployment-straight-loops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_runtime.bpmn.model import Element, Kind

_STRAIGHT = frozenset(
    {
        Kind.MANUAL_TASK, Kind.TASK, Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY,
        Kind.PARALLEL_GATEWAY, Kind.START_EVENT, Kind.END_EVENT, Kind.SUB_PROCESS,
        Kind.CALL_ACTIVITY, Kind.INTERMEDIATE_THROW_EVENT,
    }
)  # fmt: skip
_REFUSED = frozenset(
    {Kind.MANUAL_TASK, Kind.TASK, Kind.CALL_ACTIVITY, Kind.INTERMEDIATE_THROW_EVENT}
)
_TEXT = "Processes are not allowed to contain a straight-through processing loop: "


def straight_loops(processes: Mapping[str, Element], resource: str) -> str:
    """What the broker says about such loops in one file; empty when there are none."""
    found = ((key, _loop_in(process, processes)) for key, process in processes.items())
    return "".join(
        f"`{resource}`: - Process: {key}\n    - ERROR: {_TEXT}{' > '.join(loop)}\n"
        for key, loop in found
        if loop
    )


def _loop_in(process: Element, processes: Mapping[str, Element]) -> list[str]:
    starts = sorted((e for e in process.walk() if e.kind in _REFUSED), key=lambda e: e.id)
    return next((loop for start in starts if (loop := _loop_from(start, processes))), [])


def _loop_from(start: Element, processes: Mapping[str, Element]) -> list[str]:
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


def _following(element: Element, processes: Mapping[str, Element]) -> Iterator[Element]:
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
