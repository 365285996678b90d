"""What lives as long as a service does: alerts, health, the outbox's relay, a user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["Companion"]


class Companion(Protocol):
    """Started with the service, in the order given; stopped in the reverse order.

    They are stopped after running tasks have ended and before the gateway closes.
    """

    async def start(self, workflow: Workflow) -> None:
        """Begins; must not wait for the engine."""
        ...

    async def stop(self) -> None:
        """Ends within seconds."""
        ...
