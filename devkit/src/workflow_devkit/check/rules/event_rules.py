"""Events: published for somebody, awaited from somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, suggestion
from workflow_devkit.check.service_model import EventFacts, ServiceModel
from workflow_devkit.findings import Finding, Severity

RULES: Final[Rules] = {
    "unawaited-event": ContractRule(
        Severity.WARNING,
        "an event that is published, but no diagram waits for it; info for other processes",
    ),
    "unpublished-event": ContractRule(
        Severity.INFO, "an event that is awaited, but not published here"
    ),
}


def findings(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    """Finds events that are published and not awaited, or awaited and not published here."""
    awaited = {name for _, _, name in facts.awaited()}
    # A name that is an expression may turn out to be any.
    if not any(name.startswith("=") for name in awaited):
        for event in service.events.values():
            if event.name not in awaited:
                yield _unawaited(facts, event, awaited)
    yield from _unpublished(facts, service)


def _unawaited(facts: DiagramFacts, event: EventFacts, awaited: set[str]) -> Finding:
    # By the names that lint demands (`name-pattern`): processName_eventName.
    ours = any(event.name.startswith(f"{process.id}_") for _, process in facts.processes)
    return Finding(
        event.file,
        event.line,
        "unawaited-event",
        RULES["unawaited-event"].severity if ours else Severity.INFO,
        f"event {event.name!r} is published here, but no diagram waits for it"
        f"{suggestion(event.name, awaited)}",
        "give a message in the diagram this name, or correct the event's name"
        if ours
        else "nothing to do if it is for a process of another service",
    )


def _unpublished(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    published = set(service.events)
    for file, element, name in facts.awaited():
        if name not in published and not name.startswith("="):
            yield finding_at(
                RULES,
                (file, element),
                "unpublished-event",
                f"waits for the event {name!r}, which this service does not publish"
                f"{suggestion(name, published)}",
                "nothing to do if somebody else publishes it",
            )
