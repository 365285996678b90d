"""A line when a state changes, and none while it stays."""

from __future__ import annotations

from loguru import logger

__all__ = ["StateLog"]


class StateLog:
    """Remembers the state that was last logged; an empty one is the usual state."""

    def __init__(self) -> None:
        self.state = ""

    def enter(self, state: str, level: str, message: str, *arguments: object) -> None:
        """Logs in the caller's name, unless the state is this one already.

        Args:
            state: what to compare; never a text that may hold values of a scope.
            level: of the log line, such as "WARNING".
            message: with ``{}`` for each of ``arguments``.
            arguments: what the message shows.
        """
        if state != self.state:
            self.state = state
            # depth: the line names the caller's module and function.
            logger.opt(depth=1).log(level, message, *arguments)
