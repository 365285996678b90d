"""How many notices a channel is sent in a minute. Pure: time comes in."""

from __future__ import annotations

__all__ = ["RateLimit"]


class RateLimit:
    """Lets ``per_minute`` notices through a minute: a bucket of tokens that fills evenly."""

    def __init__(self, per_minute: int, now: float) -> None:
        self._capacity = per_minute
        self._tokens = float(per_minute)
        self._at = now

    def take(self, now: float, *, urgent: bool = True) -> bool:
        """Whether one more notice may go now; it is counted then.

        Half of what a minute has is left to what is urgent: good news must not use it up.
        """
        grown = self._tokens + (now - self._at) * self._capacity / 60
        self._tokens, self._at = min(float(self._capacity), grown), now
        if self._tokens < 1 + (0 if urgent else self._capacity // 2):
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Counts a notice no longer: it did not get through."""
        self._tokens += 1
