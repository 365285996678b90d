"""From incidents to people: told once, counted, limited, and in nobody's way."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from workflow_runtime._log.repeats import Repeats
from workflow_runtime.alerts._delivery import Delivery, Sleep
from workflow_runtime.alerts.channels import Channel, named
from workflow_runtime.alerts.flapping import Flapping
from workflow_runtime.alerts.limits import RateLimit
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.replicas import Replicas
from workflow_runtime.alerts.stories import Stories
from workflow_runtime.alerts.text import Wording
from workflow_runtime.alerts.waiting import Waiting
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.observers import IncidentAlert, Observer

if TYPE_CHECKING:
    from workflow_runtime.alerts.watcher import OperateWatcher
    from workflow_runtime.workflow import Workflow

__all__ = ["AlertDispatcher", "alerts_of", "watchers_of"]

_TICK = 1.0
"""Seconds between two looks at what has become due."""
_FLUSH_SECONDS = 5.0
"""Seconds for what waits as the service stops; a lifespan hook is cancelled after ten or less."""
_ASKING_SECONDS = 2.0
"""Of them, for what is asked of the engine before."""


class AlertDispatcher(Observer):
    """Tells every channel of incidents, and the log of each one, at once.

    Args:
        service: the service's name, for notices about it.
        channels: where notices go besides the log.
        wording: links to Operate and to a runbook.
        window: between two notices about the same element and error.
        per_minute: notices that a channel is sent in a minute; what is above comes as one with a
            count.
        clock: gives seconds that only grow.
        sleep: waits for so many seconds.
        replicas: what this one shares with others; None where there are no others.
    """

    def __init__(
        self,
        service: str,
        channels: Sequence[Channel] = (),
        *,
        wording: Wording | None = None,
        window: timedelta = timedelta(minutes=10),
        per_minute: int = 10,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        replicas: Replicas | None = None,
    ) -> None:
        self._service = service
        self._wording = wording or Wording()
        self.stories = Stories(
            self._wording,
            window.total_seconds(),
            self._tell,
            clock,
            replicas=replicas,
        )
        """What is told of incidents, and by which replica."""
        self._flapping = Flapping()
        self._repeats = Repeats()
        self._clock = clock
        self._deliveries = [
            Delivery(
                name,
                channel,
                Waiting(service, RateLimit(per_minute, clock())),
                clock=clock,
                sleep=sleep,
            )
            for name, channel in named(channels).items()
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, workflow: Workflow | None = None) -> None:
        """Starts the tasks that send: one for each channel, and one for what becomes due.

        Args:
            workflow: whose observers are told what has become of each notice.
        """
        for delivery in self._deliveries:
            delivery.observers = workflow.observers if workflow else Observer()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(delivery.run()) for delivery in self._deliveries]
        self._tasks.append(loop.create_task(self._tick_for_ever()))
        self._tasks.append(loop.create_task(self.stories.run()))

    async def stop(self) -> None:
        """Sends what waits, for some seconds; logs the rest."""
        self._release()
        try:
            ends_at = asyncio.get_running_loop().time() + _FLUSH_SECONDS
            async with asyncio.timeout_at(ends_at):
                # Whether it is news is being asked of the engine, which may be away.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stories.settled(), _ASKING_SECONDS)
                self._release()
                for delivery in self._deliveries:
                    delivery.end(ends_at - asyncio.get_running_loop().time())
                settled = (delivery.settled() for delivery in self._deliveries)
                await asyncio.gather(self.stories.stop(), *settled)
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
        self.stories.raised(alert)

    @override
    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        self.stories.ended(key)

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
        # A thousand events that the engine refuses are two lines.
        fields = {"alert": str(notice.kind), "count": notice.count}
        self._repeats.say(title, "ERROR", "{}", notice.title, fields=fields)
        self._tell(notice)

    def tick(self) -> None:
        """Sends what has become due; called every second."""
        self.stories.tick()
        for notice in self._flapping.due(self._clock()):
            self._put(notice)
        for delivery in self._deliveries:
            delivery.tick()

    def _tell(self, notice: Notice) -> None:
        if told := self._flapping.take(notice, self._clock()):
            self._put(told)

    def _release(self) -> None:
        for notice in self._flapping.due(self._clock(), forced=True):
            self._put(notice)

    def _put(self, notice: Notice) -> None:
        for delivery in self._deliveries:
            delivery.put(notice)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self.tick()


def alerts_of(
    settings: WorkflowSettings, channels: Sequence[Channel], gateway: Gateway
) -> AlertDispatcher:
    """The dispatcher that the settings describe, with these channels besides the log.

    Args:
        settings: of the service.
        channels: where notices go besides the log.
        gateway: the engine, which the service's replicas share.
    """
    return AlertDispatcher(
        settings.service_name,
        channels,
        wording=Wording(settings.operate_url, settings.runbook_url),
        window=settings.alert_window,
        per_minute=settings.alerts_per_minute,
        replicas=Replicas(gateway, settings.service_name, watched=settings.watches_operate),
    )


def watchers_of(
    settings: WorkflowSettings, alerts: AlertDispatcher, processes: Collection[str]
) -> list[OperateWatcher]:
    """What watches Operate for incidents of these processes, if the settings want it."""
    if not settings.watches_operate:
        return []
    # aiohttp: 0.2 s of CPU, which only a service that watches Operate has to pay.
    from workflow_runtime.alerts.watcher import watcher_of  # noqa: PLC0415

    return [watcher_of(settings, alerts.stories, processes)]
