"""Which elements set which variables, as far as that can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Final

from workflow_devkit.check.execution_order import ExecutionOrder
from workflow_devkit.check.input_mappings import Origin, variable_of
from workflow_devkit.check.service_model import Names, ServiceModel
from workflow_runtime.bpmn.model import Element, EventKind, Kind

__all__ = ["Writers", "start_names"]

_OUTSIDE: Final = frozenset({
    Kind.USER_TASK, Kind.CALL_ACTIVITY, Kind.BUSINESS_RULE_TASK, Kind.UNSUPPORTED,
})  # fmt: skip
"""What people, other processes, decisions and unknown elements set cannot be read."""
_BROUGHT: Final = frozenset(
    {EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION}
)
"""Events that bring variables along."""


class Writers:
    """The elements of a process that set variables for others, and when they may have done so.

    Args:
        process: whose elements they are.
        service: says what handlers, events and starts bring.
    """

    def __init__(self, process: Element, service: ServiceModel) -> None:
        named = ((element, _names(element, service)) for element in process.walk())
        found = [(element, names) for element, names in named if names is None or names]
        self._elements = [element for element, _ in found]
        self._names = [names for _, names in found]
        self._order = ExecutionOrder(process, self._elements)
        # Sets of writers are numbers with a bit for each, as in `ExecutionOrder`.
        self._unreadable = 0
        self._setting: dict[str, int] = defaultdict(int)
        self._alike: dict[str, set[str]] = defaultdict(set)
        for number, names in enumerate(self._names):
            self._unreadable |= (names is None) << number
            for name in names or ():
                self._setting[name] |= 1 << number
                self._alike[_plain(name)].add(name)
        self._local: dict[str, Names] = {}

    def surely_known(self, element: Element) -> bool:
        """Whether all that may be set before an element can be read."""
        return not self._order.before(element) & self._unreadable

    def sets(self, origin: Origin) -> bool:
        """Whether something may have set a variable in time."""
        return bool(self._order.before(origin.element) & self._setting.get(origin.name, 0))

    def set_alike(self, origin: Origin) -> list[str]:
        """Variables with almost the same name that may have been set in time."""
        plain = _plain(origin.name)
        before = self._order.before(origin.element)
        found = {each for each in self._alike.get(plain, ()) if self._setting[each] & before}
        # The mapping's own target is often the same name in Python's spelling.
        around = origin.element.parent if origin.mapped else origin.element
        for names in self._local_names(around):
            found |= {each for each in names if _plain(each) == plain}
        # Sorted, since sets have no order and the same findings should read the same.
        return sorted(found)

    def setting(self, names: Iterable[str]) -> Iterator[Element]:
        """The elements that set one of some variables, whenever that is."""
        return (self._elements[n] for n in _bits(reduce(or_, map(self._setting_of, names), 0)))

    def names_before(self, element: Element) -> Iterator[str]:
        """Variables that may have been set before an element runs, in the order of the file."""
        for number in _bits(self._order.before(element) & ~self._unreadable):
            yield from sorted(self._names[number] or ())

    def _setting_of(self, name: str) -> int:
        return self._setting.get(name, 0)

    def _local_names(self, each: Element | None) -> Iterator[Names]:
        """What an element's own mappings, and those around it, set before it runs."""
        while each is not None:
            # A scope with many variables may have many tasks.
            if each.id not in self._local:
                self._local[each.id] = _set_within(each)
            yield self._local[each.id]
            each = each.parent


def _bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _plain(name: str) -> str:
    # Diagrams write orderId where Python writes order_id.
    return name.replace("_", "").casefold()


def _set_within(element: Element) -> Names:
    """The variables that an element makes for itself and what is in it."""
    found = {variable_of(mapping.target) for mapping in element.inputs}
    if element.multi_instance is not None:
        # Both are local to the inner activity (semantics#multi-instance-item).
        found |= {element.multi_instance.input_element or "", "loopCounter"}
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
    job_type = element.job_type()
    if job_type is not None:
        handler = service.handlers.get(job_type)
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
