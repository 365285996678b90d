"""What comes next: a heap of keys that forgets what was called off.

Whatever ends early leaves its entry behind; entries are dropped when they come up, and all at once
when they could be more than half. They are numbers only, so none keeps alive what it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

__all__ = ["DueQueue"]

_FEW = 64
"""Up to so many entries a heap is left as it is."""


class DueQueue:
    """Keys by the moment at which their turn comes; at one moment the older key is first.

    ``holds`` says whether the turn of a key at a moment still counts.
    """

    def __init__(self, holds: Callable[[int, int], bool]) -> None:
        self._holds = holds
        self._heap: list[tuple[int, int]] = []
        self._tidy_at = _FEW

    def __len__(self) -> int:
        """Entries, those that were called off included."""
        return len(self._heap)

    def add(self, moment: int, key: int) -> None:
        """Adds a key whose turn is at this moment."""
        heappush(self._heap, (moment, key))
        if len(self._heap) > self._tidy_at:
            self._tidy()

    def next_due(self) -> int | None:
        """The moment of the next turn, None if there is none."""
        heap = self._heap
        while heap and not self._holds(*heap[0]):
            heappop(heap)
        return heap[0][0] if heap else None

    def take(self, now: int) -> int | None:
        """The next key whose moment has come."""
        due = self.next_due()
        return None if due is None or due > now else heappop(self._heap)[1]

    def _tidy(self) -> None:
        self._heap = [entry for entry in self._heap if self._holds(*entry)]
        heapify(self._heap)
        # Twice what is left, so that tidying costs no more than the adding before it.
        self._tidy_at = max(_FEW, 2 * len(self._heap))
