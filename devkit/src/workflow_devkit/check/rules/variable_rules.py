"""Variables: what typed scopes ask for is set before.

Instances may start with any variables, and anybody may set more from outside. So only two
things are errors or warnings: what a process lacks whose start is known, and what is set only
later, or under almost the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts, Place
from workflow_devkit.check.execution_order import ExecutionOrder
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, quoted
from workflow_devkit.check.service_model import HandlerFacts, Names, ServiceModel
from workflow_devkit.check.variable_writers import Writer, local_names, start_names, writers
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.bpmn.model import Element

RULES: Final[Rules] = {
    "missing-variable": ContractRule(
        Severity.ERROR, "a variable that a handler needs and never gets"
    ),
    "late-variable": ContractRule(
        Severity.WARNING, "a variable that a handler needs and that is set only later"
    ),
    "misspelt-variable": ContractRule(
        Severity.WARNING,
        "a variable that a handler needs and that is set under almost the same name",
    ),
    "start-variables": ContractRule(
        Severity.INFO, "the variables that instances have to start with"
    ),
}


@dataclass(frozen=True, slots=True)
class _Need:
    """A variable that a handler asks for and that nothing before is seen to set.

    ``names`` are those under which the handler takes it; the first stands for it in messages.
    """

    place: Place
    handler: HandlerFacts
    names: tuple[str, ...]
    before: Names
    later: tuple[Element, ...]

    @property
    def name(self) -> str:
        return self.names[0]


def findings(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    """Finds variables that a handler needs and that nothing sets in time under their name."""
    for file, process in facts.processes:
        needs = list(_needs(file, process, service))
        start = start_names(process, service)
        if start is None:
            yield from _doubtful((file, process), needs)
        else:
            yield from (_missing(need) for need in needs if start.isdisjoint(need.names))


def _needs(file: str, process: Element, service: ServiceModel) -> Iterator[_Need]:
    order, found = ExecutionOrder(process), writers(process, service)
    for element in process.walk():
        handler = service.handlers.get((element.task and element.task.type) or "")
        if handler and handler.asks:
            yield from _of_task((file, element), handler, found, order)


def _of_task(
    place: Place, handler: HandlerFacts, found: Iterable[Writer], order: ExecutionOrder
) -> Iterator[_Need]:
    element = place[1]
    # By `id`: elements have no hash.
    late = {id(w.element) for w in found if order.only_after(element, w.element)}
    earlier = [w.names for w in found if id(w.element) not in late]
    known = [names for names in earlier if names is not None]
    if len(known) < len(earlier):
        return  # something before sets what cannot be read
    before = frozenset[str]().union(*known, local_names(element))
    for names in handler.asks:
        if before.isdisjoint(names):
            later = [w.element for w in found if w.names and not w.names.isdisjoint(names)]
            yield _Need(place, handler, names, before, tuple(later))


def _missing(need: _Need) -> Finding:
    return finding_at(
        RULES,
        need.place,
        "missing-variable",
        f"{need.handler.name} asks for {need.name!r}, which nothing sets before and instances "
        f"do not start with{_later(need)}",
        "set it by a result or a mapping before, or start instances with it",
    )


def _doubtful(process: Place, needs: list[_Need]) -> Iterator[Finding]:
    open_: dict[str, None] = {}
    for need in needs:
        twins = next(_twins(need), None)
        if twins is not None:
            yield _misspelt(need, *twins)
        elif need.later:
            yield _late(need)
        else:
            open_[need.name] = None
    if open_:
        yield finding_at(
            RULES,
            process,
            "start-variables",
            f"handlers ask for {quoted(list(open_))}, which nothing sets before: instances have "
            "to start with that",
            "[tool.workflow.check.starts] in pyproject.toml can name the model of the start, "
            "so that this is checked",
        )


def _twins(need: _Need) -> Iterator[tuple[str, str]]:
    """Each name that the handler takes, with a name that is set and is almost the same."""
    # Sorted, since sets have no order and the same findings should read the same.
    for name, written in product(need.names, sorted(need.before)):
        if _plain(name) == _plain(written):
            yield name, written


def _misspelt(need: _Need, name: str, twin: str) -> Finding:
    return finding_at(
        RULES,
        need.place,
        "misspelt-variable",
        f"{need.handler.name} asks for {name!r}; nothing sets that before, but {twin!r} is set",
        "use one spelling, unless instances start with both",
    )


def _late(need: _Need) -> Finding:
    return finding_at(
        RULES,
        need.place,
        "late-variable",
        f"{need.handler.name} asks for {need.name!r}{_later(need)}",
        "set it before, unless instances start with it",
    )


def _later(need: _Need) -> str:
    if not need.later:
        return ""
    return f"; it is set only later, by {quoted([each.id for each in need.later])}"


def _plain(name: str) -> str:
    # Diagrams write orderId where Python writes order_id.
    return name.replace("_", "").casefold()
