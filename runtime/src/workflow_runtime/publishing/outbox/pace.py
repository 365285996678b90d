"""How much is taken at once and how long a relay pauses, by how its last round went."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow_runtime.backoff import exponential
from workflow_runtime.publishing.outbox.sending import Round

__all__ = ["Pace"]

_LONGEST_PAUSE = 5.0
"""Seconds between two rounds in which nobody answers."""


@dataclass(slots=True)
class Pace:
    """Takes all that is there while it is taken; asks carefully while it is not.

    Attributes:
        least: how many events are taken at once at least.
        most: how many at most.
        interval: seconds between two looks at an outbox in which nothing waits.
        limit: how many events are taken in the next round.
        pause: seconds until the next round.
        bad: how many rounds in a row have gone badly.
    """

    least: int
    most: int
    interval: float
    limit: int = field(init=False)
    pause: float = field(init=False, default=0.0)
    bad: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.limit = self.most

    def went(self, this: Round) -> None:
        """Draws conclusions from a round.

        Args:
            this: how it went.
        """
        if this.pressed or (this.away and not this.good):
            # Nobody there, or too much to do: a round of attempts is no help to anybody.
            self.bad += 1
            self.limit = max(self.least, self.limit // 2)
            self.pause = exponential(self.bad, initial=self.interval, maximum=_LONGEST_PAUSE)
            return
        self.bad = 0
        self.pause = 0.0 if this.in_hand else self.interval
        if this.good >= this.away:
            self.limit = min(self.most, self.limit * 2)
