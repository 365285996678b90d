"""All rules over diagrams and code, and what they find."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_devkit.check.diagram_facts import DiagramFacts
from workflow_devkit.check.rules import (
    error_rules,
    event_rules,
    link_rules,
    task_rules,
    variable_rules,
)
from workflow_devkit.check.service_model import ServiceModel
from workflow_devkit.findings import Finding, in_order
from workflow_runtime.bpmn.model import Definitions

__all__ = ["RULES", "compare"]

_FAMILIES = (task_rules, error_rules, variable_rules, event_rules, link_rules)
RULES = {name: rule for family in _FAMILIES for name, rule in family.RULES.items()}
"""Every rule by its name."""


def compare(diagrams: Sequence[Definitions], service: ServiceModel) -> tuple[Finding, ...]:
    """Holds diagrams against code by all rules; what does not fit, by file and line."""
    facts = DiagramFacts(diagrams)
    return in_order(finding for family in _FAMILIES for finding in family.findings(facts, service))
