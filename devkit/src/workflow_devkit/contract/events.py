"""Events: published for somebody, awaited from somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.contract.code import EventFacts
from workflow_devkit.contract.reading import Reading, Rules, at, meant
from workflow_devkit.findings import Finding, Severity

RULES: Final[Rules] = {
    "unawaited-event": (
        Severity.WARNING,
        "an event that is published, but no diagram waits for it; info for other processes",
    ),
    "unpublished-event": (Severity.INFO, "an event that is awaited, but not published here"),
}


def findings(reading: Reading) -> Iterator[Finding]:
    """Breaches of these rules."""
    awaited = {name for _, _, name in reading.awaited()}
    if not any(name.startswith("=") for name in awaited):
        for event in reading.code.events.values():
            if event.name not in awaited:
                yield _unawaited(reading, event, awaited)
    yield from _unpublished(reading)


def _unawaited(reading: Reading, event: EventFacts, awaited: set[str]) -> Finding:
    ours = any(event.name.startswith(f"{process.id}_") for _, process in reading.processes)
    return Finding(
        event.file,
        event.line,
        "unawaited-event",
        RULES["unawaited-event"][0] if ours else Severity.INFO,
        f"event {event.name!r} is published here, but no diagram waits for it"
        f"{meant(event.name, awaited)}",
        "give a message in the diagram this name, or correct the event's name"
        if ours
        else "nothing to do if it is for a process of another service",
    )


def _unpublished(reading: Reading) -> Iterator[Finding]:
    published = set(reading.code.events)
    for file, element, name in reading.awaited():
        if name not in published and not name.startswith("="):
            yield at(
                RULES,
                (file, element),
                "unpublished-event",
                f"waits for the event {name!r}, which this service does not publish"
                f"{meant(name, published)}",
                "nothing to do if somebody else publishes it",
            )
