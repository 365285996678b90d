"""From incidents to people: told once, counted, limited, and in nobody's way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from workflow_runtime.alerts._delivery import Delivery, Sleep
from workflow_runtime.alerts.channels import Channel, log_notice
from workflow_runtime.alerts.grouping import Grouping
from workflow_runtime.alerts.limits import Held, RateLimit
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.text import Wording
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.observers import IncidentAlert, Observer

if TYPE_CHECKING:
    from workflow_runtime.alerts.watcher import OperateWatcher

__all__ = ["AlertDispatcher", "alerts_of", "watchers_of"]

_TICK = 1.0
"""Seconds between two looks at what has become due."""
_FLUSH_SECONDS = 5.0
"""Seconds for what waits as the service stops; a lifespan hook is cancelled after ten or less."""


class AlertDispatcher(Observer):
    """Tells every channel of incidents, and the log of each one, at once.

    Args:
        service: the service's name, for notices about it.
        channels: where notices go besides the log.
        wording: links to Operate and to a runbook.
        window: between two notices about the same element and error.
        per_minute: notices in a minute; what is above comes as one with a count.
        attempts: how often a channel that fails is tried for one notice.
        clock: gives seconds that only grow.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        service: str,
        channels: Sequence[Channel] = (),
        *,
        wording: Wording | None = None,
        window: timedelta = timedelta(minutes=10),
        per_minute: int = 10,
        attempts: int = 10,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._service = service
        self._wording = wording or Wording()
        self._grouping = Grouping(self._wording, window.total_seconds())
        self._limit = RateLimit(per_minute, clock())
        self._clock = clock
        self._held = Held()
        self._deliveries = [
            Delivery(channel, attempts=attempts, sleep=sleep) for channel in channels
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, _workflow: object = None) -> None:
        """Starts the tasks that send: one for each channel, and one for what becomes due."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(delivery.run()) for delivery in self._deliveries]
        self._tasks.append(loop.create_task(self._tick_for_ever()))

    async def stop(self) -> None:
        """Sends what waits, for some seconds; logs the rest."""
        # Beyond the rate limit: nobody will tell it later.
        self._release_held(force=True)
        try:
            async with asyncio.timeout(_FLUSH_SECONDS):
                for delivery in self._deliveries:
                    await delivery.settled()
        except TimeoutError:
            pass
        finally:
            # Also where the service has less time left than that, and cancels this.
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for delivery in self._deliveries:
                delivery.give_up()

    @override
    def incident_raised(self, alert: IncidentAlert) -> None:
        if self._grouping.knows(alert):
            return
        # Logged each time; sent only if it is news, else counted.
        log_notice(self._wording.incident(alert))
        self._tell(self._grouping.incident(alert, self._clock()))

    @override
    def incident_found(self, alert: IncidentAlert) -> None:
        self.incident_raised(alert)

    @override
    def incident_known(self, alert: IncidentAlert) -> None:
        # Told before a restart: it is remembered, so that its end is told.
        if not self._grouping.knows(alert):
            self._grouping.remember(alert, self._clock())

    @override
    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        notice = self._grouping.resolved(instance_key, key)
        if notice is not None:
            log_notice(notice)
            self._tell(notice)

    @override
    def event_parked(self, name: str, event_id: str, reason: str) -> None:
        self.tell(
            f"event {name} cannot be sent",
            f"{reason}\n\n"
            "Next: remove the cause, then `workflow outbox retry` sends it again; "
            "`workflow outbox purge --state parked` gives it up\n\n"
            f"Service: {self._service}\nEvent: {name}, id {event_id}",
        )

    def tell(self, title: str, body: str) -> None:
        """Tells of something else that needs a person, logged and sent at once."""
        notice = Notice(Kind.SERVICE, f"{self._service}: {title}", body)
        log_notice(notice)
        self._tell(notice)

    def tick(self) -> None:
        """Sends what has become due; called every second."""
        for notice in self._grouping.due(self._clock()):
            self._tell(notice)
        self._release_held()

    def _tell(self, notice: Notice | None) -> None:
        if notice is None:
            return
        # Behind what is held back already: no notice overtakes another.
        if self._held.count or not self._limit.take(self._clock()):
            self._held.add(notice)
            return
        self._put(notice)

    def _release_held(self, *, force: bool = False) -> None:
        held = self._held
        if held.count and (self._limit.take(self._clock()) or force):
            self._held = Held()
            self._put(self._merged(held))

    def _merged(self, held: Held) -> Notice:
        if held.only is not None:
            return held.only
        return self._wording.held_back(self._service, held.count, tuple(held.titles))

    def _put(self, notice: Notice) -> None:
        for delivery in self._deliveries:
            delivery.put(notice)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self.tick()


def alerts_of(settings: WorkflowSettings, channels: Sequence[Channel]) -> AlertDispatcher:
    """The dispatcher that the settings describe, with these channels besides the log."""
    return AlertDispatcher(
        settings.service_name,
        channels,
        wording=Wording(settings.operate_url, settings.runbook_url),
        window=settings.alert_window,
        per_minute=settings.alerts_per_minute,
    )


def watchers_of(settings: WorkflowSettings, processes: Collection[str]) -> list[OperateWatcher]:
    """What watches Operate for incidents of these processes, if the settings want it."""
    if not settings.operate_watch:
        return []
    # aiohttp: 0.2 s of CPU, which only a service that watches Operate has to pay.
    from workflow_runtime.alerts.watcher import watcher_of  # noqa: PLC0415

    return [watcher_of(settings, processes)]
