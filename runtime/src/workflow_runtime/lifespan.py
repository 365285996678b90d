"""What starts and stops with a service: alerts, health, the outbox's relay, a user's own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from loguru import logger

from workflow_runtime._log.failures import kind_and_place

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["Lifespan", "LifespanHook"]

_STOP_SECONDS = 10.0
"""How long each hook has for its end."""


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
        """Ends; after 10 seconds it is cancelled, and what it raises is logged.

        Called as well after a `start` that has failed, and not without any.
        """
        ...


class Lifespan:
    """The hooks of one run of a service.

    Args:
        hooks: in the order in which they start.
    """

    def __init__(self, hooks: Sequence[LifespanHook]) -> None:
        self.hooks = tuple(hooks)
        self._begun: list[LifespanHook] = []

    async def start(self, workflow: Workflow) -> None:
        """Starts the hooks one after the other; what one raises ends it.

        Args:
            workflow: the service that has been started.
        """
        for hook in self.hooks:
            # Before: one that fails half-way has something to clean up, those behind it have not.
            self._begun.append(hook)
            await hook.start(workflow)

    async def stop(self) -> None:
        """Stops hooks one after the other, the last one first; one that fails is logged."""
        # Who started later may use who started before.
        while self._begun:
            hook = self._begun.pop()
            try:
                await asyncio.wait_for(hook.stop(), _STOP_SECONDS)
            except Exception as error:  # noqa: BLE001 - the others have to be stopped too
                logger.warning("{} did not stop: {}", type(hook).__name__, kind_and_place(error))
