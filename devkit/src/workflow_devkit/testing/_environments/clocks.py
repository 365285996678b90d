"""Time in tests: the embedded engine's clock, and the one of a real broker."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.error import URLError
from urllib.request import Request, urlopen

from typing_extensions import override

from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.urls import redacted

__all__ = ["BrokerClock", "Clock", "EmbeddedClock"]

Settle = Callable[[], Awaitable[None]]


class Clock(ABC):
    """The engine's clock: stands still until it is moved."""

    async def advance(self, duration: timedelta | None = None, **parts: float) -> None:
        """Moves on, and lets happen what is due until then.

        Args:
            duration: how far; instead of it, parts of a `timedelta` may be given.
            parts: such as ``days=30``.

        Raises:
            ValueError: the duration is negative.
        """
        span = timedelta(**parts) if duration is None else duration
        if span < timedelta(0):
            raise ValueError(f"a clock cannot go back ({span})")
        await self._advance(span)

    @abstractmethod
    def now(self) -> datetime:
        """The engine's time."""

    @abstractmethod
    async def skip(self) -> bool:
        """Jumps to whatever is due next; false if nothing is."""

    @abstractmethod
    async def _advance(self, span: timedelta) -> None: ...


class EmbeddedClock(Clock):
    """The clock of an embedded engine.

    Moves from one due moment to the next; handlers run at each before time goes on.
    """

    def __init__(self, gateway: EmbeddedGateway, settle: Settle) -> None:
        self._gateway = gateway
        self._settle = settle

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now() / 1000, UTC)

    @override
    async def skip(self) -> bool:
        due = self._gateway.engine.next_due()
        if due is None:
            return False
        await self._move_to(due)
        return True

    @override
    async def _advance(self, span: timedelta) -> None:
        end = self._now() + _milliseconds(span)
        # Handlers end before time moves, or their jobs would time out (semantics#job-timeout).
        await self._settle()
        while (due := self._gateway.engine.next_due()) is not None and due <= end:
            await self._move_to(due)
            await self._settle()
        await self._move_to(end)

    def _now(self) -> int:
        return self._gateway.engine.clock.now_ms()

    async def _move_to(self, moment: int) -> None:
        # What is due may lie in the past already; no clock goes back.
        await self._gateway.advance(timedelta(milliseconds=max(0, moment - self._now())))


class BrokerClock(Clock):
    """Moves a broker's clock through its management port.

    The broker must run with ``ZEEBE_CLOCK_CONTROLLED=true`` and
    ``MANAGEMENT_ENDPOINT_CLOCK_ENABLED=true``. It jumps: what is due on the way happens at its end.
    """

    def __init__(self, monitoring: str, settle: Settle, unavailable: Callable[[str], None]) -> None:
        self._url = f"{monitoring.rstrip('/')}/actuator/clock" if monitoring else ""
        self._settle = settle
        # It raises (`pytest.skip`): nothing that stands behind a call of it is done.
        self._unavailable = unavailable
        self._moved = timedelta(0)

    @override
    def now(self) -> datetime:
        # The broker's clock goes on from where it was moved to. Only this test's moves are known.
        return datetime.now(UTC) + self._moved

    @override
    async def skip(self) -> bool:
        self._unavailable(
            "a broker does not tell what is due next: skip_idle needs the embedded one"
        )
        return False

    @override
    async def _advance(self, span: timedelta) -> None:
        await self._settle()
        if not self._url:
            self._unavailable("the broker's clock cannot be moved without --workflow-monitoring")
        try:
            # In a thread: urllib would hold up the service, which runs on the same loop.
            await asyncio.to_thread(self._post, {"offsetMilli": _milliseconds(span)})
        except URLError as error:
            self._unavailable(
                f"the broker's clock cannot be moved: {redacted(self._url)}: {error.reason}"
            )
        self._moved += span
        # The broker jumps: what became due on the way is done only now.
        await self._settle()

    def _post(self, body: dict[str, int]) -> None:
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self._url}/add", json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - the address that the user gave
        with urlopen(request, timeout=5) as answer:  # noqa: S310 - the user gave it
            answer.read()


def _milliseconds(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)
