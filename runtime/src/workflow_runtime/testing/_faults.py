"""Lets commands to the engine fail on purpose."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from difflib import get_close_matches
from functools import partial
from typing import Any, cast

from workflow_runtime.gateway.errors import DeadlineExceeded, GatewayError, Unavailable
from workflow_runtime.gateway.port import ActivatedJob, Gateway, Resource, StreamRequest
from workflow_runtime.testing._diagrams import Diagrams

Call = Callable[..., Awaitable[Any]]

_COMMANDS = frozenset(
    {
        "activate_jobs",
        "broadcast_signal",
        "cancel_instance",
        "complete_job",
        "create_instance",
        "create_instance_with_result",
        "deploy",
        "fail_job",
        "publish_message",
        "resolve_incident",
        "set_variables",
        "throw_error",
        "topology",
        "update_job_retries",
        "update_job_timeout",
    }
)

_DISCONNECTED = "disconnected by process.faults"
_LONG_CALLS = frozenset({"activate_jobs", "create_instance_with_result"})


class Faults:
    """What shall go wrong between the service and the engine; nothing, at first."""

    def __init__(self) -> None:
        self._before: dict[str, deque[GatewayError]] = defaultdict(deque)
        self._after: dict[str, deque[GatewayError]] = defaultdict(deque)
        self._interrupt = asyncio.Event()
        self._disconnected = False
        self._over = False
        self.calls: list[str] = []
        """The names of all commands sent, in order."""

    def refuse(self, command: str, error: GatewayError | None = None, *, times: int = 1) -> None:
        """The next ``times`` calls of a command fail, and the engine never sees them.

        Without ``error`` they fail as if nobody was there (`Unavailable`).
        """
        failure = error or Unavailable(f"{command} was refused by process.faults")
        self._before[_known(command)].extend([failure] * times)

    def lose_answer(self, command: str, *, times: int = 1) -> None:
        """The engine executes the next ``times`` calls, but their answers never arrive."""
        failure = DeadlineExceeded(f"the answer to {command} was lost by process.faults")
        self._after[_known(command)].extend([failure] * times)

    def disconnect(self) -> None:
        """From now on nobody is there; calls in flight fail."""
        self._disconnected = True
        self._interrupt.set()

    def reconnect(self) -> None:
        """The engine answers again."""
        self._disconnected = False
        self._interrupt.clear()

    def end_polls(self) -> None:
        """The test is over: polls bring nothing from now on, and those in flight end."""
        self._over = True
        self._interrupt.set()

    async def apply(self, command: str, call: Call) -> Any:
        """Sends a command through the faults that are set for it."""
        self.calls.append(command)
        self.check()
        if self._before[command]:
            raise self._before[command].popleft()
        patient = command in _LONG_CALLS
        answer = await (self._interruptible(command, call) if patient else call())
        if self._after[command]:
            raise self._after[command].popleft()
        return answer

    def check(self) -> None:
        """Raises `Unavailable` while disconnected."""
        if self._disconnected:
            raise Unavailable(_DISCONNECTED)

    async def _interruptible(self, command: str, call: Call) -> Any:
        answer = asyncio.ensure_future(call())
        interrupt = asyncio.ensure_future(self._interrupt.wait())
        try:
            await asyncio.wait({answer, interrupt}, return_when=asyncio.FIRST_COMPLETED)
            answer.cancel()
            # A job may have been fetched at this very moment: it must not be lost.
            await asyncio.wait({answer})
            return self._interrupted(command) if answer.cancelled() else answer.result()
        finally:
            answer.cancel()
            interrupt.cancel()

    def _interrupted(self, command: str) -> Any:
        if self._over and command == "activate_jobs":
            return []
        raise Unavailable(_DISCONNECTED)


def _known(command: str) -> str:
    if command not in _COMMANDS:
        close = get_close_matches(command, _COMMANDS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(_COMMANDS))}."
        raise ValueError(f"no command {command!r}; {hint}")
    return command


class ObservedGateway:
    """Stands before the engine: applies faults and remembers which diagrams went by."""

    def __init__(self, inner: Gateway, faults: Faults, diagrams: Diagrams) -> None:
        self._inner = inner
        self._faults = faults
        self._diagrams = diagrams

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        return partial(self._send, name, method) if name in _COMMANDS else method

    async def deploy(self, resources: list[Resource], **options: Any) -> Any:
        self._diagrams.add(resources)
        return await self._send("deploy", self._inner.deploy, resources, **options)

    async def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        self._faults.check()
        async for job in self._inner.stream_jobs(request):
            self._faults.check()
            yield job

    async def _send(self, name: str, method: Call, *args: Any, **options: Any) -> Any:
        return await self._faults.apply(name, partial(method, *args, **options))


def observe(inner: Gateway, faults: Faults, diagrams: Diagrams) -> Gateway:
    """The gateway that a test's service talks to."""
    return cast("Gateway", ObservedGateway(inner, faults, diagrams))
