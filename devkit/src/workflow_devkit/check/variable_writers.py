"""Which elements set which variables, as far as that can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workflow_devkit.check.service_model import Names, ServiceModel
from workflow_runtime.bpmn.model import Element, EventKind, Kind

__all__ = ["Writer", "local_names", "start_names", "variable_of", "writers"]

_OUTSIDE: Final = frozenset({
    Kind.USER_TASK, Kind.CALL_ACTIVITY, Kind.BUSINESS_RULE_TASK, Kind.UNSUPPORTED,
})  # fmt: skip
"""What people, other processes, decisions and unknown elements set cannot be read."""
_BROUGHT: Final = frozenset(
    {EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION}
)
"""Events that bring variables along."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An element and the variables that it sets for others; None where anything may come."""

    element: Element
    names: Names | None


def writers(process: Element, service: ServiceModel) -> list[Writer]:
    """All elements of a process that set variables for others."""
    found = (Writer(element, _names(element, service)) for element in process.walk())
    return [writer for writer in found if writer.names is None or writer.names]


def local_names(element: Element) -> Names:
    """Variables that the element's own mappings, and those around it, set before it runs."""
    found: set[str] = set()
    each: Element | None = element
    while each is not None:
        found |= {variable_of(mapping.target) for mapping in each.inputs}
        if each.multi_instance is not None:
            # Both are local to the inner activity (semantics#multi-instance-item).
            found |= {each.multi_instance.input_element or "", "loopCounter"}
        each = each.parent
    return frozenset(found)


def start_names(process: Element, service: ServiceModel) -> Names | None:
    """Variables that every instance has from its start, None where that is not known."""
    # What the project says goes before what the diagram shows.
    if process.id in service.starts:
        return service.starts[process.id]
    # An instance begins at one of the start events, so only what all of them bring is sure. A none
    # start may be given anything.
    starts = [e for e in process.children.values() if e.kind is Kind.START_EVENT]
    brought = [_brought(start, service) for start in starts if start.message]
    known = [names for names in brought if names is not None]
    if not starts or len(known) < len(starts):
        return None
    return frozenset.intersection(*known)


def _names(element: Element, service: ServiceModel) -> Names | None:
    loop = element.multi_instance
    # The whole list goes up when the loop is done (semantics#multi-instance-output).
    collected = {loop.output_collection or ""} - {""} if loop else set()
    # With output mappings nothing else of a result leaves the element
    # (semantics#output-mappings).
    if element.outputs:
        return frozenset({variable_of(mapping.target) for mapping in element.outputs} | collected)
    own = _unmapped(element, service)
    return None if own is None else own | collected


def _unmapped(element: Element, service: ServiceModel) -> Names | None:
    if element.task is not None:
        handler = service.handlers.get(element.task.type or "")
        return handler.gives if handler else None
    if element.script is not None:
        return frozenset({element.script.result_variable or ""})
    if element.called_decision is not None:
        return frozenset({element.called_decision.result_variable or ""})
    # Otherwise all variables of the called process come back (semantics#call-activity-variables).
    if element.called is not None and not element.called.propagate_child:
        return frozenset()
    return _brought(element, service)


def _brought(element: Element, service: ServiceModel) -> Names | None:
    """What comes with the event that the element waits for."""
    if element.kind in _OUTSIDE:
        return None
    if element.message is not None:
        event = service.events.get(element.message.name or "")
        return event.gives if event else None
    catches = element.kind not in {Kind.END_EVENT, Kind.INTERMEDIATE_THROW_EVENT}
    return None if catches and element.event_kind() in _BROUGHT else frozenset()


def variable_of(target: str) -> str:
    """The variable that a mapping's target sets: ``order`` of ``order.id``."""
    return target.split(".", 1)[0].strip()
