"""Tasks and handlers: one for the other, and retries said once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.check.diagram_facts import DiagramFacts
from workflow_devkit.check.rules.contract_rule import ContractRule, Rules, finding_at, suggestion
from workflow_devkit.check.service_model import ServiceModel
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.bpmn.model import USER_TASK_TYPE

RULES: Final[Rules] = {
    "unhandled-task": ContractRule(
        Severity.ERROR, "a task type that no handler and no other service works on"
    ),
    "idle-handler": ContractRule(Severity.WARNING, "a handler for a task type that no task has"),
    "retries-twice": ContractRule(
        Severity.WARNING, "different numbers of retries in the diagram and in the code"
    ),
}


def findings(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    """Finds tasks without handler, handlers without task, and retries that contradict."""
    yield from _unhandled(facts, service)
    yield from _idle(facts, service)
    yield from _retries(facts, service)


def _unhandled(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    # A misspelt type leaves both a task without handler and a handler without task.
    idle = set(service.handlers) - facts.types()
    for file, element, job_type in facts.jobs:
        # People work on user tasks, unless the service has a handler for them.
        if not job_type or job_type[0] == "=" or job_type == USER_TASK_TYPE:
            continue
        if service.is_external(job_type):
            continue
        if job_type not in service.handlers:
            yield finding_at(
                RULES,
                (file, element),
                "unhandled-task",
                f"no handler for task type {job_type!r}{suggestion(job_type, idle)}",
                f"register one: builder.with_handler({job_type!r}, ...), or say that another "
                f"service works on it: builder.with_external({job_type!r})",
            )


def _idle(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    # A type that is an expression may turn out to be any handler's.
    if facts.computes_types():
        return
    types = facts.types()
    free = types - set(service.handlers)
    for job_type, handler in service.handlers.items():
        if job_type not in types:
            severity = RULES["idle-handler"].severity
            yield Finding(
                handler.file,
                handler.line,
                "idle-handler",
                severity,
                f"handler {handler.name} works on {job_type!r}, but no task has this type"
                f"{suggestion(job_type, free)}",
                "correct the type; remove the handler only when no instance of an older version "
                "waits for it",
            )


def _retries(facts: DiagramFacts, service: ServiceModel) -> Iterator[Finding]:
    for file, element, handler in service.handled(facts.jobs):
        written = element.task.retries if element.task else None
        if written is None or handler.attempts is None or written == str(handler.attempts):
            continue
        yield finding_at(
            RULES,
            (file, element),
            "retries-twice",
            f"the diagram says {written} retries, incident_max_retries of {handler.name} says "
            f"{handler.attempts}, and the code wins",
            "say it in one place: clear the retries in the diagram, or leave "
            "incident_max_retries out",
        )
