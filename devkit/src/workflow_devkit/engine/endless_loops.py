"""Instances that never come to a place where they wait.

A broker goes round for ever, beside everything else; an engine in the caller's own process would
never return to its caller. So such an instance is stopped, and its caller told where it goes round
(semantics#instance-endless).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from workflow_devkit.engine.executable import Node
from workflow_devkit.engine.state import Token
from workflow_runtime.gateway.errors import GatewayInternal

__all__ = [
    "FIRST_STEPS",
    "MOST_STEPS",
    "MOST_TIMERS",
    "EndlessLoopError",
    "StepCounter",
    "belongs_to",
]

FIRST_STEPS: Final = 50_000
"""In one go, before anything is counted: nearly everything ends earlier."""
MOST_STEPS: Final = 400_000
"""Of one instance in one go; one over 100,000 items takes half of them."""
MOST_TIMERS: Final = 100_000
"""Of one instance, or of one process that they start, that are due in one go."""


class EndlessLoopError(GatewayInternal):
    """Something has been stopped; ``owner`` is the key of its instance, or of its definition."""

    def __init__(self, owner: int, node: Node, done: str) -> None:
        self.owner = owner
        super().__init__(
            f"process {node.process.process_id!r} ({node.process.resource}): {owner} has {done} in "
            f"one go and is stopped at {node.id!r}: look for a loop whose condition stays true, or "
            "whose timer has no length",
            code="INTERNAL",
        )


class StepCounter:
    """Counts what each instance does in one go, up to ``most``."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._done: dict[int, int] = {}

    def note(self, token: Token | None, node: Node) -> None:
        """Counts a step or a timer for its instance, or for the process that a timer starts.

        Raises:
            EndlessLoopError: it was one too many.
        """
        owner = node.process.key if token is None else token.instance.key
        done = self._done[owner] = self._done.get(owner, 0) + 1
        if done > self._most:
            raise EndlessLoopError(owner, node, f"{self._what} {self._most:,} times")

    def note_step(self, arguments: Sequence[Any]) -> None:
        """Counts a queued step for the instance of the first token among its arguments.

        Raises:
            EndlessLoopError: it was one too many.
        """
        token = next((a for a in arguments if isinstance(a, Token)), None)
        # What is about to begin has no token yet: its node says more than its scope's would.
        if token is not None:
            self.note(token, next((a for a in arguments if isinstance(a, Node)), token.node))


def belongs_to(arguments: Sequence[Any], owner: int) -> bool:
    """Whether a queued step is one of the instance with this key."""
    return any(isinstance(a, Token) and a.instance.key == owner for a in arguments)
