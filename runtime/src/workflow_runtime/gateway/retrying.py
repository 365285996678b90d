"""Sending a command again, by the code that came back.

UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, ABORTED and CANCELLED are worth another try,
with exponential backoff and full jitter; refused credentials and what the gateway does not
offer are tried again slowly, because they are repaired by people. Job commands also repeat
INTERNAL and UNKNOWN: they are idempotent (the second one finds the job gone), and the handler's
work must not be thrown away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from workflow_runtime.backoff import Backoff
from workflow_runtime.errors import CommandFailed, Executed
from workflow_runtime.gateway.errors import (
    BrokenOff,
    Closed,
    DeadlineExceeded,
    GatewayError,
    GatewayInternal,
    NotFound,
    TransientGatewayError,
    Unauthenticated,
)
from workflow_runtime.gateway.execution import has_left, never_left

__all__ = [
    "Doubts",
    "GatewayBackoff",
    "again_if_idempotent",
    "again_if_not_executed",
    "answered",
    "resend",
    "send_command",
]

Result = TypeVar("Result")
Judge = Callable[[GatewayError], bool]

_SLOW = 5.0
"""Seconds between attempts where only people can help."""
_UNCLEAR = frozenset({"INTERNAL", "UNKNOWN", BrokenOff.code})
"""Statuses after which nobody knows whether the command was executed, or would be next time."""


class GatewayBackoff(Backoff):
    """Waits that also depend on what the gateway has answered."""

    __slots__ = ()

    def after(self, error: GatewayError) -> float:
        """Computes the wait after an answer.

        Args:
            error: what the gateway has answered.

        Returns:
            Seconds: a few after what only people can mend, otherwise more with each failure.
        """
        if isinstance(error, Unauthenticated) or error.status == "UNIMPLEMENTED":
            # Spread a little: one mistake refuses all services at the same moment.
            return _SLOW * (0.8 + 0.2 * self.rand())
        return self.next()


def again_if_idempotent(error: GatewayError) -> bool:
    """Judges for commands that may be executed twice without harm.

    Args:
        error: what the gateway has answered.

    Returns:
        Whether to send the command again.
    """
    if isinstance(error, GatewayInternal):
        return error.status in _UNCLEAR
    return _may_pass(error)


def again_if_not_executed(error: GatewayError) -> bool:
    """Judges for commands that must not be executed twice, such as the start of an instance.

    Args:
        error: what the gateway has answered.

    Returns:
        Whether to send the command again: only if the first one surely was not executed.
    """
    # Credentials are looked at before anything is executed.
    return error.never_executed and _may_pass(error)


def _may_pass(error: GatewayError) -> bool:
    transient = isinstance(error, TransientGatewayError | Unauthenticated)
    return transient and not isinstance(error, Closed)


async def resend(
    call: Callable[[], Awaitable[Result]],
    *,
    until: Callable[[], float],
    judge: Judge = again_if_idempotent,
    notice: Callable[[GatewayError], None] = lambda _: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Makes a call until it succeeds, cannot succeed, or the time is over.

    Args:
        call: makes the call anew each time.
        until: when to give up, in seconds of ``clock``; asked after each failure, because a
            job's deadline moves.
        judge: whether an answer is worth another call.
        notice: told of each answer that is followed by another call.
        sleep: waits for seconds.
        clock: the time in seconds, monotonic.

    Returns:
        What the call returned.

    Raises:
        GatewayError: the last answer.
    """
    backoff = GatewayBackoff()
    while True:
        try:
            return await call()
        except GatewayError as error:
            wait = backoff.after(error)
            # No attempt begins after the end, and nobody waits for one that would.
            if not judge(error) or clock() + wait >= until():
                raise
            notice(error)
        await sleep(wait)


async def answered(call: Callable[[], Awaitable[Result]], until: float) -> Result:
    """Makes a call that is given up when the time is over, whatever its own limit is.

    Args:
        call: makes the call.
        until: when, in monotonic seconds.

    Returns:
        What the call returned.

    Raises:
        GatewayError: its answer; `DeadlineExceeded` if there was none in time.
    """
    try:
        async with asyncio.timeout(until - time.monotonic()) as limit:
            return await call()
    except TimeoutError as over:
        if not limit.expired():
            raise
        if has_left(over):
            raise DeadlineExceeded("no answer in time") from None
        raise never_left(DeadlineExceeded("no token in time, it was not sent")) from None


async def send_command(
    call: Callable[[], Awaitable[Result]],
    *,
    until: float,
    idempotent: bool,
    not_found: type[CommandFailed],
    notice: Callable[[GatewayError], None],
) -> Result:
    """Sends a command of the control interface, and raises what its users know.

    Args:
        call: sends the command.
        until: when to give up, in monotonic seconds.
        idempotent: whether it may be executed twice without harm.
        not_found: raised where the engine does not know the command's target.
        notice: told of each answer that is followed by another try.

    Returns:
        The engine's answer.

    Raises:
        CommandFailed: the engine refused, or could not be reached in time.
    """
    doubts = Doubts(notice)
    judge = again_if_idempotent if idempotent else again_if_not_executed
    try:
        return await resend(call, until=lambda: until, judge=judge, notice=doubts)
    except GatewayError as error:
        kind = not_found if isinstance(error, NotFound) else CommandFailed
        raise kind(
            error.message or error.status, status=error.status, executed=doubts.executed(error)
        ) from error


class Doubts:
    """Whether a command that failed may have been executed by one of its tries.

    Args:
        notice: told as well of each answer that is followed by another try.
    """

    def __init__(self, notice: Callable[[GatewayError], None]) -> None:
        self._notice = notice
        self._any = False

    def __call__(self, error: GatewayError) -> None:
        """Notes an answer that is followed by another try."""
        self._any |= not error.never_executed
        self._notice(error)

    def executed(self, last: GatewayError) -> Executed:
        """Judges when there is no other try.

        Args:
            last: the last answer.

        Returns:
            ``no`` if every try surely had no effect, else ``unknown``.
        """
        return "unknown" if self._any or not last.never_executed else "no"
