"""Decisions and forms that diagrams call by an id, and the files that have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, suggestion
from workflow_devkit.check.service_model import ServiceModel
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.bpmn.model import Element

RULES: Final[Rules] = {
    "missing-link": ContractRule(
        Severity.WARNING, "a decision or form that is called by an id which no file here has"
    ),
}
_ENDS: Final = {"decision": ".dmn", "form": ".form"}


def findings(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    """Finds ids of decisions and forms that no file of the service has."""
    if service.linked is None:
        return
    for file, element in facts.elements:
        for kind, called in _links(element):
            # An id that is an expression may turn out to be any.
            if called.startswith("=") or (kind, called) in service.linked:
                continue
            known = [name for each, name in service.linked if each == kind]
            yield finding_at(
                RULES,
                (file, element),
                "missing-link",
                f"calls the {kind} {called!r}, which no file of this service has"
                f"{suggestion(called, known)}",
                f"deploy it too: builder.with_process('its{_ENDS[kind]}'); where another service "
                'does, set missing-link = "off"',
            )


def _links(element: Element) -> Iterator[tuple[str, str]]:
    if element.called_decision and (called := element.called_decision.decision_id):
        yield "decision", called
    if called := element.user_task.get("formId", ""):
        yield "form", called
