"""Whether the gateway is there, for a service without handlers: nobody polls for it."""

from __future__ import annotations

import asyncio
import time

from loguru import logger

from workflow_runtime._worker.poll_state import PollState
from workflow_runtime._worker.service import Service
from workflow_runtime.gateway.errors import GatewayError, GatewayInternal
from workflow_runtime.gateway.retrying import Backoff

_BEAT = 5.0
"""Seconds between two signs of life."""


class Pulse:
    """Asks for the topology again and again."""

    def __init__(self, service: Service) -> None:
        self.state = PollState()
        self._service = service
        self._backoff = Backoff(maximum=1.0)

    def problem(self) -> str:
        """Why the gateway does not count as there; empty if it does."""
        if self.state.last_error:
            return f"gateway: {self.state.last_error}"
        return "" if self.state.last_ok else "gateway: has not answered yet"

    async def run(self) -> None:
        """Asks until cancelled."""
        while True:
            wait = await self._ask()
            await asyncio.sleep(wait)

    async def _ask(self) -> float:
        try:
            await self._service.gateway.topology()
        except GatewayError as error:
            return self._refused(error)
        except Exception as error:  # noqa: BLE001 - a pulse never ends
            return self._refused(GatewayInternal(repr(error)))
        self.state.last_ok, self.state.last_error = time.monotonic(), ""
        self._backoff.reset()
        self._service.answered()
        return _BEAT

    def _refused(self, error: GatewayError) -> float:
        if self.state.last_error != error.status:
            logger.warning("the gateway is away: {}; asking again until it answers", error.status)
        self.state.last_error = error.status
        self._service.refused(error)
        return self._backoff.next(error)
