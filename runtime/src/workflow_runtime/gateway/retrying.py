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
from workflow_runtime.gateway.errors import (
    DeadlineExceeded,
    GatewayError,
    GatewayInternal,
    TransientGatewayError,
    Unauthenticated,
)

__all__ = ["GatewayBackoff", "again_if_idempotent", "again_if_not_executed", "resend"]

Result = TypeVar("Result")
Judge = Callable[[GatewayError], bool]

_SLOW = 5.0
_UNCLEAR = frozenset({"INTERNAL", "UNKNOWN"})


class GatewayBackoff(Backoff):
    """Waits that also depend on what the gateway has answered."""

    __slots__ = ()

    def after(self, error: GatewayError) -> float:
        """Seconds to wait after this answer."""
        if isinstance(error, Unauthenticated) or error.status == "UNIMPLEMENTED":
            return _SLOW * (0.8 + 0.2 * self.rand())
        return self.next()


def again_if_idempotent(error: GatewayError) -> bool:
    """For commands that may be executed twice without harm."""
    if isinstance(error, GatewayInternal):
        return error.status in _UNCLEAR
    return isinstance(error, TransientGatewayError | Unauthenticated)


def again_if_not_executed(error: GatewayError) -> bool:
    """For commands that must not be executed twice: only where the first surely was not."""
    if isinstance(error, DeadlineExceeded):
        return False
    return error.never_executed or isinstance(error, Unauthenticated)


async def resend(
    call: Callable[[], Awaitable[Result]],
    *,
    until: Callable[[], float],
    judge: Judge = again_if_idempotent,
    notice: Callable[[GatewayError], None] = lambda _: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Awaits ``call`` until it succeeds, cannot succeed, or ``until()`` (monotonic) is over.

    Raises:
        GatewayError: the last answer.
    """
    backoff = GatewayBackoff()
    while True:
        try:
            return await call()
        except GatewayError as error:
            wait = backoff.after(error)
            if not judge(error) or clock() + wait >= until():
                raise
            notice(error)
        await sleep(wait)
