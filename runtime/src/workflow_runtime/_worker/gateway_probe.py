"""Whether the gateway is there, asked by a service without handlers, which polls nothing."""

from __future__ import annotations

import asyncio
import time

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime._worker.poll_state import PollState
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.gateway.errors import GatewayError, GatewayInternal
from workflow_runtime.gateway.retrying import GatewayBackoff

_INTERVAL = 5.0
"""Seconds between an answer and the next question."""


class GatewayProbe:
    """Asks for the topology again and again; ``state`` has the last answer."""

    def __init__(self, context: WorkerContext) -> None:
        self.state = PollState()
        self._context = context
        self._log = StateLog()
        self._backoff = GatewayBackoff(maximum=1.0)

    def problem(self) -> str:
        """Why the gateway does not count as reachable, in words; empty if it does."""
        if self.state.last_error:
            return f"gateway: {self.state.last_error}"
        return "" if self.state.last_ok else "gateway: has not answered yet"

    async def run(self) -> None:
        """Asks the gateway for its topology, again and again, until cancelled."""
        while True:
            wait = await self._ask()
            await asyncio.sleep(wait)

    async def _ask(self) -> float:
        try:
            await self._context.gateway.topology()
        except GatewayError as error:
            return self._refused(error)
        except Exception as error:  # noqa: BLE001 - a probe never ends
            return self._refused(GatewayInternal(kind_and_place(error)))
        self.state.last_ok, self.state.last_error = time.monotonic(), ""
        self._backoff.reset()
        self._log.state = ""
        self._context.answered()
        return _INTERVAL

    def _refused(self, error: GatewayError) -> float:
        text = "the gateway does not answer: {} {}; asking again until it does"
        if not error.no_token:
            self._log.enter(error.status, "WARNING", text, error.status, error.message[:300])
        self.state.last_error = error.reason
        self._context.refused(error)
        return self._backoff.after(error)
