"""What starts and stops with a service: alerts, health, the outbox's relay, a user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["LifespanHook"]


class LifespanHook(Protocol):
    """Started with the service, in the order given; stopped in the reverse order.

    Hooks are stopped after running tasks have ended and before the gateway closes.
    """

    async def start(self, workflow: Workflow) -> None:
        """Begins; must not wait for the engine.

        Args:
            workflow: the service that has been started.

        Raises:
            Exception: anything it raises ends the service that was about to start.
        """
        ...

    async def stop(self) -> None:
        """Ends; after 10 seconds it is cancelled, and what it raises is logged."""
        ...
