"""Which events of a diagram see a BPMN error thrown inside (semantics#error-caught-by-code)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from workflow_runtime.bpmn.model import Element, EventKind, Kind

__all__ = ["Catchers", "called_among", "catches", "is_uncaught"]


def called_among(processes: Collection[Element]) -> set[str]:
    """The ids of those of these processes that one of them calls, so that its caller may catch."""
    ids = {process.id for process in processes}
    named = {e.called.process_id or "" for p in processes for e in p.walk() if e.called}
    # An expression may name any process.
    return ids if any(name.startswith("=") for name in named) else ids & named


class Catchers:
    """Who may catch what is thrown in some processes."""

    def __init__(self, processes: Iterable[Element]) -> None:
        # By `id`: elements compare by value and have no hash.
        self._attached: dict[tuple[int, str], list[Element]] = defaultdict(list)
        self._beside: dict[int, list[Element]] = defaultdict(list)
        for process in processes:
            for element in process.walk():
                if element.attached_to:
                    self._attached[id(element.parent), element.attached_to].append(element)
                if element.kind is Kind.EVENT_SUB_PROCESS:
                    self._beside[id(element.parent)].extend(element.children.values())

    def of(self, element: Element | None) -> Iterator[Element]:
        """Events that see what is thrown at an element, from the inside to the outside.

        Inside an event sub-process that interrupts its scope nothing outside of it is asked any
        more.
        """
        while element is not None:
            yield from self._attached.get((id(element.parent), element.id), ())
            yield from self._beside.get(id(element), ())
            element = None if _interrupts(element) else element.parent


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
    if process is None or process_id in called_among(processes.values()):
        return False
    element = next((each for each in process.walk() if each.id == element_id), None)
    return element is not None and not any(
        catches(each, code) for each in Catchers([process]).of(element)
    )
