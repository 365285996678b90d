"""What happened in a diagram, and how that colours it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from workflow_devkit.render.drawing_style import Style

__all__ = ["INCIDENT", "PASSED", "TOKEN", "Overlay"]

PASSED: Final = Style("#17643a", "#e3f3e8")
MISSED: Final = Style("#a32218", "#fbe5e2", dashed=True)
TOKEN: Final = "#1f5fbf"  # noqa: S105 - a colour
INCIDENT: Final = "#c5221f"


@dataclass(frozen=True, slots=True)
class Overlay:
    """What happened, by the ids of elements and sequence flows.

    Attributes:
        counts: how often each was passed.
        tokens: how many instances wait there.
        incidents: how many incidents are open there.
        expected: what should have been passed; what of it was not is drawn as missed.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    incidents: Mapping[str, int] = field(default_factory=dict)
    expected: AbstractSet[str] = frozenset()

    def style_of(self, element: str, *, line: str | None = None, fill: str | None = None) -> Style:
        """What to draw an element with; ``line`` and ``fill`` are the modeler's colours."""
        # What was passed is coloured so, even where tokens wait: they have a plate.
        if self.counts.get(element):
            return PASSED
        if element in self.expected:
            return MISSED
        own = Style()
        return replace(own, line=line or own.line, fill=fill or own.fill, text=line or own.text)

    def description(self, element: str) -> str:
        """What happened, in words; empty where nothing is known."""
        facts = (
            _counted(self.counts.get(element), "passed once", "passed {} times"),
            _counted(self.tokens.get(element), "1 instance waits here", "{} instances wait here"),
            _counted(self.incidents.get(element), "1 open incident", "{} open incidents"),
        )
        told = [fact for fact in facts if fact]
        if not told and element in self.expected:
            return "never passed"
        return ", ".join(told)


def _counted(count: int | None, one: str, many: str) -> str:
    if not count:
        return ""
    return one if count == 1 else many.format(count)
