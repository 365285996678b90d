"""Whether diagrams and the code that works for them still fit each other."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_devkit.contract import errors, events, tasks, variables
from workflow_devkit.contract.code import Code, EventFacts, HandlerFacts
from workflow_devkit.contract.reading import Reading
from workflow_devkit.findings import Finding, in_order
from workflow_runtime.bpmn.model import Definitions

__all__ = ["RULES", "Code", "EventFacts", "HandlerFacts", "check"]

RULES = {**tasks.RULES, **errors.RULES, **variables.RULES, **events.RULES}
"""Every rule with its severity and what it is about."""


def check(diagrams: Sequence[Definitions], code: Code) -> tuple[Finding, ...]:
    """Everything that does not fit, by file and line."""
    reading = Reading(diagrams, code)
    return in_order(
        finding
        for family in (tasks, errors, variables, events)
        for finding in family.findings(reading)
    )
