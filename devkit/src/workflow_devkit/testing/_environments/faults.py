"""Lets commands to the engine fail on purpose."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, Final

from workflow_devkit.engine.faults import Faults as LineFaults
from workflow_runtime.gateway.errors import DeadlineExceeded, GatewayError, Unavailable
from workflow_runtime.gateway.execution import never_left
from workflow_runtime.gateway.port import Gateway

__all__ = ["COMMANDS", "Call", "Faults"]

Call = Callable[..., Awaitable[Any]]

COMMANDS: Final = frozenset(
    name for name, each in vars(Gateway).items() if iscoroutinefunction(each) and name != "close"
)
"""Every call of the port that is one command and one answer: all but ``stream_jobs``."""
_DISCONNECTED: Final = "disconnected by process.faults"
_LONG_CALLS: Final = frozenset({"activate_jobs", "create_instance_with_result"})
"""Commands whose answers wait for what happens in the engine (semantics#job-long-poll,
semantics#instance-result)."""


class Faults:
    """What shall go wrong between the service and the engine; nothing, at first.

    Chance is the same in each run: a test that fails once fails again.

    Attributes:
        calls: the names of all commands sent, in order.
    """

    def __init__(self) -> None:
        self._line = LineFaults(random.Random(0).random, names=COMMANDS)  # noqa: S311 - no secret
        self._interrupt = asyncio.Event()
        self._disconnected = False
        self._over = False
        self.calls: list[str] = []

    def refuse(
        self,
        command: str,
        error: GatewayError | None = None,
        *,
        times: int = 1,
        probability: float = 1.0,
    ) -> None:
        """Lets calls of a command fail; the engine never sees them.

        Args:
            command: a method of `Gateway`, such as ``complete_job``.
            error: what they fail with; without it `Unavailable`, as if nobody was there.
            times: how many of the next calls; -1 for all.
            probability: of each call to be one of them, from 0 to 1.
        """
        failure = error or never_left(Unavailable(f"{command} was refused by process.faults"))
        self._line.fail(command, failure, times=times, probability=probability)

    def lose_answer(self, command: str, *, times: int = 1, probability: float = 1.0) -> None:
        """Lets the engine execute calls of a command whose answers never arrive.

        Args:
            command: a method of `Gateway`.
            times: how many of the next calls; -1 for all.
            probability: of each call to be one of them, from 0 to 1.
        """
        failure = DeadlineExceeded(f"the answer to {command} was lost by process.faults")
        self._line.lose_answer(command, failure, times=times, probability=probability)

    def delay(
        self, command: str, seconds: float, *, times: int = -1, probability: float = 1.0
    ) -> None:
        """Lets calls of a command take longer.

        Args:
            command: a method of `Gateway`.
            seconds: how much longer, in real time.
            times: how many of the next calls; -1 for all.
            probability: of each call to be one of them, from 0 to 1.
        """
        self._line.delay(command, seconds, times=times, probability=probability)

    def freeze(self, command: str | None = None) -> None:
        """Lets calls wait until `thaw`.

        Args:
            command: the method of `Gateway` whose calls wait; None for every command.
        """
        self._line.freeze(command)

    def thaw(self, command: str | None = None) -> None:
        """Lets calls through again, and executes those that wait.

        Args:
            command: the method of `Gateway` whose calls go on; None for every command.
        """
        self._line.thaw(command)

    def disconnect(self) -> None:
        """Lets all calls fail from now on, those in flight too, as if nobody was there."""
        self._disconnected = True
        self._interrupt.set()

    def reconnect(self) -> None:
        """Ends what `disconnect` began."""
        self._disconnected = False
        self._interrupt.clear()

    def end_polls(self) -> None:
        """Ends all faults and the polls in flight; later polls bring nothing."""
        self._over = True
        self._line.clear()
        self._interrupt.set()

    async def apply(self, command: str, call: Call) -> Any:
        """Sends a command through the faults that are set for it.

        Args:
            command: the name of the method of `Gateway`.
            call: sends it to the engine, without arguments.

        Returns:
            What the engine has answered; no jobs for a poll that `end_polls` has ended.

        Raises:
            GatewayError: a fault lets it fail, or the engine refuses it.
        """
        self.calls.append(command)
        self.check()
        # The others are answered at once; a disconnection has to break these off.
        patient = command in _LONG_CALLS
        async with self._line.around(command):
            return await (self._interruptible(command, call) if patient else call())

    def check(self) -> None:
        """Lets a call fail while the service is disconnected.

        Raises:
            Unavailable: `disconnect` was called, and not yet `reconnect`.
        """
        if self._disconnected:
            raise never_left(Unavailable(_DISCONNECTED))

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
            # This call itself may have been cancelled while it waited.
            answer.cancel()
            interrupt.cancel()

    def _interrupted(self, command: str) -> Any:
        if self._over and command == "activate_jobs":
            return []
        raise Unavailable(_DISCONNECTED)
