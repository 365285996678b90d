"""Failure injection for tests: make any RPC fail, hang, or lose its answer.

RPC names are those of the protocol (``CompleteJob``).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from workflow_runtime.gateway.errors import error_for

__all__ = ["Faults"]


@dataclass(slots=True)
class _Fault:
    status: str
    times: int
    probability: float
    delay: float
    lose_answer: bool


class Faults:
    """What goes wrong with which RPC; nothing, unless told."""

    def __init__(self, rand: Callable[[], float] = random.random) -> None:
        self._faults: dict[str, list[_Fault]] = {}
        self._rand = rand
        self._thawed = asyncio.Event()
        self._thawed.set()
        self.hits: dict[str, int] = {}
        """How often each RPC was struck."""

    def fail(
        self, rpc: str, status: str = "UNAVAILABLE", *, times: int = 1, probability: float = 1.0
    ) -> None:
        """The next ``times`` calls (-1: all) answer with this status and are not executed."""
        self._add(rpc, _Fault(status, times, probability, 0.0, lose_answer=False))

    def lose_answer(self, rpc: str, status: str = "UNAVAILABLE", *, times: int = 1) -> None:
        """The next calls are executed, but their callers are told otherwise."""
        self._add(rpc, _Fault(status, times, 1.0, 0.0, lose_answer=True))

    def delay(self, rpc: str, seconds: float, *, times: int = -1) -> None:
        """The next calls take longer."""
        self._add(rpc, _Fault("", times, 1.0, seconds, lose_answer=False))

    def freeze(self) -> None:
        """No call is answered until `thaw`."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Calls are answered again."""
        self._thawed.set()

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()
        self.thaw()

    @asynccontextmanager
    async def around(self, rpc: str) -> AsyncIterator[None]:
        """Applies what is due to one call.

        Raises:
            GatewayError: the call has to fail.
        """
        await self._thawed.wait()
        fault = self._due(rpc)
        if fault is None:
            yield
            return
        await asyncio.sleep(fault.delay)
        if fault.status and not fault.lose_answer:
            raise error_for(fault.status, f"injected: {rpc} answers {fault.status}")
        yield
        if fault.lose_answer:
            raise error_for(fault.status, f"injected: the answer of {rpc} is lost")

    def _add(self, rpc: str, fault: _Fault) -> None:
        self._faults.setdefault(rpc, []).append(fault)

    def _due(self, rpc: str) -> _Fault | None:
        for fault in self._faults.get(rpc, ()):
            if fault.times and self._rand() < fault.probability:
                fault.times -= 1
                self.hits[rpc] = self.hits.get(rpc, 0) + 1
                return fault
        return None
