"""How many notices go, and what becomes of those that are too many. Pure: time comes in."""

from __future__ import annotations

from workflow_runtime.alerts.model import Notice

__all__ = ["Held", "RateLimit"]

_MOST_TITLES = 20
"""Titles that a notice for many has: short enough to be read, it names the command for all."""


class Held:
    """What the rate limit holds back: an outage makes thousands, and one notice tells of all."""

    def __init__(self) -> None:
        self.count = 0
        self.only: Notice | None = None
        """The notice, as long as there is no other."""
        self.titles: dict[str, None] = {}

    def add(self, notice: Notice) -> None:
        """Counts a notice."""
        self.only = None if self.count else notice
        self.count += 1
        if len(self.titles) < _MOST_TITLES:
            self.titles[notice.title] = None


class RateLimit:
    """Lets ``per_minute`` notices through a minute: a bucket of tokens that fills evenly."""

    def __init__(self, per_minute: int, now: float) -> None:
        self._capacity = float(per_minute)
        self._tokens = self._capacity
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more notice may go now; it is counted then."""
        grown = self._tokens + (now - self._at) * self._capacity / 60
        self._tokens, self._at = min(self._capacity, grown), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
