"""What is laid out: items in columns, joined by links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from workflow_runtime.bpmn.model import Point

Key = Hashable
"""An item's id, or the place where a link passes a column: ``(link, column)``."""


@dataclass(frozen=True, slots=True)
class Item:
    """A node and the room it needs around its centre, names included."""

    id: str
    width: float
    above: float
    below: float
    beside: float


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow with the size of its name.

    It leaves its source at the right, or, where a boundary event holds it, at ``start`` (from the
    source's centre) downwards by ``drop``. ``fan`` is how far above or below the centre it leaves
    when it goes up or down, so that the mark of a default flow, which goes ``alone``,
    is not on a line of several.
    """

    id: str
    source: str
    target: str
    label_width: float = 0
    label_height: float = 0
    start: Point | None = None
    drop: float = 0
    fan: float = 0
    alone: bool = False

    def level(self) -> float:
        """How far below the source's centre it sets out to the right."""
        return self.start.y + self.drop if self.start else 0


@dataclass(slots=True)
class Columns:
    """Items and passing links column by column, from top to bottom."""

    of: dict[Key, int]
    rows: list[list[Key]] = field(default_factory=list)
    chains: dict[str, Sequence[Key]] = field(default_factory=dict)
    """What each link passes, from its source to its target."""

    def neighbours(self) -> tuple[Mapping[Key, list[Key]], Mapping[Key, list[Key]]]:
        """What each key is joined to in the column before its own, and in the column behind."""
        before: dict[Key, list[Key]] = defaultdict(list)
        behind: dict[Key, list[Key]] = defaultdict(list)
        for chain in self.chains.values():
            for one, other in pairwise(chain):
                left, right = sorted((one, other), key=self.of.__getitem__)
                if self.of[left] < self.of[right]:
                    before[right].append(left)
                    behind[left].append(right)
        return before, behind
