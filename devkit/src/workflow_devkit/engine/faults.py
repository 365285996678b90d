"""Failure injection for tests: make any call fail, wait, hang, or lose its answer.

The gateway server names calls as the protocol does (``CompleteJob``).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from workflow_runtime.closest import did_you_mean
from workflow_runtime.gateway.errors import GatewayError, error_for

__all__ = ["Faults"]

STATUSES: Final = frozenset(
    {
        "ABORTED", "ALREADY_EXISTS", "CANCELLED", "DATA_LOSS", "DEADLINE_EXCEEDED",
        "FAILED_PRECONDITION", "INTERNAL", "INVALID_ARGUMENT", "NOT_FOUND", "OUT_OF_RANGE",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED", "UNAVAILABLE",
        "UNIMPLEMENTED", "UNKNOWN",
    }
)  # fmt: skip
"""The names of gRPC's statuses but OK."""


@dataclass(slots=True)
class _Fault:
    times: int
    probability: float
    delay: float = 0.0
    before: GatewayError | None = None
    after: GatewayError | None = None


class Faults:
    """What goes wrong with which call; nothing, unless told.

    Each wish holds for the next ``times`` calls that it strikes, -1 for all; it strikes with a
    ``probability``. A call is delayed by all delays that strike it, and fails by the first failure.

    Args:
        rand: gives numbers from 0 to 1; ``random.Random(7).random`` makes a run repeatable.
        names: the calls that there are: ``grpc_server.RPCS``, or the commands of the port.
    """

    def __init__(
        self, rand: Callable[[], float] = random.random, *, names: Collection[str]
    ) -> None:
        self._rand = rand
        self._names = names
        self._delays: dict[str, list[_Fault]] = {}
        self._failures: dict[str, list[_Fault]] = {}
        self._frozen: dict[str, asyncio.Event] = {}
        self.hits: dict[str, int] = {}
        """How often each call was struck."""

    def fail(
        self,
        rpc: str,
        status: str | GatewayError = "UNAVAILABLE",
        *,
        times: int = 1,
        probability: float = 1.0,
    ) -> None:
        """Answers the next calls with this status, or this error, without executing them."""
        error = _error(status, f"injected: {rpc} answers {status}")
        self._add(self._failures, rpc, _Fault(times, probability, before=error))

    def lose_answer(
        self,
        rpc: str,
        status: str | GatewayError = "UNAVAILABLE",
        *,
        times: int = 1,
        probability: float = 1.0,
    ) -> None:
        """Executes the next calls, but answers them with this status, or this error."""
        error = _error(status, f"injected: the answer of {rpc} is lost")
        self._add(self._failures, rpc, _Fault(times, probability, after=error))

    def delay(self, rpc: str, seconds: float, *, times: int = -1, probability: float = 1.0) -> None:
        """Delays the next calls.

        Raises:
            ValueError: less than no time.
        """
        if seconds < 0:
            raise ValueError(f"a delay of {seconds:g} seconds: expected 0 or more")
        self._add(self._delays, rpc, _Fault(times, probability, delay=seconds))

    def freeze(self, rpc: str | None = None) -> None:
        """Holds back all calls, or those of one kind, until `thaw`."""
        for name in self._names if rpc is None else [self._known(rpc)]:
            self._frozen.setdefault(name, asyncio.Event())

    def thaw(self, rpc: str | None = None) -> None:
        """Answers calls again, and executes those that `freeze` holds back."""
        for name in tuple(self._frozen) if rpc is None else [self._known(rpc)]:
            if (frozen := self._frozen.pop(name, None)) is not None:
                frozen.set()

    def clear(self) -> None:
        """Takes back all that is to go wrong; frozen calls go on."""
        self._delays.clear()
        self._failures.clear()
        self.thaw()

    @asynccontextmanager
    async def around(self, rpc: str) -> AsyncIterator[None]:
        """Applies what is due to one call.

        Raises:
            GatewayError: the call has to fail.
        """
        # Again and again: between `thaw` and this call's turn it may have been frozen anew.
        while (frozen := self._frozen.get(rpc)) is not None:
            await frozen.wait()
        for delay in list(self._due(self._delays, rpc)):
            await asyncio.sleep(delay.delay)
        # Only the first: `_due` is a generator, so the failures behind it are not used up.
        failure = next(self._due(self._failures, rpc), None)
        if failure is not None and failure.before is not None:
            raise failure.before
        yield
        if failure is not None and failure.after is not None:
            # After the call: what it does has happened, and its caller does not know.
            raise failure.after

    def _add(self, faults: dict[str, list[_Fault]], rpc: str, fault: _Fault) -> None:
        if not 0 <= fault.probability <= 1:
            raise ValueError(f"a probability of {fault.probability:g}: expected one from 0 to 1")
        faults.setdefault(self._known(rpc), []).append(fault)

    def _due(self, faults: dict[str, list[_Fault]], rpc: str) -> Iterator[_Fault]:
        for fault in faults.get(rpc, ()):
            # -1 is for all calls, and counting down never comes to 0.
            if fault.times and self._rand() < fault.probability:
                fault.times -= 1
                self.hits[rpc] = self.hits.get(rpc, 0) + 1
                yield fault

    def _known(self, rpc: str) -> str:
        if rpc not in self._names:
            raise ValueError(f"no command {rpc!r}; {_hint(rpc, self._names)}")
        return rpc


def _error(status: str | GatewayError, message: str) -> GatewayError:
    if isinstance(status, GatewayError):
        return status
    if status not in STATUSES:
        raise ValueError(f"no gRPC status {status!r}; {_hint(status, STATUSES)}")
    return error_for(status, message)


def _hint(name: str, known: Collection[str]) -> str:
    return did_you_mean(name, known) or f"known: {', '.join(sorted(known))}."
