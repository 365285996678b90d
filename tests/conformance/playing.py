"""Playing a scenario on a stand, and comparing what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from tests.conformance.load import prefix
from tests.conformance.normal import Lines, differences, normalise
from tests.conformance.script import Run, Scenario
from tests.conformance.stands import IDLE, PATIENCE, broker, embedded

_TEST_RUN = uuid4().hex
"""In the names that a broker sees: it may still know those of an earlier test run."""


async def play_embedded(scenario: Scenario) -> tuple[Run, Lines]:
    """The run on an engine of its own, and its records."""
    async with embedded() as stand:
        run = Run(stand, prefix(scenario.name), scenario)
        await run.play()
        return run, normalise(stand.records(), run.prefix)


async def play_broker(
    scenario: Scenario, expected: list[int], idle: float = IDLE, patience: float = PATIENCE
) -> tuple[list[str], Lines]:
    """A real broker's answers and records."""
    start = prefix(f"{scenario.name} {_TEST_RUN}")
    async with broker(start, idle, patience) as stand:
        run = Run(stand, start, scenario)
        await run.play(expected)
        return run.answers, normalise(stand.records(), start)


def unequal(
    answers: Sequence[str], lines: Lines, wanted_answers: Sequence[str], wanted_lines: Lines
) -> str:
    """Where the embedded engine and a broker part; empty when they do not."""
    pairs = zip(answers, wanted_answers, strict=False)
    problems = [f"  - {a}\n  + {b}" for a, b in pairs if _told(a) != _told(b)]
    problems += differences(lines, wanted_lines)
    return "\n".join(["- embedded, + broker", *problems]) if problems else ""


def _told(answer: str) -> tuple[str, list[str]]:
    """A refused deployment lists elements in the order of a hash table with identities."""
    head, *elements = answer.split("- Element: ")
    return head, sorted(element.strip() for element in elements)
