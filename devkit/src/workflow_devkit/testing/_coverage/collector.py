"""Collects what the tests of a run passed; the process environments report here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from workflow_devkit.testing._observed.deployed_diagrams import DeployedDiagram, Diagrams
from workflow_devkit.testing._observed.journal import Journal
from workflow_runtime.gateway.values import Resource

Counts = Counter[tuple[str, str]]


class Collector:
    """Counts of passed elements and flows per diagram; the same bytes are the same diagram."""

    def __init__(self) -> None:
        self.diagrams: dict[tuple[str, bytes], DeployedDiagram] = {}
        self.counts: dict[tuple[str, bytes], Counts] = {}

    def add(self, diagrams: Diagrams, journal: Journal) -> None:
        """Takes over what one process environment saw."""
        for diagram in diagrams:
            # The journal holds what every diagram of the test did.
            processes = {process.id for process in diagram.definitions.processes}
            passed = {key: n for key, n in journal.passed.items() if key[0] in processes}
            self._count(diagram, Counter(passed))

    def add_unused(self, resource: Resource) -> None:
        """Makes a diagram part of the report even if no test deploys it."""
        self._count(DeployedDiagram(resource), Counter())

    def _count(self, diagram: DeployedDiagram, passed: Counts) -> None:
        key = (diagram.resource.name, diagram.resource.content)
        self.diagrams.setdefault(key, diagram)
        self.counts.setdefault(key, Counter()).update(passed)

    def dump(self) -> list[dict[str, Any]]:
        """Everything as plain data, to be sent to pytest-xdist's controller."""
        # execnet, which carries it, takes built-in types only.
        return [
            {"name": name, "content": content, "passed": [[*key, n] for key, n in passed.items()]}
            for (name, content), passed in self.counts.items()
        ]

    def load(self, dumped: list[Mapping[str, Any]]) -> None:
        """Takes over what another process collected."""
        for each in dumped:
            diagram = DeployedDiagram(Resource(each["name"], each["content"]))
            passed = {(process, element): n for process, element, n in each["passed"]}
            self._count(diagram, Counter(passed))


# Environments are made by tests, collectors by pytest: this is where they meet.
_active: list[Collector] = []


def activate(collector: Collector) -> None:
    """From now on process environments report to this collector."""
    _active[:] = [collector]


def deactivate() -> None:
    """Process environments report to nobody."""
    _active.clear()


def collect(diagrams: Diagrams, journal: Journal) -> None:
    """What a process environment calls when it closes."""
    for collector in _active:
        collector.add(diagrams, journal)
