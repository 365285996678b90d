"""A line of the log once the gateway has answered: that it is there, and what it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from loguru import logger

from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.retrying import GatewayBackoff

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway
    from workflow_runtime.workflow import Workflow

__all__ = ["Arrival"]


class Arrival:
    """Asks the gateway who it is until it answers once; whoever needs it says that it is away.

    Args:
        where: the gateway's address, for the line.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._asking: asyncio.Task[None] | None = None

    async def start(self, workflow: Workflow) -> None:
        """Begins to ask."""
        self._asking = asyncio.create_task(self._ask(workflow.gateway))

    async def stop(self) -> None:
        """Asks no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self, gateway: Gateway) -> None:
        backoff = GatewayBackoff(maximum=5.0)
        while True:
            try:
                found = await gateway.topology()
            except GatewayError as error:
                await asyncio.sleep(backoff.after(error))
            else:
                text = "connected to {}: gateway {}, {} broker(s)"
                logger.info(text, self._where, found.gateway_version, found.cluster_size)
                return
