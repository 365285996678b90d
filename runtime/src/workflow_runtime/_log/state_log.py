"""A line when a state changes, and none while it stays."""

from __future__ import annotations

import time

from workflow_runtime._log.repeats import Again, Repeats

__all__ = ["StateLog"]


class StateLog:
    """Remembers the state that was last logged; an empty one is the usual state.

    Args:
        repeats: counts the lines of a state that comes and goes; those who have one fault in common
            share it, so that it is told once.
    """

    def __init__(self, repeats: Repeats | None = None) -> None:
        self.state = ""
        self._repeats = repeats or Repeats()
        self._since = time.monotonic()

    @property
    def lasted(self) -> float:
        """Seconds since the usual state was left."""
        return time.monotonic() - self._since

    def enter(self, state: str, level: str, message: str, *arguments: object) -> None:
        """Logs in the caller's name, unless the state is this one already.

        Args:
            state: what to compare; never a text that may hold values of a scope.
            level: of the log line, such as "WARNING".
            message: with ``{}`` for each of ``arguments``.
            arguments: what the message shows.
        """
        if state != self.state:
            if not self.state:
                self._since = time.monotonic()
            self.state = state
            again = Again(holds=lambda: self.state == state)
            self._repeats.say((message, state), level, message, *arguments, again=again, depth=1)
