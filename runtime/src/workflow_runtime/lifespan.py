"""What starts and stops with a service: alerts, health, the outbox's relay, a user's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.lines import write_line

if TYPE_CHECKING:
    from workflow_runtime.health import OutboxHealth
    from workflow_runtime.workflow import Workflow

__all__ = ["Lifespan", "LifespanHook"]

_STOP_SECONDS = 10.0
"""How long each hook has for its end."""
_BEYOND_GRACE = 8.0
"""Seconds after the grace period for all of them: whoever kills a service waits ten."""
_LEAST = 1.0
"""Seconds that each has, however late it is; and again, once it is cancelled."""


class LifespanHook(Protocol):
    """Started with the service, in the order given; stopped in the reverse order.

    Handlers run after all hooks have started, and have ended before the first one is stopped;
    the gateway closes last.
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

        All hooks together have until 8 seconds after the grace period, and each a second at least.

        Called as well after a `start` that has failed, and not without any.
        """
        ...


@runtime_checkable
class _OutboxHook(Protocol):
    def outbox_health(self) -> tuple[str, OutboxHealth]: ...


class Lifespan:
    """The hooks of one run of a service.

    Args:
        hooks: in the order in which they start.
    """

    def __init__(self, hooks: Sequence[LifespanHook]) -> None:
        self.hooks = tuple(hooks)
        self._begun: list[LifespanHook] = []

    def outbox_health(self) -> dict[str, OutboxHealth]:
        """Looks at the outboxes whose relays are among the hooks.

        Returns:
            How each is, by the name of its table.
        """
        return dict(each.outbox_health() for each in self.hooks if isinstance(each, _OutboxHook))

    async def start(self, workflow: Workflow) -> None:
        """Starts the hooks one after the other; what one raises ends it.

        Args:
            workflow: the service that has been started.
        """
        for hook in self.hooks:
            # Before: one that fails half-way has something to clean up, those behind it have not.
            self._begun.append(hook)
            await hook.start(workflow)

    async def stop(self, grace_ends: float) -> None:
        """Stops hooks one after the other, the last one first; one that fails is logged.

        Args:
            grace_ends: when, in monotonic seconds.
        """
        # Who started later may use who started before.
        while self._begun:
            hook = self._begun.pop()
            left = grace_ends + _BEYOND_GRACE - time.monotonic()
            left = min(max(left, _LEAST), _STOP_SECONDS)
            if why := await _why_not(hook, left):
                write_line("WARNING", "{} did not stop: {}", type(hook).__name__, why)


async def _why_not(hook: LifespanHook, seconds: float) -> str:
    """Stops a hook; says why it did not come to its end, or nothing."""
    # In a task of its own: one whose `stop` awaits what it has cancelled raises CancelledError,
    # which is none of ours.
    stopping = asyncio.ensure_future(hook.stop())
    try:
        await asyncio.wait({stopping}, timeout=seconds)
    finally:
        late = stopping.cancel()
    if late:
        # Not for ever, as `wait_for` does: it may swallow its cancellation.
        await asyncio.wait({stopping}, timeout=_LEAST)
        return f"it took more than {seconds:.1f} s"
    if stopping.cancelled():
        return "CancelledError: it awaits a task that it has cancelled"
    error = stopping.exception()
    return kind_and_place(error) if error else ""
