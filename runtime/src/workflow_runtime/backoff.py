"""Growing waits between attempts: the one formula, and a counter that goes with it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Backoff", "exponential"]


def exponential(failures: int, *, initial: float, maximum: float, factor: float = 2.0) -> float:
    """Computes the wait after a number of failures.

    Args:
        failures: how many there have been; 1 is the first.
        initial: the wait after the first one, in seconds.
        maximum: the longest wait, in seconds.
        factor: by how much each wait is longer than the one before.

    Returns:
        Seconds.
    """
    try:
        return min(initial * factor ** (failures - 1), maximum)
    except OverflowError:
        # A float ends at about 1e308: with factor 2 after a thousand failures.
        return maximum


@dataclass(slots=True)
class Backoff:
    """Waits in seconds that grow with each failure, until a success resets them.

    Attributes:
        initial: the first step.
        maximum: the longest step.
        jitter: the share of a step that is left to chance, so that not all come back at once.
        rand: gives numbers from 0 to 1.
    """

    initial: float = 0.05
    maximum: float = 2.0
    jitter: float = 0.5
    rand: Callable[[], float] = random.random
    _failures: int = field(default=0, init=False)

    def next(self) -> float:
        """Counts a failure.

        Returns:
            How long to wait before the next attempt, in seconds.
        """
        self._failures += 1
        step = exponential(self._failures, initial=self.initial, maximum=self.maximum)
        return step * (1 - self.jitter + self.jitter * self.rand())

    def reset(self) -> None:
        """Counts a success: the next wait is the shortest one again."""
        self._failures = 0
