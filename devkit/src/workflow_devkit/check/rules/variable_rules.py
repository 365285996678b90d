"""Variables: what typed scopes ask for is set before.

Instances may start with any variables, and anybody may set more from outside. So only two
things are errors or warnings: what a process lacks whose start is known, and what is set only
later, or under almost the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts, Place
from workflow_devkit.check.input_mappings import Origin, origin_of
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, quoted
from workflow_devkit.check.service_model import HandlerFacts, ServiceModel
from workflow_devkit.check.variable_writers import Writers, start_names
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


_SHOWN: Final = 10
"""Elements that a message names."""


@dataclass(frozen=True, slots=True)
class _Need:
    """A variable that a handler asks for and that nothing before is seen to set.

    ``origins`` are those that it may come from; the first stands for it in messages.
    """

    place: Place
    handler: HandlerFacts
    origins: tuple[Origin, ...]
    writers: Writers

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.origins)

    def later(self) -> str:
        """The end of a sentence that says who sets it, too late; empty where nobody does."""
        # A variable may be set by thousands of tasks and needed by thousands.
        found = [each.id for each in islice(self.writers.setting(self.names), _SHOWN + 1)]
        shown = quoted(found[:_SHOWN]) + (" and others" if len(found) > _SHOWN else "")
        return f"it is set only later, by {shown}" if found else ""


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
    writers = Writers(process, service)
    for element in process.walk():
        handler = service.handlers.get(element.job_type() or "")
        # What cannot be read may set anything.
        if handler and handler.asks and writers.surely_known(element):
            for names in handler.asks:
                found = [origin_of(element, name) for name in names]
                origins = tuple(each for each in found if each is not None)
                known = len(origins) == len(names)
                if known and not any(_is_set(each, handler, writers) for each in origins):
                    yield _Need((file, element), handler, origins, writers)


def _is_set(origin: Origin, handler: HandlerFacts, writers: Writers) -> bool:
    # A mapping of a variable that is missing gives null.
    null_will_do = origin.mapped and origin.inner in handler.nullable
    return null_will_do or writers.sets(origin)


def _missing(need: _Need) -> Finding:
    return finding_at(
        RULES,
        need.place,
        "missing-variable",
        f"{need.handler.name} asks for {need.origins[0]}; nothing sets that before, and instances "
        f"do not start with it{_behind(need.later())}",
        "set it by a result or a mapping before, or start instances with it",
    )


def _doubtful(process: Place, needs: list[_Need]) -> Iterator[Finding]:
    open_: dict[str, None] = {}
    for need in needs:
        twins = next(_twins(need), None)
        if twins is not None:
            yield _misspelt(need, *twins)
        elif late := need.later():
            yield _late(need, late)
        else:
            open_[need.names[0]] = None
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


def _twins(need: _Need) -> Iterator[tuple[Origin, str]]:
    """Each variable that will do, with a name that is set and is almost the same."""
    for origin in need.origins:
        for written in need.writers.set_alike(origin):
            yield origin, written


def _misspelt(need: _Need, origin: Origin, twin: str) -> Finding:
    return finding_at(
        RULES,
        need.place,
        "misspelt-variable",
        f"{need.handler.name} asks for {origin}; nothing sets that before, but {twin!r} is set",
        "use one spelling, unless instances start with both",
    )


def _late(need: _Need, late: str) -> Finding:
    return finding_at(
        RULES,
        need.place,
        "late-variable",
        f"{need.handler.name} asks for {need.origins[0]}{_behind(late)}",
        "set it before, unless instances start with it",
    )


def _behind(late: str) -> str:
    return f"; {late}" if late else ""
