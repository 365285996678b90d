"""Which events of a diagram see a BPMN error thrown inside (semantics#error-caught-by-code)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflow_runtime.bpmn.model import Element, EventKind, Kind

__all__ = ["catchers", "catches", "is_uncaught", "may_be_called"]


def may_be_called(process_id: str, processes: Iterable[Element]) -> bool:
    """Whether one of these processes calls this one, so that its caller may catch."""
    called = (e.called.process_id or "" for p in processes for e in p.walk() if e.called)
    # An expression may name any process, so it may name this one.
    return any(name == process_id or name.startswith("=") for name in called)


def catchers(element: Element | None) -> Iterator[Element]:
    """Events that see what is thrown here, from the inside to the outside.

    Inside an event sub-process that interrupts its scope nothing outside of it is asked any more.
    """
    while element is not None:
        parent = element.parent
        for each in parent.children.values() if parent is not None else ():
            if each.attached_to == element.id:
                yield each
        for child in element.children.values():
            if child.kind is Kind.EVENT_SUB_PROCESS:
                yield from child.children.values()
        element = None if _interrupts(element) else parent


def _interrupts(element: Element) -> bool:
    starts = (e for e in element.children.values() if e.kind is Kind.START_EVENT)
    return element.kind is Kind.EVENT_SUB_PROCESS and any(e.interrupting for e in starts)


def catches(event: Element, code: str) -> bool:
    """Whether this event takes an error with this code."""
    definition = event.event
    if definition is None or definition.kind is not EventKind.ERROR:
        return False
    # An end event throws its error.
    if event.kind is Kind.END_EVENT:
        return False
    caught = definition.code or ""
    # An expression is not ours to evaluate.
    return caught in {"", code} or caught.startswith("=")


def is_uncaught(
    processes: Mapping[str, Element], process_id: str, element_id: str, code: str
) -> bool:
    """Whether nobody in these processes, by their ids, catches an error of an element.

    False where a caller may catch it, and for a process or an element that is not among them.
    """
    process = processes.get(process_id)
    if process is None or may_be_called(process_id, processes.values()):
        return False
    element = next((each for each in process.walk() if each.id == element_id), None)
    return element is not None and not any(catches(c, code) for c in catchers(element))
