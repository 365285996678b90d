"""Incidents that no worker caused: conditions, mappings, messages too large, dead services."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.alerts.grouping import Key, group_of
from workflow_runtime.alerts.lease import Lease
from workflow_runtime.alerts.operate import (
    OperateClient,
    OperateError,
    OperateIncident,
    operate_client,
)
from workflow_runtime.alerts.stories import Sight, Stories
from workflow_runtime.alerts.watched_times import WatchedTimes
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.observers import IncidentAlert, Observer

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["OperateWatcher", "watcher_of"]

_NAMELESS = 3
"""Looks for which an incident waits whose element Operate does not know yet."""
_MOST_ENDED = 100
"""Ended incidents that a look asks for: those of the minutes before it."""
_STANDBY = 1.0
"""Seconds between two looks at whether this replica has become the watcher."""


def _now() -> datetime:
    return datetime.now(UTC)


class OperateWatcher:
    """Polls Operate and tells of what has appeared and what is gone, in one replica of all.

    Operate is some seconds to a minute late; what workers caused has been told by then and is not
    told again.

    Args:
        client: where Operate is.
        stories: what is told, and by whom.
        service: the name under which alerts come.
        processes: BPMN ids to watch; empty watches all of the cluster.
        interval: between two looks.
        clock: gives the present time, with its zone.
    """

    def __init__(
        self,
        client: OperateClient,
        stories: Stories,
        *,
        service: str,
        processes: Collection[str] = (),
        interval: timedelta = timedelta(seconds=30),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = client
        self._stories = stories
        self._service = service
        self._processes = frozenset(processes)
        self._interval = interval.total_seconds()
        self._lease = Lease(stories.replicas)
        self._times = WatchedTimes(stories.replicas)
        self._clock = clock
        self._observers: Observer = Observer()
        # By incident: its group. None until the first look of a watch.
        self._open: dict[int, Key] | None = None
        # Those that had ended by the last look.
        self._ended: frozenset[int] = frozenset()
        self._nameless: Counter[int] = Counter()
        # Those that were told as found, whose end is told too.
        self._found: dict[int, IncidentAlert] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._log = StateLog()
        self._state = ""

    async def start(self, workflow: Workflow) -> None:
        """Begins to look, every ``interval``; the workflow's observers are told."""
        self.connect(workflow.observers)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._lease.run()), loop.create_task(self._run())]

    def connect(self, observers: Observer) -> None:
        """Says who is told, where nobody calls `start`."""
        self._observers = observers

    async def stop(self) -> None:
        """Ends at once; another replica takes over."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    async def look(self) -> None:
        """Looks once, and tells what has changed since the last time.

        Raises:
            OperateError: Operate is away or refuses.
        """
        known, now = self._open, self._clock()
        found: dict[int, Key] = {}
        new: dict[Key, list[IncidentAlert]] = {}
        items = await self._client.open_incidents()
        listed = {int(item["key"]) for item in items}
        # Others have ended without a name.
        self._nameless = Counter(
            {key: self._nameless[key] for key in self._nameless.keys() & listed}
        )
        for item in items:
            key = int(item["key"])
            group = (known or {}).get(key)
            if group is None:
                alert = await self._named(item)
                if alert is None:
                    continue
                group = group_of(alert)
                new.setdefault(group, []).append(alert)
            found[key] = group
        ended, all_ended = await self._ended_since(known, listed)
        sight = Sight(new, Counter(found.values()), ended=ended)
        if known is None:
            sight = replace(sight, adopting=True, earlier=await self._earlier(new, now))
        told = await self._stories.look(sight)
        # Last: a look that fails before is made again whole.
        self._open, self._ended = found, all_ended
        self._tell(told, found)
        with contextlib.suppress(GatewayError):
            await self._times.mark(now)

    def _tell(self, told: Sequence[IncidentAlert], found: Mapping[int, Key]) -> None:
        for alert in told:
            self._found[alert.incident_key] = alert
            self._observers.incident_found(alert)
        for key in self._found.keys() - found.keys():
            gone = self._found.pop(key)
            self._observers.incident_resolved(
                gone.process_id, gone.instance_key, gone.job_key or gone.incident_key
            )
        self._observers.incidents_open(Counter(process for process, *_ in found.values()))

    async def _named(self, item: Mapping[str, Any]) -> IncidentAlert | None:
        """An incident that is to be watched; None for others, and until Operate has its names."""
        process_id = await self._client.process_id(item)
        if self._processes and process_id not in self._processes:
            return None
        incident = await self._client.complete(item)
        if not incident.element_id and self._nameless[incident.key] < _NAMELESS:
            self._nameless[incident.key] += 1
            return None
        del self._nameless[incident.key]
        return self._alert(incident)

    async def _ended_since(
        self, known: Mapping[int, Key] | None, listed: Collection[int]
    ) -> tuple[Mapping[Key, Sequence[IncidentAlert]], frozenset[int]]:
        """Incidents that were raised and have ended since the last look; all that have ended."""
        items = {int(item["key"]): item for item in await self._client.ended_incidents(_MOST_ENDED)}
        # What ends while the look is made has been listed as open.
        seen = {*listed} if known is None else {*listed, *self._ended, *known}
        ended: dict[Key, list[IncidentAlert]] = {}
        for key in items.keys() - seen:
            if (alert := await self._named(items[key])) is not None:
                ended.setdefault(group_of(alert), []).append(alert)
        return ended, frozenset(items)

    async def _earlier(
        self, new: Mapping[Key, Sequence[IncidentAlert]], now: datetime
    ) -> frozenset[Key]:
        """Groups of which nothing is news as a watch begins."""
        try:
            oldest = now - await self._times.horizon()
            return frozenset(
                [group for group, alerts in new.items() if await self._are_old(alerts, oldest)]
            )
        except GatewayError:
            return frozenset()

    async def _are_old(self, alerts: Sequence[IncidentAlert], oldest: datetime) -> bool:
        minutes = {each.at.replace(second=0, microsecond=0) for each in alerts if each.at >= oldest}
        for minute in minutes:
            if not await self._times.had(minute):
                return False
        return True

    async def _run(self) -> None:
        while True:
            await self._turn()
            watching = self._lease.held
            await asyncio.sleep(self._interval if watching else min(_STANDBY, self._interval))

    async def _turn(self) -> None:
        if not self._lease.held:
            self._stand_by()
            return
        try:
            await self.look()
        except OperateError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001 - the watcher never ends
            self._complain(kind_and_place(error))
        else:
            self._enter("watching")
            self._log.enter("", "INFO", "incidents are watched here")

    def _stand_by(self) -> None:
        if self._lease.known is None:
            return
        if not self._lease.known:
            # What was seen stays: nobody else can have taken over yet.
            self._complain("the engine does not say which replica watches")
            return
        if self._open is not None:
            self._open = None
            self._found.clear()
            self._stories.hand_over()
        self._enter("standby")
        self._log.enter("standby", "INFO", "another replica watches incidents, or did just now")

    def _alert(self, incident: OperateIncident) -> IncidentAlert:
        return IncidentAlert(
            service=self._service,
            process_id=incident.process_id,
            instance_key=incident.instance_key,
            element_id=incident.element_id,
            job_key=incident.job_key,
            job_type="",
            message=incident.message,
            attempts=(),
            retries=0,
            at=incident.created_at,
            error_type=incident.error_type,
            incident_key=incident.key,
            element_instance_key=incident.element_instance_key,
        )

    def _enter(self, state: str) -> None:
        if state == self._state:
            return
        self._state = state
        self._observers.watcher_state(state)
        if state != "watching":
            self._observers.incidents_unwatched()

    def _complain(self, what: str) -> None:
        self._stories.blind()
        self._enter("blind")
        text = "incidents are not watched: {}; trying again until it works"
        self._log.enter("away", "WARNING", text, what)


def watcher_of(
    settings: WorkflowSettings, stories: Stories, processes: Collection[str]
) -> OperateWatcher:
    """The watcher that the settings describe.

    Raises:
        ConfigurationError: no address of Operate, or a password over a plain line.
    """
    return OperateWatcher(
        operate_client(settings),
        stories,
        service=settings.service_name,
        processes=processes,
        interval=settings.operate_interval,
    )
