"""Tasks and handlers: one for the other, and retries said once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.contract.reading import Reading, Rules, at, meant
from workflow_devkit.findings import Finding, Severity

RULES: Final[Rules] = {
    "unhandled-task": (Severity.ERROR, "a task type that no handler and no other service works on"),
    "idle-handler": (Severity.WARNING, "a handler whose type no task has"),
    "retries-twice": (Severity.WARNING, "retries said differently by the diagram and the code"),
}


def findings(reading: Reading) -> Iterator[Finding]:
    """Breaches of these rules."""
    yield from _unhandled(reading)
    yield from _idle(reading)
    yield from _retries(reading)


def _unhandled(reading: Reading) -> Iterator[Finding]:
    idle = set(reading.code.handlers) - reading.types()
    for file, element, job_type in reading.jobs:
        if not job_type or job_type.startswith("=") or reading.code.is_external(job_type):
            continue
        if job_type not in reading.code.handlers:
            yield at(
                RULES,
                (file, element),
                "unhandled-task",
                f"no handler for task type {job_type!r}{meant(job_type, idle)}",
                f"register one: builder.with_handler({job_type!r}, ...), or say that another "
                f"service works on it: builder.with_external({job_type!r})",
            )


def _idle(reading: Reading) -> Iterator[Finding]:
    if reading.computes_types():
        return
    types = reading.types()
    free = types - set(reading.code.handlers)
    for job_type, handler in reading.code.handlers.items():
        if job_type not in types:
            severity = RULES["idle-handler"][0]
            yield Finding(
                handler.file,
                handler.line,
                "idle-handler",
                severity,
                f"handler {handler.name} works on {job_type!r}, but no task has this type"
                f"{meant(job_type, free)}",
                "correct the type; remove the handler only when no instance of an older version "
                "waits for it",
            )


def _retries(reading: Reading) -> Iterator[Finding]:
    for file, element, handler in reading.handled():
        written = element.task.retries if element.task else None
        if written is None or handler.attempts is None or written == str(handler.attempts):
            continue
        yield at(
            RULES,
            (file, element),
            "retries-twice",
            f"the diagram says {written} retries, incident_max_retries of {handler.name} says "
            f"{handler.attempts}, and the code wins",
            "say it in one place: clear the retries in the diagram, or leave "
            "incident_max_retries out",
        )
